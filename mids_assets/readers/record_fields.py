"""Every field of an entity's record by its path, and under which keys each shape of raw JSON holds it.

A path is spelled as in the quarantine, with empty brackets for "each item": `effects[].scale`. All of it derives from
the layouts and the alias tables. Does not belong here: decoding, the tables of the model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from mids_assets.readers.json_model import RECORDS
from mids_assets.readers.layout import Record
from mids_assets.readers.shapes import SHAPES, Formula, FullName, Key, Named, Pairs, Parallel, Place, Shape

_STEP = re.compile(r"\[(\d*)\]|([^.\[\]]+)")
_Records = Mapping[str, Record]


@dataclass(frozen=True, slots=True)
class RecordField:
    """`type`: its wire type, with `[]` behind it for a list. `keys`: shape -> places in its raw JSON, best first.

    A shape that does not hold the field has no entry in `keys`.
    """

    path: str
    type: str
    keys: Mapping[str, tuple[str, ...]]


@cache
def record_fields(entity: str) -> Mapping[str, RecordField]:
    """All fields of the record in order, a list or an inner record before what is in it. KeyError on another name."""
    records, root = RECORDS[entity]
    places = {name: dict(_places(shape, records, records[root], "", "")) for name, shape in SHAPES.items()}
    return {
        path: RecordField(path, wire, {name: found[path] for name, found in places.items() if path in found})
        for path, wire in _types(records, records[root], "")
    }


def value_at(value: Any, place: str, indexes: Sequence[int] = ()) -> Any:
    """What a decoded JSON record holds at a place of `RecordField.keys`; None where there is nothing.

    `indexes` fill the empty brackets, outermost first; those that are left give the list of all items' values.
    """
    steps = [(number, name) for number, name in _STEP.findall(place)]
    waiting = list(indexes)
    for done, (number, name) in enumerate(steps):
        if value is None:
            return None
        if name:
            value = value.get(name) if isinstance(value, dict) else None
            continue
        if not isinstance(value, list):
            return None
        # A bracket is the item of a list, or with a number in it the part of a pair.
        if not number and not waiting:
            rest = _spelled(steps[done + 1 :])
            return [value_at(item, rest) for item in value] if rest else value
        index = int(number) if number else waiting.pop(0)
        value = value[index] if index < len(value) else None
    return value


def _spelled(steps: Sequence[tuple[str, str]]) -> str:
    return ".".join(name or f"[{number}]" for number, name in steps)


def _types(records: _Records, record: Record, path: str) -> Iterator[tuple[str, str]]:
    for item in record:
        many = item.wire == "array"
        yield f"{path}{item.name}", f"{item.item}[]" if many else item.wire
        if item.record is not None:
            yield from _types(records, records[item.record], f"{path}{item.name}{'[]' if many else ''}.")


def _places(
    shape: Shape, records: _Records, record: Record, path: str, prefix: str
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(path, places) of the fields that the shape holds; `prefix` is the place of the record itself."""
    for item in record:
        place = shape.place(record.name, item.name)
        if place is None:
            continue
        here = f"{path}{item.name}"
        yield here, tuple(f"{prefix}{key}" for key in _keys(place))
        inner = records[item.record] if item.record else ()
        if isinstance(place, Pairs):
            yield from ((f"{here}[].{part.name}", (f"{prefix}{place.key}[][{n}]",)) for n, part in enumerate(inner))
        elif isinstance(place, Parallel):
            for key, part in zip(place.keys, inner, strict=True):
                yield f"{here}[].{part.name}", (f"{prefix}{key}[]",)
        elif isinstance(place, Key) and isinstance(inner, Record):
            many = "[]" if item.wire == "array" else ""
            yield from _places(shape, records, inner, f"{here}{many}.", f"{prefix}{place.key}{many}.")


def _keys(place: Place) -> tuple[str, ...]:
    match place:
        case Parallel(keys=keys):
            return keys
        case Formula(holder=holder, key=key, older=older):
            return f"{holder}.{key}", older
        case FullName(group=group, names=names):
            return *names, group
        case Key(key=key) | Pairs(key=key) | Named(key=key):
            return (key,)
