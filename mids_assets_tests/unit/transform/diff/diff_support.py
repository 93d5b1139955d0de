"""Logical tables of a made-up release, for the tests of the diff: only what a test is about is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from mids_assets.model.frames import CHILDREN_HASH, DTYPES, ROW_HASH, SOURCE_POSITION, frame_schema
from mids_assets.model.table import NATURAL_KEY, Table
from mids_assets.model.tables import TABLES
from mids_assets.transform.diff.compare import Diff, compare
from mids_assets.transform.diff.side import Side
from mids_assets.transform.hashing import ChildrenHash, row_hash

Rows = Mapping[str, Sequence[Mapping[str, Any]]]


def side(folder: Path, rows: Rows, **facts: Any) -> Side:
    """All tables in `folder`; columns that are not given are null. An entity's natural key is its name folded."""
    folder.mkdir(parents=True, exist_ok=True)
    frames = {table.name: _frame(table, rows.get(table.name, ())) for table in TABLES}
    for table in TABLES:
        hashes = []
        if table.kind != "child":
            hashes.append(row_hash(table, frames[table.name]).alias(ROW_HASH))
        if TABLES.children(table.name):
            hashes.append(_children_hash(table, frames[table.name], frames).alias(CHILDREN_HASH))
        frames[table.name].with_columns(hashes).write_parquet(folder / f"{table.name}.parquet")
    given: dict[str, Any] = {"release": "0123456789abcdef", "build": "fedcba9876543210"}
    return Side(tables=folder, **given | facts)


def diff_of(folder: Path, old: Rows, new: Rows, **facts: Any) -> Diff:
    return compare(side(folder / "old", old, **facts), side(folder / "new", new, **facts))


def lines(diff: Diff) -> list[tuple]:
    """(table, key, change, field, old, new) of each change."""
    columns = ["table_name", "natural_key", "change", "field", "old_value", "new_value"]
    return diff.changes.select(columns).rows()


def _frame(table: Table, rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    schema = frame_schema(table, TABLES)
    filled = []
    for number, row in enumerate(rows):
        assert not row.keys() - schema.keys(), row.keys() - schema.keys()
        derived: dict[str, Any] = {SOURCE_POSITION: number}
        if table.kind == "entity":
            derived[NATURAL_KEY] = str(row[table.key[0]]).lower()
        filled.append({name: {**derived, **row}.get(name) for name in schema})
    frame = pl.DataFrame(filled, schema=schema, strict=True)
    assert all(frame.schema[name] == DTYPES[table.logical_type(name)] for name in table.own)
    return frame


def _children_hash(table: Table, frame: pl.DataFrame, frames: Mapping[str, pl.DataFrame]) -> pl.Series:
    children = TABLES.children(table.name)
    collected = ChildrenHash(children, frame.height)
    key = NATURAL_KEY if table.kind == "entity" else table.key[0]
    numbers = frame.select(pl.col(key).alias("_key"), pl.int_range(pl.len()).alias("_number"))
    for child in children:
        rows = frames[child.name]
        owners = rows.select(pl.col(str(child.parent)).alias("_key")).join(
            numbers, on="_key", how="left", maintain_order="left"
        )
        order = owners["_number"].arg_sort()
        collected.add(child, rows[order], owners["_number"][order])
    return collected.result()
