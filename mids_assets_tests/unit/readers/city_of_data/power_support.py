"""One made-up power file (mids_assets_tests/city.py), to be changed by keyword. Nothing but that."""

from __future__ import annotations

from typing import Any

from mids_assets_tests import city


def power(**changes: Any) -> dict[str, Any]:
    (content,) = city.power(changes.pop("full_name", "Invented_Melee.Some_Set.Some_Power"), **changes).values()
    return content


def node(**changes: Any) -> dict[str, Any]:
    return city.effect(*changes.pop("templates", ()), **changes)


def template(**changes: Any) -> dict[str, Any]:
    attributes = changes.pop("attribs", ["Fire_Dmg"])
    return city.template(*attributes, **changes)
