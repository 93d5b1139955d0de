"""What is worth a look among the expressions of a build: broken ones, and names that the game is not known to use.

Does not belong here: reading expressions (`readers.expressions`); their records hold all of it.
"""

from __future__ import annotations

import polars as pl

SHOWN = 5
"""Names or texts in one sentence; all of them stand in power_expression."""


def expression_warnings(expressions: pl.LazyFrame) -> dict[str, str]:
    """{code: sentence}, from the columns power_name, place, unknown and fault of power_expression."""
    worth = (pl.col("unknown").list.len() > 0) | pl.col("fault").is_not_null()
    rows = expressions.filter(worth).select("power_name", "place", "unknown", "fault").collect()
    broken = rows.filter(pl.col("fault").is_not_null())
    names = rows.select(pl.col("unknown").explode().drop_nulls()).to_series().value_counts(name="rows")
    warnings = {}
    if broken.height:
        places = pl.format("{} {} ({})", "power_name", "place", "fault")
        shown = broken.head(SHOWN).select(places).to_series().to_list()
        warnings["broken expressions"] = f"Broken expressions: {_listed(shown, broken.height)}."
    if names.height:
        frequent = names.sort("rows", "unknown", descending=[True, False]).head(SHOWN)
        shown = [f"{name} ({count:,})" for name, count in frequent.iter_rows()]
        warnings["unknown names in expressions"] = f"Unknown names in expressions: {_listed(shown, names.height)}."
    return warnings


def _listed(shown: list[str], count: int) -> str:
    more = f" and {count - len(shown):,} more" if count > len(shown) else ""
    return f"{', '.join(shown)}{more}"
