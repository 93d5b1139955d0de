"""Who may choose a power, as one list on each side: classes, alternatives of powers, excluded powers.

Neither order nor letter case means anything, nor the `!` that MidsReborn's import leaves on excluded names.
Does not belong here: how a rule of the game becomes such rows (`readers.expressions.requirement`).
"""

from __future__ import annotations

import polars as pl

from mids_assets.model.table import NATURAL_KEY
from mids_assets.model.tables import TABLES
from mids_assets.transform.diff.side import Side

REQUIRES, STATED = "requires", "requires_stated"
TABLES_OF_RULES = tuple(TABLES[name] for name in ("power_prerequisite", "power_archetype_rule", "power_expression"))


def rules(side: Side) -> pl.LazyFrame:
    """Of every power, by its natural key: REQUIRES, such as ["!class_mage", "!set.c", "pool.a && pool.b"], empty where
    nothing is required and null where the source has no rules at all; STATED, whether the game has a rule for it, even
    one of which no row can say anything."""
    prerequisites, classes, expressions = (side.scan(table) for table in TABLES_OF_RULES)
    parts = pl.concat([_alternatives(prerequisites), _exclusions(prerequisites), _classes(classes)])
    lists = parts.group_by("power").agg(pl.col(REQUIRES).unique().sort())
    stated = expressions.filter(pl.col("place") == REQUIRES).select("power", pl.lit(True).alias(STATED))
    has_none = bool(side.lacks & {table.name for table in TABLES_OF_RULES[:2]})
    nothing = pl.lit(None if has_none else [], pl.List(pl.String))
    return (
        side.scan(TABLES["power"])
        .select(NATURAL_KEY)
        .join(lists, left_on=NATURAL_KEY, right_on="power", how="left")
        .join(stated.unique(), left_on=NATURAL_KEY, right_on="power", how="left")
        .with_columns(pl.col(REQUIRES).fill_null(nothing), pl.col(STATED).fill_null(False))
    )


def _alternatives(prerequisites: pl.LazyFrame) -> pl.LazyFrame:
    return (
        prerequisites.filter(~pl.col("negated"))
        .group_by("power", "alternative")
        .agg(_required().unique().sort().str.join(" && "))
        .select("power", REQUIRES)
    )


def _exclusions(prerequisites: pl.LazyFrame) -> pl.LazyFrame:
    return prerequisites.filter("negated").select(
        "power", pl.format("!{}", _required().str.strip_prefix("!")).alias(REQUIRES)
    )


def _classes(classes: pl.LazyFrame) -> pl.LazyFrame:
    name = pl.col("class_name").str.to_lowercase()
    return classes.select("power", pl.when("excluded").then(pl.format("!{}", name)).otherwise(name).alias(REQUIRES))


def _required() -> pl.Expr:
    return pl.col("required_name").str.to_lowercase().alias(REQUIRES)
