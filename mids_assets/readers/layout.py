"""The vocabulary in which a binary file is declared: fields, records, layouts.

A layout is data. Everything that touches a record (the fast reader, the exact reader, the writer, the strict
JSON decoder, the frame schema) derives from the declarations in `readers.layouts`; none of them lists fields.
Does not belong here: any declaration of a concrete file, and any code that reads or writes bytes.

A string field named `magic` must hold one of the magics of its layout; nothing else marks it.
Wire types: `string` (unsigned LEB128 byte length, then UTF-8), `i32`, `i64`, `f32`, `f64` (little-endian),
`bool` (one byte), `datetime` (.NET DateTime.ToBinary as i64), `record` (fields in line), `array` (count, items).
Source: formats i12.md and items.md, "Wire types" and "Binary conventions".
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

Wire = Literal["string", "i32", "i64", "f32", "f64", "bool", "datetime", "record", "array"]

N_MINUS_1 = "n-1"
"""The stored count is the number of items minus one; -1 means empty. Nearly every list."""
N = "n"
"""The stored count is the number of items."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record.

    `item` is what an array holds (a scalar wire type, or "record" together with `record`). `count` is N_MINUS_1,
    N, or a fixed number of items without a count on the wire. `since`/`until` name the first layout that has the
    field and the first that no longer has it. `when` = (earlier field, "==" | ">" | "<=", value): only then is it
    on the wire. `const` is a marker that must match. `optional_at_end`: absent where the file ends before it.
    """

    name: str
    wire: Wire
    record: str | None = None
    item: Wire | None = None
    count: str | int = N_MINUS_1
    since: str | None = None
    until: str | None = None
    when: tuple[str, str, object] | None = None
    const: str | None = None
    optional_at_end: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    name: str
    fields: tuple[Field, ...]

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields)


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """One generation of one kind of file: `written` = (first day, first day no longer), None = today.

    `magics`, current one first, are what the file may begin with; none for a kind without a magic.
    """

    kind: str
    id: str
    magics: tuple[str, ...]
    written: tuple[str, str | None]
    root: str
    records: Mapping[str, Record]

    def __getitem__(self, name: str) -> Record:
        return self.records[name]


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """All layouts of one kind of file over one declaration of records.

    `generations` are (id, magics, first day, first day no longer), oldest first: `since` and `until` of the
    fields are resolved in that order. `embeds` gives, per generation, records that another family declares.
    """

    kind: str
    root: str
    generations: tuple[tuple[str, tuple[str, ...], str, str | None], ...]
    records: tuple[Record, ...]
    embeds: Mapping[str, tuple[Record, ...]] = field(default_factory=dict)

    def layouts(self) -> tuple[Layout, ...]:
        """Every layout, newest first; the same objects at every call."""
        return _resolve(self)

    def layout(self, layout_id: str) -> Layout:
        """One layout by its id; KeyError where there is none."""
        return {layout.id: layout for layout in self.layouts()}[layout_id]

    @property
    def newest(self) -> Layout:
        return self.layouts()[0]


@cache
def _resolve(family: Family) -> tuple[Layout, ...]:
    order = {generation[0]: rank for rank, generation in enumerate(family.generations)}

    def has(field: Field, rank: int) -> bool:
        return (field.since is None or order[field.since] <= rank) and (
            field.until is None or rank < order[field.until]
        )

    found = []
    for rank, (layout_id, magics, first, last) in enumerate(family.generations):
        records = {
            record.name: Record(record.name, tuple(f for f in record if has(f, rank))) for record in family.records
        }
        records |= {record.name: record for record in family.embeds.get(layout_id, ())}
        found.append(Layout(family.kind, layout_id, magics, (first, last), family.root, records))
    return tuple(reversed(found))


@cache
def layout_fingerprint(layout: Layout, record: str | None = None) -> str:
    """A stable hash over names, wire types and conditions of all fields, in order, of `record` and what it holds.

    Of the whole file without `record`; then the magics count, too. The same fingerprint means the same bytes.
    """
    parts: list[object] = [layout.kind, layout.magics] if record is None else []
    waiting, seen = [record or layout.root], set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        for one in layout[name]:
            wire = (one.wire, one.record, one.item, one.count)
            parts.append((name, one.name, *wire, one.when, one.const, one.optional_at_end))
            if one.record is not None:
                waiting.append(one.record)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def record(name: str, *fields: Field) -> Record:
    return Record(name, fields)


def scalars(wire: Wire, names: str, since: str | None = None, until: str | None = None) -> Sequence[Field]:
    """Several fields of one wire type: `scalars("i32", "level_min level_max")`."""
    return [Field(name, wire, since=since, until=until) for name in names.split()]


def text(names: str, **where) -> Sequence[Field]:
    return scalars("string", names, **where)


def i32(names: str, **where) -> Sequence[Field]:
    return scalars("i32", names, **where)


def f32(names: str, **where) -> Sequence[Field]:
    return scalars("f32", names, **where)


def flag(names: str, **where) -> Sequence[Field]:
    return scalars("bool", names, **where)


def many(name: str, item: Wire | Record, count: str | int = N_MINUS_1, **where) -> Field:
    """An array of scalars, or of a record."""
    if isinstance(item, Record):
        return Field(name, "array", record=item.name, item="record", count=count, **where)
    return Field(name, "array", item=item, count=count, **where)


def one(name: str, item: Record, **where) -> Field:
    """A record in line."""
    return Field(name, "record", record=item.name, **where)


def marker(name: str, value: str) -> Field:
    return Field(name, "string", const=value)
