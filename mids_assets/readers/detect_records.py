"""What the records of a JSON file are, told by the keys of its first ones; only the file's beginning is looked at.

Does not belong here: every other sign of a kind (`readers.detect`), reading the records.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import ijson

from mids_assets.readers.json_stream import JsonStream

MIDS_JSON = "mids_json"
"""An entry of a Mids.zip that somebody unpacked."""

_SIGNS: tuple[tuple[str, frozenset[str]], ...] = (
    ("exporter_i12", frozenset({"PowersetName", "Name"})),
    ("exporter_i12", frozenset({"PowersetName", "InternalName"})),
    ("exporter_archetypes", frozenset({"id", "name", "primary_category"})),
    ("exporter_powersets", frozenset({"id", "name", "set_type", "archetype_id"})),
    ("exporter_powers", frozenset({"id", "name", "powerset_id"})),
    ("exporter_enhancements", frozenset({"id", "name", "type_class"})),
    ("exporter_recipes", frozenset({"id", "enhancement_id", "rarity"})),
    ("exporter_salvage", frozenset({"id", "name", "rarity", "origin"})),
    (MIDS_JSON, frozenset({"ClassName", "DisplayName"})),
    (MIDS_JSON, frozenset({"FullName", "SetName"})),
    (MIDS_JSON, frozenset({"UID", "PowersetFullName"})),
)
"""Kind -> keys that tell it; the first row that fits counts. A whole database (Database.json) is none of these."""
_TRIES = 20
"""One wrong record must not hide what the others are."""


def record_kind(head: bytes) -> str | None:
    """The kind of records in a file that begins with `head`, cut anywhere; None where their keys say nothing."""
    for number, keys in enumerate(_first_records(head)):
        if number == _TRIES:
            break
        for kind, sign in _SIGNS:
            if sign <= keys:
                return kind
    return None


def _first_records(head: bytes) -> Iterator[set[str]]:
    """Keys of the objects of the array, of the first array of objects in the root object, or of the root itself."""
    records: list[set[str]] = []
    root: set[str] = set()
    current: set[str] | None = None
    stack: list[str] = []
    try:
        for event, value in ijson.basic_parse(JsonStream(BytesIO(head)), multiple_values=True):
            if event == "map_key":
                if stack == ["map"]:
                    root.add(value)
                elif current is not None and len(stack) == len(_DEPTHS[stack[0]]) + 1:
                    current.add(value)
            elif event in ("start_map", "start_array"):
                stack.append(event.removeprefix("start_"))
                if stack[:-1] == _DEPTHS.get(stack[0]) and stack[-1] == "map":
                    current = set()
                    records.append(current)
            elif event in ("end_map", "end_array"):
                stack.pop()
            if len(records) > _TRIES:
                break
    except (ijson.JSONError, UnicodeDecodeError, ValueError):
        pass  # The head is cut, or the file is damaged from here on.
    if root:
        yield root
    yield from records


_DEPTHS = {"array": ["array"], "map": ["map", "array"]}
"""Kind of the root -> what is open around a record."""
