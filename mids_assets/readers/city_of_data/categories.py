"""Categories of powersets: what kind of sets are in each, and whose they are.

A powerset's file says neither. The classes name the categories of their primary and secondary sets; the other
categories are known by their name.
Does not belong here: the powersets themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from mids_assets.readers.city_of_data.archetypes import PLAYER_RANK, class_name
from mids_assets.readers.city_of_data.typed import decoded
from mids_assets.readers.json_exact import RecordFault

_PRIMARY, _SECONDARY = 1, 2
_SET_TYPES = {
    "epic": 3,
    "inherent": 4,
    "pool": 5,
    "temporary_powers": 7,
    "pets": 8,
    "mastermind_pets": 8,
    "villain_pets": 8,
    "kheldian_pets": 8,
    "set_bonus": 9,
    "boosts": 10,
    "incarnate": 11,
    "redirects": 12,
}
"""Category -> number of enumeration power_set_type."""
_INCARNATE_PARTS = "incarnate_"
"""The Incarnate categories of single issues, such as Incarnate_I20, begin like this."""


@dataclass(frozen=True, slots=True)
class Role:
    """`set_type`: number of power_set_type, None where neither a class nor the name tells. `archetype_class`: the class
    that the sets are for, empty where they are for no one class."""

    set_type: int | None
    archetype_class: str = ""


class _Class(msgspec.Struct, gc=False):
    name: str
    default_rank: str
    primary_category: str
    secondary_category: str


_CLASS = msgspec.json.Decoder(_Class)


def class_categories(files: Iterable[bytes]) -> dict[str, Role]:
    """Category in small letters -> role, of the classes of players; `files` are the class files of the export.

    Pets name categories, too, which are not theirs. A file that is damaged says nothing: its reader tells.
    """
    found: dict[str, Role] = {}
    for content in files:
        try:
            one = decoded(_CLASS, content)
        except RecordFault:
            continue
        if one.default_rank == PLAYER_RANK:
            name = class_name(one.name)
            found.setdefault(one.primary_category.lower(), Role(_PRIMARY, name))
            found.setdefault(one.secondary_category.lower(), Role(_SECONDARY, name))
    return found


def role_of(category: str, of_classes: Mapping[str, Role]) -> Role:
    """The role of the sets of a category, from the classes, else from the category's name."""
    folded = category.lower()
    if folded in of_classes:
        return of_classes[folded]
    return Role(_SET_TYPES.get("incarnate" if folded.startswith(_INCARNATE_PARTS) else folded))
