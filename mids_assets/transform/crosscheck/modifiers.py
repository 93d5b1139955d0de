"""The modifier tables, cell by cell: table (without case), level and class.

A table that changed, changed in many cells, so all differences of one table have one cause.
Does not belong here: tables as effects use them (`strengths.py`).
"""

from __future__ import annotations

import polars as pl

from mids_assets.model.table import NATURAL_KEY
from mids_assets.model.tables import TABLES
from mids_assets.transform.crosscheck.findings import DIFFERENT, EQUAL, ROUNDING, Findings
from mids_assets.transform.crosscheck.verdicts import THEIRS, close, is_rounding, number_text, theirs
from mids_assets.transform.diff.side import Side

_ENTITY = "attribute_modifier"
_CELL = ["_table", "level", "_class"]
_LEVELS = 50
"""Levels that a character can have; tables go further, and hold what nobody sees."""
_OTHER_TABLES = "Cells of tables, levels and classes that only {} has."


def compare_modifiers(ours: Side, theirs_side: Side, findings: Findings) -> None:
    """Classes that are playable on both sides are compared."""
    mine, yours = _cells(ours), _cells(theirs_side)
    if mine.is_empty() and yours.is_empty():
        return
    yours = yours.rename({name: name + THEIRS for name in ("value", "table", "class")})
    both = mine.join(yours, on=_CELL).sort(_CELL)
    verdict = (
        pl.when(close(pl.col("value"), theirs("value"))).then(pl.lit(EQUAL))
        .when(is_rounding(pl.col("value"), theirs("value"))).then(pl.lit(ROUNDING))
        .otherwise(pl.lit(DIFFERENT))
    )  # fmt: skip
    both = both.with_columns(_verdict=verdict)
    findings.count(_ENTITY, "value", dict(both["_verdict"].value_counts().iter_rows()))
    findings.leave_out(_ENTITY, "value", _OTHER_TABLES.format("the planner"), mine.height - both.height)
    findings.leave_out(_ENTITY, "value", _OTHER_TABLES.format("the game"), yours.height - both.height)
    findings.differences.append(_differences(both.filter(pl.col("_verdict") == DIFFERENT)))


def _cells(side: Side) -> pl.DataFrame:
    classes = side.scan(TABLES["archetype"]).filter("playable").select(NATURAL_KEY, "name", "modifier_column")
    cells = side.scan(TABLES[_ENTITY]).filter(pl.col("level") < _LEVELS).with_columns(modifier_column="column")
    return (
        cells.join(classes, on="modifier_column")
        .select("level", "value", "table", pl.col("name").alias("class"),
                _table=pl.col("table").str.to_lowercase(), _class=NATURAL_KEY)
        .unique(_CELL, keep="first", maintain_order=True)
        .collect()
    )  # fmt: skip


def _differences(rows: pl.DataFrame) -> pl.DataFrame:
    nothing = pl.lit(None, pl.String)
    return rows.select(
        entity=pl.lit(_ENTITY),
        key=pl.format("{}@{}", "table", "class"),
        field=pl.format("value[level {}]", pl.col("level") + 1),
        family=pl.col("_table"),
        ours=number_text(pl.col("value")),
        theirs=number_text(theirs("value")),
        a=pl.col("value"),
        b=theirs("value"),
        measure=nothing,
        before=_example("value"),
        after=_example("value" + THEIRS),
        stem=pl.format("{} {}", "_class", "level"),
        apart=nothing,
        file=pl.format("archetypes/{}.json", pl.col("_class").str.strip_prefix("class_")),
    )


def _example(column: str) -> pl.Expr:
    """What the table says at the highest level at which it differs, of the first class there."""
    text = pl.format("{} (level {}, {})", number_text(pl.col(column)), pl.col("level") + 1, "class")
    return text.sort_by("level", "_class", descending=[True, False]).first().over("_table")
