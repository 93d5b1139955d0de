"""One made-up power file (mids_assets_tests/city.py), to be changed by keyword. Nothing but that."""

from __future__ import annotations

from typing import Any

from mids_assets_tests import city


def power(full_name: str = "Invented_Melee.Some_Set.Some_Power", **changes: Any) -> dict[str, Any]:
    (content,) = city.power(full_name, **changes).values()
    return content


def node(**changes: Any) -> dict[str, Any]:
    return city.effect(*changes.pop("templates", ()), **changes)


def template(**changes: Any) -> dict[str, Any]:
    attributes = changes.pop("attribs", ["Fire_Dmg"])
    return city.template(*attributes, **changes)
