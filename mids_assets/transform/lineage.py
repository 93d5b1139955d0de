"""From a column of a table back to the fields of frames, and on to the raw JSON, as model and readers declare them.

    tables/<table> column  ->  frames/<entity> field  ->  raw/<entity> field

Does not belong here: a declaration of what comes from where (`model`, `readers`), values (`transform.tracing`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from mids_assets.model.frames import SOURCE_POSITION
from mids_assets.model.table import NATURAL_KEY, Column, Table
from mids_assets.model.tables import TABLES
from mids_assets.readers.record_fields import record_fields
from mids_assets.transform.frames import EXTRA
from mids_assets.transform.reference_frames import ASSET as REFERENCE
from mids_assets.transform.reference_frames import counts_positions, reference_schema
from mids_assets.transform.tables import fields_of

_MODIFIER_ROWS = "attribute_modifier_table.rows"
"""The one list among the small files: a table's values by level and class column."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of frames/<asset> or raw/<asset>, such as `effects[].scale` or, of the small files, `origin.name`."""

    asset: str
    path: str


@dataclass(frozen=True, slots=True)
class FrameField:
    """`keys`: shape of raw JSON -> places in it; empty for what the frame adds to the record."""

    path: str
    type: str
    description: str
    keys: Mapping[str, tuple[str, ...]]


@cache
def frame_fields(asset: str) -> Mapping[str, FrameField]:
    """All fields of frames/<asset> by path; those of the small tables as `table.column`."""
    place = FrameField(SOURCE_POSITION, "i64", "0-based number of the record in its raw file.", {})
    if asset == REFERENCE:
        found = [
            FrameField(f"{table.name}.{name}", str(dtype), _described(table, name), {})
            for table in TABLES.of_asset(REFERENCE)
            for name, dtype in reference_schema(table).items()
        ]
    else:
        extra = FrameField(EXTRA, "json", "What the record holds under keys that have no field.", {})
        records = record_fields(asset).values()
        found = [place, *(FrameField(f.path, f.type, _spelled(f.keys), f.keys) for f in records), extra]
    return {field.path: field for field in found}


@cache
def raw_fields(asset: str) -> Mapping[str, FrameField]:
    """All fields of raw/<asset>, by the names of the records' layouts; other shapes' keys are in the description."""
    fields = frame_fields(asset)
    if asset != REFERENCE:
        return {path: field for path, field in fields.items() if path not in (SOURCE_POSITION, EXTRA)}
    rows = FrameField(_MODIFIER_ROWS, "f64[][]", "Values by level and class column.", {})
    given = {path: field for path, field in fields.items() if path in _given()}
    return {**given, rows.path: rows}


def raw_origins(asset: str, path: str) -> tuple[Field, ...]:
    """Fields of raw/<asset> behind a field of frames/<asset>; none for what the place of a record says."""
    if asset != REFERENCE:
        return (Field(asset, path),) if path in raw_fields(asset) else ()
    if path.startswith("attribute_modifier."):
        name = "attribute_modifier_table.name" if path.endswith(".table") else _MODIFIER_ROWS
        return (Field(asset, name),)
    return (Field(asset, path),) if path in _given() else ()


def origins(table: Table, name: str) -> tuple[Field, ...]:
    """Fields of frames behind a logical column, natural key or source position of a table; () = hashes."""
    if name == SOURCE_POSITION:
        return (Field(table.asset, f"{table.name}.{name}" if table.asset == REFERENCE else name),)
    if name == NATURAL_KEY:
        return tuple(dict.fromkeys(field for key in table.key for field in origins(table, key)))
    if name not in table.by_name:
        return ()
    member = table.by_name[name]
    if isinstance(member, Column):
        return _column(table, member)
    own = _column(table, table.column(member.raw)) if member.raw else _made(table, name, member.made_from)
    target = table.target(member)
    if name == table.parent:
        own = ()
    # What is looked up is the target's key; a row's own key would lead round in a circle.
    keys = [field for key in target.key if key != name or target is not table for field in origins(target, key)]
    return tuple(dict.fromkeys([*own, *keys]))


def _column(table: Table, column: Column) -> tuple[Field, ...]:
    if table.asset == REFERENCE:
        return (Field(REFERENCE, f"{table.name}.{column.name}"),)
    if not column.source:
        return _made(table, column.name, column.made_from)
    fields = frame_fields(table.asset)
    if table.kind != "child":
        return (Field(table.asset, column.source),)
    ends = [path for path in fields if _is_in(path, _lists(table)) and path.endswith(f".{column.source}")]
    nearest = min(path.count(".") for path in ends)
    return tuple(Field(table.asset, path) for path in ends if path.count(".") == nearest)


def _made(table: Table, name: str, made_from: tuple[str, ...]) -> tuple[Field, ...]:
    if table.asset == REFERENCE:
        return tuple(Field(REFERENCE, f"{table.name}.{field}") for field in made_from)
    return tuple(Field(table.asset, path) for path in made_from or _lists(table))


def _lists(table: Table) -> tuple[str, ...]:
    """Fields of the record that the rows of a child come from, by their paths."""
    plain = {path.replace("[]", ""): path for path in frame_fields(table.asset)}
    return tuple(plain[field] for field in fields_of(table))


def _is_in(path: str, lists: tuple[str, ...]) -> bool:
    return any(path.startswith((f"{one}[].", f"{one}.")) for one in lists)


@cache
def _given() -> frozenset[str]:
    """Fields of the small files that a record holds, and not its place in the list."""
    return frozenset(
        f"{table.name}.{column.name}"
        for table in TABLES.of_asset(REFERENCE)
        if table.kind != "child"
        for column in table.columns
        if not (column.name == "position" and counts_positions(table))
    )


def _described(table: Table, name: str) -> str:
    if name in table.by_name:
        return table.by_name[name].description
    return "0-based number of the record in its list."


def _spelled(keys: Mapping[str, tuple[str, ...]]) -> str:
    """Where other shapes than the canonical one hold a field."""
    others = {name: places for name, places in keys.items() if name != "canonical"}
    return "; ".join(f"{name}: {' or '.join(places)}" for name, places in others.items())


__all__ = ["Field", "FrameField", "frame_fields", "origins", "raw_fields", "raw_origins"]
