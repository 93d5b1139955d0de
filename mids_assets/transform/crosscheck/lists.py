"""Lists that hang below an entity as one list of texts per entity, so that they are compared like any other field.

The column has the name of the child table. Places in a list mean nothing here.
Does not belong here: comparing them (`values.py`), what is no difference (`list_fields.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from mids_assets.model.enums import SET_TYPE
from mids_assets.model.table import NATURAL_KEY
from mids_assets.model.tables import TABLES
from mids_assets.transform.diff.side import Side

UNSAID = ("nobody", "counting", "access")
"""Kinds of expressions for which the planner has no form."""


def set_type_name(number: pl.Expr) -> pl.Expr:
    """The name of a type of sets; a number without a name stands for itself."""
    return number.replace_strict(SET_TYPE.by_number, default=number.cast(pl.String), return_dtype=pl.String)


def with_lists(rows: pl.DataFrame, side: Side, names: list[str]) -> pl.DataFrame:
    """`rows` of an entity with a column for each child table of `names`; without rows there it is an empty list."""
    for name in names:
        lists = LISTS[name](side.scan(TABLES[name])).group_by(NATURAL_KEY).agg(pl.col("text").unique().sort())
        lists = lists.rename({"text": name}).collect()
        rows = rows.join(lists, on=NATURAL_KEY, how="left", maintain_order="left")
        rows = rows.with_columns(pl.col(name).fill_null(pl.lit([], dtype=pl.List(pl.String))))
    return rows


def _below(parent: str, text: pl.Expr) -> Callable[[pl.LazyFrame], pl.LazyFrame]:
    return lambda rows: rows.select(pl.col(parent).alias(NATURAL_KEY), text=text).drop_nulls()


def _prerequisites(rows: pl.LazyFrame) -> pl.LazyFrame:
    """An alternative is one text; a name that excludes is a text of its own, with a ! before it."""
    bare = pl.col("required_name").str.strip_prefix("!")
    excluding = rows.filter("negated").select(pl.col("power").alias(NATURAL_KEY), text=pl.format("!{}", bare))
    alternatives = (
        rows.filter(~pl.col("negated"))
        .group_by("power", "alternative")
        .agg(text=bare.str.to_lowercase().sort().str.join(" and "))
        .select(pl.col("power").alias(NATURAL_KEY), "text")
    )
    return pl.concat([excluding, alternatives])


def _unsaid(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Conditions on the choice of a power that no prerequisite and no class rule can say."""
    unsaid = rows.filter((pl.col("place") == "requires") & pl.col("kind").is_in(UNSAID))
    return unsaid.select(pl.col("power_name").str.to_lowercase().alias(NATURAL_KEY), text="text")


def _bonuses(rows: pl.LazyFrame) -> pl.LazyFrame:
    power = pl.col("power_name").str.to_lowercase().str.split(".").list.last()
    pieces = pl.format("{} pieces", pl.col("slotted"))
    mode = pl.when(pl.col("pv_mode") == "PvP").then(pl.lit(" PvP")).otherwise(pl.lit(""))
    special = pl.format("piece {}", pl.col("row") + 1)
    head = pl.when(pl.col("kind") == "special").then(special).otherwise(pieces + mode)
    return rows.select(pl.col("enhancement_set").alias(NATURAL_KEY), text=head + ": " + power)


LISTS: Mapping[str, Callable[[pl.LazyFrame], pl.LazyFrame]] = {
    "power_allowed_set_type": _below("power", set_type_name(pl.col("set_type"))),
    "power_group": _below("power", pl.col("group_membership")),
    "power_ignored_aspect": _below("power", pl.format("{}: {}", "kind", "aspect")),
    "power_prerequisite": _prerequisites,
    "power_expression": _unsaid,
    "power_archetype_rule": _below("power", pl.when("excluded").then("!" + pl.col("archetype")).otherwise("archetype")),
    "enhancement_set_bonus": _bonuses,
    "enhancement": _below("enhancement_set", pl.col("uid")),
    "power": _below("powerset", pl.col("name")),
}
