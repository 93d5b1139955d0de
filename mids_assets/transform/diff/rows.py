"""Rows of `Diff.changes` out of rows that were matched.

Does not belong here: matching, renames.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from mids_assets.model.table import Column, Table
from mids_assets.transform.diff.columns import CODE, code_of, coded, spell
from mids_assets.transform.diff.matching import NEW, OLD

SCHEMA = pl.Schema(
    {
        "table_name": pl.String(),
        "natural_key": pl.String(),
        "old_key": pl.String(),
        "change": pl.String(),
        "field": pl.String(),
        "old_value": pl.String(),
        "new_value": pl.String(),
        "evidence": pl.String(),
    }
)
"""Columns of the changes: `field` is null for a whole row; values and evidence are JSON texts; `old_key` is the key
before, where it was another one."""

ADDED, REMOVED, RENAMED, CHANGED = "added", "removed", "renamed", "changed"


def changes(
    table: Table,
    pairs: pl.DataFrame,
    old: pl.DataFrame,
    new: pl.DataFrame,
    keys: tuple[pl.Series, pl.Series],
    content: Sequence[str],
    extra: Sequence[str] = (),
    evidence: pl.Series | None = None,
) -> pl.DataFrame:
    """Changes of the pairs `old`, `new` of row numbers, in their order; `keys` are the texts for both frames.

    `content` are the columns to compare, `extra` further ones that whole rows show. `evidence` holds a JSON text for
    each pair that was renamed.
    """
    pairs = pairs.with_row_index("pair").with_columns(
        natural_key=_gather(keys[1], pairs[NEW]),
        old_key=_gather(keys[0], pairs[OLD]),
        evidence=pl.lit(None, pl.String) if evidence is None else evidence,
    )
    both = pairs.filter(pl.col(OLD).is_not_null() & pl.col(NEW).is_not_null())
    shown = tuple(dict.fromkeys((*extra, *content)))
    found = [
        _whole(pairs.filter(pl.col(OLD).is_null()), new, shown, NEW),
        _whole(pairs.filter(pl.col(NEW).is_null()), old, shown, OLD),
        _renamed(both.filter(pl.col("evidence").is_not_null())),
        *_fields(table, both, old, new, content),
    ]
    rows = pl.concat(found).sort("pair", "order", maintain_order=True)
    moved = pl.when(pl.col("old_key") != pl.col("natural_key")).then("old_key")
    return rows.select(pl.lit(table.name).alias("table_name"), moved.alias("old_key"), pl.exclude("old_key")).select(
        list(SCHEMA)
    )


_PART = {"pair": pl.UInt32(), "order": pl.Int32(), **{n: t for n, t in SCHEMA.items() if n != "table_name"}}


def _part(pairs: pl.DataFrame, order: int, change: str, **values: pl.Series | str | None) -> pl.DataFrame:
    """One change of each pair; columns that are not given are null."""
    given = {name: pl.lit(value, dtype=_PART[name]) if not isinstance(value, pl.Series) else value
             for name, value in values.items()}  # fmt: skip
    columns = {
        "order": pl.lit(order, pl.Int32()),
        "change": pl.lit(change),
        "field": pl.lit(None, pl.String()),
        "old_value": pl.lit(None, pl.String()),
        "new_value": pl.lit(None, pl.String()),
        "evidence": pl.lit(None, pl.String()),
    }
    return pairs.select("pair", "natural_key", "old_key").with_columns(**columns | given).select(list(_PART))


def _whole(pairs: pl.DataFrame, rows: pl.DataFrame, shown: Sequence[str], side: str) -> pl.DataFrame:
    values = [spell(row) for row in rows.select(shown)[pairs[side]].iter_rows(named=True)]
    texts = pl.Series(values, dtype=pl.String)
    if side == NEW:
        return _part(pairs.with_columns(old_key=pl.lit(None, pl.String)), -2, ADDED, new_value=texts)
    return _part(
        pairs.with_columns(natural_key="old_key", old_key=pl.lit(None, pl.String)), -2, REMOVED, old_value=texts
    )


def _renamed(pairs: pl.DataFrame) -> pl.DataFrame:
    return _part(pairs, -1, RENAMED, evidence=pairs["evidence"])


def _fields(
    table: Table, pairs: pl.DataFrame, old: pl.DataFrame, new: pl.DataFrame, content: Sequence[str]
) -> list[pl.DataFrame]:
    codes = coded(table)
    names = {code: name for name, code in codes.items() if name in content}
    found = []
    for order, name in enumerate(content):
        before, after = old[name].gather(pairs[OLD]), new[name].gather(pairs[NEW])
        differs = before.ne_missing(after)
        if name in names:
            named = old[names[name]].gather(pairs[OLD]).ne_missing(new[names[name]].gather(pairs[NEW]))
            if (differs | named).any():
                told = _tells(table.column(names[name]), new, pairs[NEW])
                differs = (differs & ~named) | (named & ~told)
        if differs.any():
            where = pairs.filter(differs)
            found.append(
                _part(
                    where,
                    order,
                    CHANGED,
                    field=name,
                    old_value=_texts(before.filter(differs), table, name),
                    new_value=_texts(after.filter(differs), table, name),
                )
            )
    return found


def _tells(column: Column, rows: pl.DataFrame, where: pl.Series) -> pl.Series:
    """Whether the names of an enumeration say all that its number says."""
    numbers = rows[column.name + CODE].gather(where)
    values = rows[column.name].gather(where).to_list()
    told = [code_of(column, value) == number for value, number in zip(values, numbers.to_list(), strict=True)]
    return pl.Series(told, dtype=pl.Boolean)


def _texts(values: pl.Series, table: Table, name: str) -> pl.Series:
    if table.logical_type(name) == "jsonb":
        return values
    return pl.Series([spell(value) for value in values.to_list()], dtype=pl.String)


def _gather(values: pl.Series, numbers: pl.Series) -> pl.Series:
    if not len(values):
        return pl.Series([None], dtype=pl.String).new_from_index(0, len(numbers))
    return values.gather(numbers)
