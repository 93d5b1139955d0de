"""The Polars schemas of logical frames, derived from the tables.

A logical frame is what tables/<table>.parquet holds: the columns of `Table.own` in order of declaration, with
references as (folded) natural keys, preceded by what its kind needs:

- entity: `natural_key` (String, unique, folded), `source_position` (Int64)
- reference: `source_position` (Int64)
- child: nothing; the reference to its parent is among its own columns

Entities and reference tables carry `row_hash` (Int64, over `Table.hashed`); entities and reference tables with
children carry `children_hash` (Int64, over all rows of all child tables). Rows are in order of the source.
"""

from __future__ import annotations

import polars as pl

from mids_assets.model.table import NATURAL_KEY, ColumnType, Registry, Table

DTYPES: dict[ColumnType, pl.DataType] = {
    "text": pl.String(),
    "int4": pl.Int32(),
    "int8": pl.Int64(),
    "float8": pl.Float64(),
    "bool": pl.Boolean(),
    "jsonb": pl.String(),
    "text[]": pl.List(pl.String()),
    "timestamptz": pl.Datetime("us", "UTC"),
}
"""Polars type of each column type; jsonb travels as JSON text."""

SOURCE_POSITION = "source_position"
ROW_HASH = "row_hash"
CHILDREN_HASH = "children_hash"


def own_schema(table: Table) -> pl.Schema:
    """Columns of `Table.own` with their logical types."""
    return pl.Schema({name: DTYPES[table.logical_type(name)] for name in table.own})


def frame_schema(table: Table, tables: Registry) -> pl.Schema:
    """The whole logical frame, see the module's docstring."""
    head: dict[str, pl.DataType] = {}
    tail: dict[str, pl.DataType] = {}
    if table.kind == "entity":
        head[NATURAL_KEY] = pl.String()
    if table.kind != "child":
        head[SOURCE_POSITION] = pl.Int64()
        tail[ROW_HASH] = pl.Int64()
        if tables.children(table.name):
            tail[CHILDREN_HASH] = pl.Int64()
    return pl.Schema({**head, **own_schema(table), **tail})
