"""The vocabulary of alias tables: where in a JSON object a field of a canonical record lies.

Does not belong here: any table of a concrete source (`readers.shapes_mids_zip`), decoding.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field


@dataclass(frozen=True, slots=True)
class Key:
    """The value lies under this key, in the form of the field's wire type."""

    key: str


@dataclass(frozen=True, slots=True)
class Pairs:
    """A list of records lies there as an array of arrays, the values in field order."""

    key: str


@dataclass(frozen=True, slots=True)
class Parallel:
    """A list of records lies in one array per field, `keys` in field order.

    The first array gives the number of records; another one is of the same length or absent, and then every
    record holds the item of `absent` at its place.
    """

    keys: tuple[str, ...]
    absent: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Formula:
    """A text inside an object of formulas, or part `part` of the older single text, split at `///`."""

    holder: str
    key: str
    older: str
    part: int | None


Place = Key | Pairs | Parallel | Formula

FORMULA_SEPARATOR = "///"


@dataclass(frozen=True, slots=True)
class RecordShape:
    """One record in one shape: `places` maps canonical field -> where it lies, `ignored` are known derived keys."""

    places: Mapping[str, Place] = dataclass_field(default_factory=dict)
    ignored: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Shape:
    """`defaults`: an absent key means 0, false, 0.0, empty text or empty list; otherwise it is an error.

    A record or field that is not listed lies under its own canonical name.
    """

    name: str
    defaults: bool
    records: Mapping[str, RecordShape] = dataclass_field(default_factory=dict)

    def place(self, record: str, field: str) -> Place:
        shape = self.records.get(record)
        return (shape.places.get(field) if shape else None) or Key(field)

    def ignored(self, record: str) -> frozenset[str]:
        shape = self.records.get(record)
        return shape.ignored if shape else frozenset()


def record_shape(places: str, ignored: str = "", **special: Place) -> RecordShape:
    """`places` holds one `JsonKey canonical_field` a line; `ignored` are blank-separated keys."""
    table: dict[str, Place] = {}
    for line in places.strip().splitlines():
        key, name = line.split()
        table[name] = Key(key)
    return RecordShape({**table, **special}, frozenset(ignored.split()))
