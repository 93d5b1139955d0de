"""How suspicious a difference is: what looks like a slip of the keyboard comes first.

Does not belong here: which differences have one cause (`causes.py`; it tells `single` from `shared`).
"""

from __future__ import annotations

import polars as pl

from mids_assets.transform.crosscheck.schema import FACTOR, MEMBER, MODIFIER_TABLE, SINGLE, SWAPPED
from mids_assets.transform.crosscheck.verdicts import is_factor, number_text

_ROW, _WHAT = "_row", "_what"
_FIGURES = 5
"""Significant figures to which exchanged values are equal."""
MODIFIER_FIELD = "modifier_table"


def judged(differences: pl.DataFrame) -> pl.DataFrame:
    """`differences` (`findings.DIFFERENCES`) with `suspicion`."""
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
    return _together(rows.with_columns(suspicion=suspicion).drop(_ROW))


def _together(rows: pl.DataFrame) -> pl.DataFrame:
    """The two rows of an exchange say the same, so that they have one cause."""
    low, high = pl.min_horizontal("a", "b"), pl.max_horizontal("a", "b")
    record = ["entity", "key", "measure", low, high]
    swapped = pl.col("suspicion") == SWAPPED
    return rows.with_columns(
        before=pl.when(swapped).then(pl.format("{} and {}", number_text(low), number_text(high))).otherwise("before"),
        after=pl.when(swapped).then(pl.format("{} and {}", number_text(high), number_text(low))).otherwise("after"),
        family=pl.when(swapped).then(pl.col("family").min().over(record)).otherwise("family"),
    )


def _exchanged(rows: pl.DataFrame) -> pl.Series:
    """Rows whose two values stand the other way round in another field of the same record, measured in the same unit:
    range and radius, damage of two types, PvE and PvP. Which of several effects of one kind is which is a guess, so
    they exchange nothing among themselves."""
    numbers = rows.filter(pl.col("measure").is_not_null() & pl.col("a").is_not_null() & pl.col("b").is_not_null())
    numbers = numbers.with_columns(
        pl.col("a", "b").round_sig_figs(_FIGURES), pl.col("field").str.replace(r" #\d+\]", "]").alias(_WHAT)
    )
    record = ["entity", "key", "measure"]
    # One row for all fields with equal values: a power may have thousands of effects.
    turned = numbers.group_by(*record, a="b", b="a").agg(whats=pl.col(_WHAT).n_unique(), what=pl.col(_WHAT).first())
    both = numbers.join(turned, on=[*record, "a", "b"])
    return both.filter((pl.col("whats") > 1) | (pl.col("what") != pl.col(_WHAT)))[_ROW]
