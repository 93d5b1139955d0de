"""When two values are equal, and how a value is written in a report.

Both sides stand in one frame: our column under its name, theirs with `THEIRS` behind it.
Does not belong here: what single fields need beside it (`fields.py`).
"""

from __future__ import annotations

import polars as pl

THEIRS = ":theirs"
"""Ends the name of a column of City of Data's side."""
EXACT = 0.000_05
"""Equal: so much of the greater value at most. The exporter rounds to 4 decimals, MidsReborn holds 32 bit floats."""
ROUNDED = 0.006
"""Rounding: so much at most. Many values of the planner were entered with two decimals."""
NONE = "none"
"""How an empty list, an empty text and a value that is not there are written."""
DECIMALS = 0.000_050_1
"""Rounding, too: half of the exporter's last decimal, which is much of a small value."""
FACTORS = (10.0, 100.0, 0.1, 0.01)


def theirs(column: str) -> pl.Expr:
    return pl.col(column + THEIRS)


def close(a: pl.Expr, b: pl.Expr, tolerance: float = EXACT) -> pl.Expr:
    """Whether two numbers are equal within a part of the greater one; null where one of them is null."""
    return (a - b).abs() <= tolerance * pl.max_horizontal(a.abs(), b.abs())


def is_rounding(a: pl.Expr, b: pl.Expr) -> pl.Expr:
    """Whether two numbers are one number rounded in two ways."""
    return close(a, b, ROUNDED) | ((a - b).abs() <= DECIMALS)


def is_factor(a: pl.Expr, b: pl.Expr) -> pl.Expr:
    """Whether b is 10 or 100 times a, or the other way round."""
    return pl.any_horizontal([close(a * factor, b) for factor in FACTORS]) & (a != 0) & (b != 0)


def folded(value: pl.Expr) -> pl.Expr:
    """The members of a list of names, whose order and letter case mean nothing."""
    return value.list.eval(pl.element().str.to_lowercase().unique().sort())


def number_text(value: pl.Expr) -> pl.Expr:
    """A number without an idle ".0"."""
    return value.cast(pl.String).str.strip_suffix(".0").fill_null(NONE)


def plain_text(value: pl.Expr) -> pl.Expr:
    return pl.when(value.str.len_chars() > 0).then(value).otherwise(pl.lit(NONE))


def list_text(value: pl.Expr) -> pl.Expr:
    """The members of a list of texts."""
    return plain_text(value.list.join(", "))


def yes_no_text(value: pl.Expr) -> pl.Expr:
    return pl.when(value).then(pl.lit("yes")).otherwise(pl.lit("no"))
