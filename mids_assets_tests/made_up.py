"""Made-up builds for tests of the warehouse: logical frames of every table, from the model alone.

A build is a choice: which keys of a small pool are there, and which of a few variants each row has. So two builds
share many rows, differ in some, and keys vanish and return. Values are those that a transfer is likely to break.
Does not belong here: anything that knows PostgreSQL.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import polars as pl

from mids_assets.model.frames import CHILDREN_HASH, SOURCE_POSITION, frame_schema, own_schema
from mids_assets.model.table import NATURAL_KEY, Column, Reference, Table
from mids_assets.model.tables import TABLES
from mids_assets.transform.hashing import ChildrenHash, row_hash

POOL = 7
VARIANTS = 3
TEXTS = (
    *("", None, "plain", "tab\tin", "quote \" and '", "back\\slash", "\\N", "\\.", "line\nbreak\r\n", "NULL", "{a,b}"),
    *(
        "\\.\n",
        "Straße İ 🦸 \u2028",
        "\x01\x1f\x7f",
        " leading and trailing ",
        "x" * 3000,
        "a,b;c|d",
        "\\t\\n",
        "$1 %s",
    ),
)
FLOATS = (0.0, -0.0, 1e-40, 0.1, 3.4028235e38, 5e-324, -1.7976931348623157e308, 1e22, 123456789.125, None)
INTEGERS = (0, 1, -1, 2**31 - 1, -(2**31), None)
LISTS = ([], ["NULL"], [""], ['a"b', "c\\d", "{e}", "f,g", " h "], ["line\nbreak\t"], ["null", "ß"], None)
JSONS = ('{"a": [1, 2.50, -0.0, 1e-40, "x\\n\\"\\\\ é"]}', "[]", "null", '{"b": {}}', '"\\\\t"', None)
PREFIX = "Köln.\t\"\\'"


@dataclass
class MadeUp:
    """Rows by table, as dicts of logical names; `keys` are the natural keys of entities, in the same order."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    keys: dict[str, list[str]] = field(default_factory=dict)

    def frames(self) -> dict[str, pl.DataFrame]:
        """Logical frames with places and hashes, exactly of the model's schemas."""
        found = {}
        for table in reversed(list(TABLES)):
            frame = pl.DataFrame(self.rows[table.name], schema=own_schema(table), orient="row")
            if table.kind != "child":
                frame = frame.with_columns(
                    pl.int_range(frame.height, dtype=pl.Int64).alias(SOURCE_POSITION), row_hash(table, frame)
                )
            if table.kind == "entity":
                frame = frame.with_columns(pl.Series(NATURAL_KEY, self.keys[table.name], dtype=pl.String))
            children = TABLES.children(table.name)
            if children:
                hashes = ChildrenHash(children, frame.height)
                keys = self.keys[table.name] if table.kind == "entity" else frame[table.key[0]].to_list()
                places = {key: place for place, key in enumerate(keys)}
                for child in children:
                    owners = found[child.name][str(child.parent)].replace_strict(places, return_dtype=pl.UInt32)
                    hashes.add(child, found[child.name], owners)
                frame = frame.with_columns(hashes.result().alias(CHILDREN_HASH))
            found[table.name] = frame.select(list(frame_schema(table, TABLES)))
        return found

    def write(self, folder: Path) -> Path:
        folder.mkdir(parents=True)
        for name, frame in self.frames().items():
            frame.write_parquet(folder / f"{name}.parquet", row_group_size=5)
        return folder

    def by_key(self) -> dict[str, dict[tuple, dict[str, Any]]]:
        """{table: {key: {logical name: comparable value}}}; an entity's key is its natural key."""
        found = {}
        for table in TABLES:
            rows = self.rows[table.name]
            keys: Any = [(key,) for key in self.keys[table.name]] if table.kind == "entity" else None
            keys = keys or [tuple(row[part] for part in table.key) for row in rows]
            found[table.name] = {
                key: {name: comparable(value) for name, value in row.items()}
                for key, row in zip(keys, rows, strict=True)
            }
        return found


def comparable(value: Any) -> Any:
    """Floats by their bits, so that -0.0 is not 0.0."""
    return struct.pack("<d", value) if isinstance(value, float) else value


def content_changes(table: Table, before: Mapping, after: Mapping) -> tuple[int, int, int]:
    """(inserted, updated, deleted) between two entries of `by_key`, counted the plain way."""
    updated = sum(
        any(before[key][name] != after[key][name] for name in table.hashed) for key in before.keys() & after.keys()
    )
    return len(after.keys() - before.keys()), updated, len(before.keys() - after.keys())


def made_up(seed: int, *, share: float = 0.8) -> MadeUp:
    """The build of a seed; each key of the pool is there with probability `share`, rows in a shuffled order."""
    return _Maker(Random(seed), share).build()


class _Maker:
    def __init__(self, rng: Random, share: float) -> None:
        self.rng = rng
        self.share = share
        self.shift = rng.randrange(POOL)
        self.found = MadeUp()
        self.present: dict[str, list[Any]] = {}

    def build(self) -> MadeUp:
        parents = [table for table in TABLES if table.kind != "child"]
        for table in parents:
            numbers = [number for number in range(POOL) if self.rng.random() < self.share]
            self.rng.shuffle(numbers)
            self.present[table.name] = numbers
        for table in parents:
            # A row whose required reference leads nowhere cannot be in a valid build.
            self.present[table.name] = [n for n in self.present[table.name] if self._stands(table, n)]
        for table in TABLES:
            rows = self._children(table) if table.kind == "child" else self._parents(table)
            self.found.rows[table.name] = list(rows)
        return self.found

    def _stands(self, table: Table, number: int) -> bool:
        required = [reference for reference in table.references if reference.required]
        return all(self._target(table, r, number, 0) in self.present[r.target] for r in required)

    def _parents(self, table: Table) -> Iterator[dict[str, Any]]:
        keys = self.found.keys.setdefault(table.name, []) if table.kind == "entity" else []
        for number in self.present[table.name]:
            variant = self.rng.randrange(VARIANTS)
            row = {name: self._value(table, name, number, variant) for name in table.own}
            parts = zip(table.key, key_of(table, number, variant), strict=True)
            row |= {part: value for part, value in parts if isinstance(table.by_name[part], Column)}
            if table.name == "enhancement_class":
                row["position"] = (number + self.shift) % POOL  # unique, and exchanged between rows
            if table.kind == "entity":
                keys.append(natural_key(table, number))
            yield row

    def _children(self, table: Table) -> Iterator[dict[str, Any]]:
        parent = table.reference(str(table.parent))
        seen = set()
        for number in self.present[parent.target]:
            variant = self.rng.randrange(VARIANTS)
            draw = Random(f"{table.name} {number} {variant}")
            for place in range(draw.randrange(4)):
                row = {name: self._value(table, name, number * 10 + place, variant) for name in table.own}
                row[parent.name] = named(TABLES[parent.target], number)
                for name in set(table.key) - {parent.name}:
                    member = table.by_name[name]
                    if isinstance(member, Column):
                        row[name] = _key_part(member, place, draw)
                composites = [r for r in table.references if r.composite]
                if any(row[name] is None and table.required(name) for name in table.own):
                    continue
                if any(not self._leads(row, reference) for reference in composites):
                    continue
                key = tuple(row[name] for name in table.key)
                if key not in seen:
                    seen.add(key)
                    yield row

    def _leads(self, row: Mapping[str, Any], reference: Reference) -> bool:
        target = TABLES[reference.target]
        wanted = tuple(row[name] for name in reference.composite)
        return any(tuple(other[name] for name in target.key) == wanted for other in self.found.rows[target.name])

    def _value(self, table: Table, name: str, number: int, variant: int) -> Any:
        member = table.by_name[name]
        if isinstance(member, Reference):
            target = self._target(table, member, number, variant)
            return named(TABLES[member.target], target) if target in self.present[member.target] else None
        # Most columns keep their value over the variants: an update should not always touch every column.
        draw = Random(f"{table.name} {name} {number} {variant if Random(f'{name}{number}').random() < 0.3 else 0}")
        value = draw.choice(_VALUES[member.type])
        if value is None and table.required(name):
            return 0 if member.type.startswith("int") else False if member.type == "bool" else ""
        return value

    @staticmethod
    def _target(table: Table, reference: Reference, number: int, variant: int) -> int:
        # A required reference is part of what makes the row stand: it is the same in every variant.
        of = 0 if reference.required else variant
        return Random(f"{table.name} {reference.name} {number} {of}").randrange(POOL)


_VALUES: dict[str, tuple] = {
    "text": TEXTS,
    "float8": FLOATS,
    "int4": INTEGERS,
    "int8": (*INTEGERS, 2**63 - 1, -(2**63)),
    "bool": (True, False, None),
    "text[]": LISTS,
    "jsonb": JSONS,
}


def key_of(table: Table, number: int, variant: int = 0) -> tuple:
    """Values of `Table.key`; of an entity the spelling varies, of a reference table it may not."""
    values: list[Any] = []
    for place, name in enumerate(table.key):
        if table.stored_type(name) != "text":
            values.append(number + place)
            continue
        text = f"{PREFIX} {table.name}.{number}"
        values.append(text.upper() if table.kind == "entity" and variant == 1 else text)
    return tuple(values)


def natural_key(table: Table, number: int) -> str:
    return "\x1f".join(str(part).lower() for part in key_of(table, number))


def named(table: Table, number: int) -> Any:
    """How a reference in a logical frame names row `number` of `table`."""
    return natural_key(table, number) if table.kind == "entity" else key_of(table, number)[0]


def _key_part(column: Column, place: int, draw: Random) -> Any:
    if column.type == "bool":
        return draw.random() < 0.5
    if column.type == "text":
        return draw.choice(("set", "special", 'k"\\\t'))
    return place
