"""The keys of rows as texts that a person can read, and that can be taken apart again.

    Blaster_Ranged.Fire_Blast.Fire_Ball              an entity
    Blaster_Ranged.Fire_Blast.Fire_Ball / 3          the fourth row of a list below it

Parts stand between " / ", the parent first; a place is the 0-based number of the row in its list.
Does not belong here: which rows belong together.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from mids_assets.model.table import NATURAL_KEY, Table
from mids_assets.transform.diff.columns import fixed, outer_places, places
from mids_assets.transform.diff.matching import RANK

SEPARATOR = " / "
_ESCAPED = " \\/ "


def join(parts: Iterable[str]) -> str:
    return SEPARATOR.join(part.replace(SEPARATOR, _ESCAPED) for part in parts)


def split(key: str) -> list[str]:
    return [part.replace(_ESCAPED, SEPARATOR) for part in key.split(SEPARATOR)]


def entity_keys(frame: pl.DataFrame, table: Table) -> pl.Series:
    """Keys of an entity as they are spelled (`natural_key` is folded), or of a row of a small table."""
    if table.kind == "entity":
        first = pl.col(table.key[0])
        # What the natural key has beyond the name is the number among equal names.
        rest = pl.col(NATURAL_KEY).str.slice(first.str.to_lowercase().str.len_chars())
        return frame.select((first + rest).alias("key")).to_series()
    return frame.select(_joined([pl.col(name) for name in table.key])).to_series()


def child_parts(table: Table) -> tuple[str, ...]:
    """What stands behind the parent in the key of a child's row: columns, and `RANK` for its place."""
    inner = (RANK,) if places(table) else ()
    return (*outer_places(table), *fixed(table), *inner)


def child_keys(frame: pl.DataFrame, table: Table, parents: pl.Series | None) -> pl.Series:
    """`parents`: the key of each row's parent; None for a list that has none."""
    head = [] if parents is None else [pl.lit(parents)]
    return frame.select(_joined([*head, *(pl.col(name) for name in child_parts(table))])).to_series()


def _joined(parts: list[pl.Expr]) -> pl.Expr:
    texts = [part.cast(pl.String).fill_null("").str.replace_all(SEPARATOR, _ESCAPED, literal=True) for part in parts]
    return pl.concat_str(texts, separator=SEPARATOR).alias("key")
