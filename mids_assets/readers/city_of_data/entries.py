"""Which files an export has, told by their place in it, and the keys by which each kind is known.

Pure: names and bytes in, kinds out.
Does not belong here: opening anything, the order of the files (`export`), what their keys mean (the decoders).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

import msgspec

from mids_assets.readers.json_structure import BOM
from mids_assets.readers.source_parts import DEPTH

FOLDERS = ("powers", "archetypes", "tables", "boost_sets", "tags", "exclusion_groups", "recharge_groups")
MAIN_FOLDERS = ("powers", "archetypes", "boost_sets")
"""An export without any of these holds nothing that a planner could use."""


class EntryKind(StrEnum):
    """Every kind of file that is kept of an export."""

    CATEGORY = "category"
    POWERSET = "powerset"
    POWER = "power"
    ARCHETYPE_INDEX = "archetype_index"
    ARCHETYPE = "archetype"
    TABLE = "table"
    BOOST_SET_INDEX = "boost_set_index"
    BOOST_SET = "boost_set"
    TAG = "tag"
    EXCLUSION_GROUP = "exclusion_group"
    RECHARGE_GROUP = "recharge_group"
    MANIFEST = "manifest"
    """Made by whoever filtered the export, not by the game."""


_PART = r"[^/.][^/]*"
"""A name that begins with a point is some program's own, such as the ._ files of macOS beside every other."""
_NAME = rf"(?!index\.json$){_PART}\.json"
_PLACES = {
    EntryKind.CATEGORY: rf"powers/{_PART}/index\.json",
    EntryKind.POWERSET: rf"powers/{_PART}/{_PART}/index\.json",
    EntryKind.POWER: rf"powers/{_PART}/{_PART}/{_NAME}",
    EntryKind.ARCHETYPE_INDEX: r"archetypes/index\.json",
    EntryKind.ARCHETYPE: rf"archetypes/{_NAME}",
    EntryKind.TABLE: rf"tables/{_NAME}",
    EntryKind.BOOST_SET_INDEX: r"boost_sets/index\.json",
    EntryKind.BOOST_SET: rf"boost_sets/{_NAME}",
    EntryKind.TAG: rf"tags/{_NAME}",
    EntryKind.EXCLUSION_GROUP: rf"exclusion_groups/{_NAME}",
    EntryKind.RECHARGE_GROUP: rf"recharge_groups/{_NAME}",
    EntryKind.MANIFEST: r"(?:[^/.][^/]*_)?manifest\.json",
}
_KEYS = {
    EntryKind.CATEGORY: {"powerset_names", "powerset_display_names"},
    EntryKind.POWERSET: {"power_names", "power_display_names"},
    EntryKind.POWER: {"full_name", "powerset", "effects"},
    EntryKind.ARCHETYPE_INDEX: {"revision", "player_archetypes"},
    EntryKind.ARCHETYPE: {"class_key", "named_tables"},
    EntryKind.TABLE: {"base_perception", "named_tables"},
    EntryKind.BOOST_SET_INDEX: {"revision", "set_names"},
    EntryKind.BOOST_SET: {"boost_lists", "bonuses"},
    EntryKind.TAG: {"tag", "bears", "affects"},
    EntryKind.EXCLUSION_GROUP: {"group", "powers"},
    EntryKind.RECHARGE_GROUP: {"group", "powers"},
}
_ENTRY = re.compile("|".join(f"(?P<{kind}>{place})" for kind, place in _PLACES.items()), re.IGNORECASE)


def entry_kind(entry: str) -> EntryKind | None:
    """The kind of the file at `entry`, its place in the export (`powers/pool/fitness/index.json`); None = not kept."""
    found = _ENTRY.fullmatch(entry)
    return EntryKind(str(found.lastgroup)) if found else None


def split_root(name: str) -> tuple[str, str] | None:
    """The folder of the export (with its slash, '' at the top) and the entry that a path in an archive is; None where
    it can be no file of an export."""
    parts = name.split("/")
    for depth in range(min(DEPTH, len(parts) - 1) + 1):
        entry = "/".join(parts[depth:])
        if entry_kind(entry):
            return "".join(f"{part}/" for part in parts[:depth]), entry
    return None


def is_of_kind(kind: EntryKind, data: bytes) -> bool:
    """Whether the bytes are a JSON object with the keys of this kind."""
    try:
        value = msgspec.json.decode(data.removeprefix(BOM))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return isinstance(value, dict) and kind in _KEYS and value.keys() >= _KEYS[kind]


def has_keys_of_a_kind(value: Mapping[str, object]) -> bool:
    """Whether an object has the keys of any kind, wherever it lies."""
    return any(value.keys() >= keys for keys in _KEYS.values())
