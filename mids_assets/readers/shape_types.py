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


@dataclass(frozen=True, slots=True)
class Named:
    """A text that names a member of an enumeration; the field holds the member's number.

    `synonyms` maps other spellings to a member's name. Letter case does not matter. A text that names no member
    leaves the field null and is kept in `extra`.
    """

    key: str
    enumeration: str
    synonyms: Mapping[str, str] = dataclass_field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FullName:
    """A dotted full name put together: the first of the texts under `names` that is not empty, as it stands when
    it holds two dots or begins with the text under `group` and a dot, else `group`, a dot and that text. Null where
    there is none."""

    group: str
    names: tuple[str, ...]


Place = Key | Pairs | Parallel | Formula | Named | FullName

FORMULA_SEPARATOR = "///"


@dataclass(frozen=True, slots=True)
class RecordShape:
    """One record in one shape: `places` maps canonical field -> where it lies, `ignored` are known derived keys.

    `required` are keys, with a field or without, that a record of a partial shape must have. `kept` are known keys
    that have no field; what lies there, any JSON, ends in the column `extra`.
    """

    places: Mapping[str, Place] = dataclass_field(default_factory=dict)
    ignored: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Shape:
    """`defaults`: an absent key means 0, false, 0.0, empty text or empty list; otherwise it is an error.

    A record or field that is not listed lies under its own canonical name. `partial`: such a field does not exist
    in this shape and is null, and so is every value whose key is absent or null; only `required` keys must be there.
    """

    name: str
    defaults: bool
    records: Mapping[str, RecordShape] = dataclass_field(default_factory=dict)
    partial: bool = False

    def place(self, record: str, field: str) -> Place | None:
        """Where the field lies; None = this shape does not have it."""
        shape = self.records.get(record)
        found = shape.places.get(field) if shape else None
        return found or (None if self.partial else Key(field))

    def required(self, record: str) -> frozenset[str]:
        shape = self.records.get(record)
        return shape.required if shape else frozenset()

    def kept(self, record: str) -> frozenset[str]:
        shape = self.records.get(record)
        return shape.kept if shape else frozenset()

    def ignored(self, record: str) -> frozenset[str]:
        shape = self.records.get(record)
        return shape.ignored if shape else frozenset()


def record_shape(
    places: str,
    ignored: str = "",
    *,
    required: str = "",
    kept: str = "",
    **special: Place,
) -> RecordShape:
    """`places` holds one `JsonKey canonical_field` a line; the others are blank-separated keys."""
    table: dict[str, Place] = {}
    for line in places.strip().splitlines():
        key, name = line.split()
        table[name] = Key(key)
    return RecordShape({**table, **special}, *(frozenset(keys.split()) for keys in (ignored, required, kept)))
