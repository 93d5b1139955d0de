"""How suspicious a difference is: what looks like a slip of the keyboard comes first.

Does not belong here: which differences have one cause (`causes.py`; it tells `single` from `shared`).
"""

from __future__ import annotations

import polars as pl

from mids_assets.transform.crosscheck.schema import FACTOR, MEMBER, MODIFIER_TABLE, SINGLE, SWAPPED
from mids_assets.transform.crosscheck.verdicts import EXACT, is_factor

_ROW = "_row"
MODIFIER_FIELD = "modifier_table"


def judged(differences: pl.DataFrame) -> pl.DataFrame:
    """`differences` (`values.DIFFERENCES`) with `suspicion`."""
    rows = differences.with_row_index(_ROW)
    swapped = pl.col(_ROW).is_in(_exchanged(rows).implode())
    is_number = pl.col("a").is_not_null() & pl.col("b").is_not_null()
    suspicion = (
        pl.when(swapped).then(pl.lit(SWAPPED))
        .when(is_number & is_factor(pl.col("a"), pl.col("b"))).then(pl.lit(FACTOR))
        .when(pl.col("field").str.ends_with(MODIFIER_FIELD)).then(pl.lit(MODIFIER_TABLE))
        .when(is_number).then(pl.lit(SINGLE))
        .otherwise(pl.lit(MEMBER))
    )  # fmt: skip
    return rows.with_columns(suspicion=suspicion).drop(_ROW)


def _exchanged(rows: pl.DataFrame) -> pl.Series:
    """Rows whose two values stand the other way round in another field of the same record, measured in the same unit:
    range and radius, damage of two types, PvE and PvP."""
    numbers = rows.filter(pl.col("measure").is_not_null() & pl.col("a").is_not_null() & pl.col("b").is_not_null())
    record = ["entity", "key", "measure"]
    again = numbers.select(*record, c="a", d="b", other=pl.col(_ROW))
    close = ((pl.col("a") - pl.col("d")).abs() <= EXACT * pl.col("a").abs()) & (
        (pl.col("b") - pl.col("c")).abs() <= EXACT * pl.col("b").abs()
    )
    both = numbers.join(again, on=record).filter((pl.col(_ROW) != pl.col("other")) & close)
    return both[_ROW].unique()
