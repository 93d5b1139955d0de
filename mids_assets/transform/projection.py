"""From record fields to the columns of a logical table, as the model declares them.

Generic: plain columns are cast, an enumeration gives name and number, flags give names and mask, and a reference
with a raw column is looked up. A table module only adds what has to be computed.
Does not belong here: a concrete table.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from mids_assets.model.enums import ENUMERATIONS, Enumeration
from mids_assets.model.frames import DTYPES
from mids_assets.model.table import NATURAL_KEY, Column, Table
from mids_assets.transform.inputs import RECORD
from mids_assets.transform.names import Names

PLACE = "_place"
"""Column that `items` adds: 0-based place in the list (Int32)."""
VALUE = "_value"
"""Column that `items` adds for a list of plain values."""


def project(table: Table, rows: pl.DataFrame, names: Names, computed: Mapping[str, pl.Series]) -> pl.DataFrame:
    """The columns `Table.own` of `table`, in order, with their logical types.

    `rows` holds record fields under their source names, `computed` finished columns by logical name. Raises KeyError
    for a column that neither gives: the model and a table module disagree.
    """
    found: dict[str, pl.Series] = {}
    for name in table.own:
        member = table.by_name[name]
        if name in computed:
            found[name] = computed[name].cast(DTYPES[table.logical_type(name)])
        elif isinstance(member, Column):
            found[name] = _column(member, rows)
    for reference in table.references:
        if reference.name not in found and not reference.composite:
            if reference.raw is None:
                raise KeyError(f"{table.name}.{reference.name} is not computed")
            found[reference.name] = names.resolve(reference.target, found[reference.raw])
    return pl.DataFrame([found[name].alias(name) for name in table.own])


def items(records: pl.DataFrame, field: str, *keep: str) -> pl.DataFrame:
    """One row per item of the list `field`: natural key, `RECORD`, `keep`, `PLACE` and the item's fields.

    Items that are records give their fields, plain ones `VALUE`. A missing or empty list gives no row.
    """
    flat = (
        records.select(NATURAL_KEY, RECORD, *keep, field)
        .filter(pl.col(field).list.len() > 0)
        .with_columns(pl.int_ranges(0, pl.col(field).list.len(), dtype=pl.Int32).alias(PLACE))
        .explode(PLACE, field)
    )
    head = [NATURAL_KEY, RECORD, *keep, PLACE]
    if isinstance(flat.schema[field], pl.Struct):
        return flat.select(*head, pl.col(field).struct.unnest())
    return flat.select(*head, pl.col(field).alias(VALUE))


def nulls(count: int, dtype: pl.DataType) -> pl.Series:
    """So many nulls; a column of them is made for nearly every field of a source that lacks it."""
    return pl.Series([None], dtype=dtype).new_from_index(0, count)


def member_names(codes: pl.Series, enumeration: str) -> pl.Series:
    """Names (String) of the members with these numbers; null where there is none."""
    members = ENUMERATIONS[enumeration].members
    return codes.replace_strict(
        [number for number, _ in members], [name for _, name in members], default=None, return_dtype=pl.String
    )


def member_number(enumeration: str, name: str) -> int:
    return next(number for number, member in ENUMERATIONS[enumeration].members if member == name)


def _column(column: Column, rows: pl.DataFrame) -> pl.Series:
    if not column.source:
        raise KeyError(f"{column.name} is not computed")
    values = rows.get_column(column.source)
    if values.null_count() == len(values):
        # Not only a shortcut: a source may lack most of the columns.
        return nulls(len(values), DTYPES[column.type])
    if column.enum and column.type == "text":
        return member_names(values, column.enum)
    if column.enum and column.type == "text[]":
        return _flag_names(values, ENUMERATIONS[column.enum])
    return values.cast(DTYPES[column.type])


def _flag_names(masks: pl.Series, enumeration: Enumeration) -> pl.Series:
    """Few distinct masks occur: each is spelled once, rows take the list by its place."""
    distinct = masks.unique(maintain_order=True)
    spelled = [None if m is None else [n for bit, n in enumeration.members if m & bit] for m in distinct]
    places = masks.to_frame("m").join(
        pl.DataFrame({"m": distinct, "p": pl.int_range(distinct.len(), dtype=pl.UInt32, eager=True)}),
        on="m",
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    return pl.Series(masks.name, spelled, dtype=pl.List(pl.String)).gather(places.get_column("p"))
