"""How strong an effect is at level 50, the level for which MidsReborn shows values.

One effect can be written in two ways: a greater scale with a smaller magnitude, or another modifier table with another
scale. What comes out is compared by this. Does not belong here: what follows from it (`effect_fields.py`).
"""

from __future__ import annotations

import polars as pl

from mids_assets.model.table import NATURAL_KEY
from mids_assets.model.tables import TABLES
from mids_assets.transform.crosscheck.pairing import category
from mids_assets.transform.crosscheck.verdicts import ROUNDED, THEIRS, close, theirs
from mids_assets.transform.diff.side import Side

SAME_AT_50, SAME_TABLE, SPLIT = "_same_at_50", "_same_table", "_split"
"""Columns: whether scale by table comes to the same at level 50, whether the two tables have the same value there, and
whether scale and magnitude both differ, so that their product stands as the scale."""
LEVEL_50 = 49
_OURS, _THEIRS, _CATEGORY, _FACTOR = "_ours_table", "_their_table", "_category", "_factor"


def with_strengths(both: pl.DataFrame, game: Side) -> pl.DataFrame:
    """Paired effects with `SPLIT`, `SAME_TABLE` and `SAME_AT_50`. Values of tables are the game's."""
    both = _with_products(both).with_columns(
        pl.col("modifier_table").str.to_lowercase().alias(_OURS),
        theirs("modifier_table").str.to_lowercase().alias(_THEIRS),
        category(pl.col("power")).alias(_CATEGORY),
    )
    factors = _factors(both.select(_CATEGORY, _OURS, _THEIRS).unique(), game)
    both = both.join(factors, on=[_CATEGORY, _OURS, _THEIRS], how="left", maintain_order="left")
    factor = pl.col(_FACTOR)
    return both.with_columns(
        close(_strength(""), _strength(THEIRS) * factor, ROUNDED).fill_null(False).alias(SAME_AT_50),
        close(factor, pl.lit(1.0)).fill_null(pl.col(_OURS) == pl.col(_THEIRS)).alias(SAME_TABLE),
    )


def _with_products(both: pl.DataFrame) -> pl.DataFrame:
    """Of an effect whose table makes a duration the magnitude is a value of its own; of others it is a factor, too."""
    is_factor = (pl.col("attrib_type") != "Duration") & (theirs("attrib_type") != "Duration")
    differ = ~close(pl.col("scale"), theirs("scale")) & ~close(pl.col("magnitude"), theirs("magnitude"))
    both = both.with_columns((is_factor & differ).fill_null(False).alias(SPLIT))
    return both.with_columns(
        pl.when(SPLIT).then(_product(side)).otherwise("scale" + side)
        .alias("scale" + side)
        for side in ("", THEIRS)
    )  # fmt: skip


def _strength(side: str) -> pl.Expr:
    whole = pl.col(SPLIT) | (pl.col("attrib_type" + side) == "Duration")
    return pl.when(whole).then("scale" + side).otherwise(_product(side))


def _product(side: str) -> pl.Expr:
    # Six figures: without the noise of binary fractions.
    return (pl.col("scale" + side) * pl.col("magnitude" + side)).round_sig_figs(6)


def _factors(tables: pl.DataFrame, game: Side) -> pl.DataFrame:
    """For pairs of different tables: the value of theirs divided by the value of ours, where all classes agree."""
    pairs = tables.filter(pl.col(_OURS) != pl.col(_THEIRS)).join(_classes(tables, game), on=_CATEGORY)
    values = _values(game)
    factor = pl.col("value_right") / pl.col("value")
    agreed = (pl.col(_FACTOR).max() - pl.col(_FACTOR).min()).abs() <= 0.000_1 * pl.col(_FACTOR).abs().max()
    return (
        pairs.join(values, left_on=["column", _OURS], right_on=["column", "table"])
        .join(values, left_on=["column", _THEIRS], right_on=["column", "table"])
        .filter(pl.col("value") != 0)
        .with_columns(factor.alias(_FACTOR))
        .group_by(_CATEGORY, _OURS, _THEIRS)
        .agg(pl.when(agreed).then(pl.col(_FACTOR).min()).alias(_FACTOR))
    )


def _classes(tables: pl.DataFrame, game: Side) -> pl.DataFrame:
    """Category -> columns of the classes that have its powers: those whose primary or secondary it is, else all."""
    archetypes = (
        game.scan(TABLES["archetype"])
        .filter("playable")
        .select(NATURAL_KEY, "primary_group", "secondary_group", column="modifier_column")
        .collect()
    )
    own = pl.concat(
        archetypes.select("column", pl.col(name).str.to_lowercase().alias(_CATEGORY))
        for name in ("primary_group", "secondary_group")
    ).unique()
    others = tables.select(pl.col(_CATEGORY).unique()).join(own, on=_CATEGORY, how="anti")
    return pl.concat([own, others.join(archetypes.select("column"), how="cross").select("column", _CATEGORY)])


def _values(game: Side) -> pl.DataFrame:
    return (
        game.scan(TABLES["attribute_modifier"])
        .filter(pl.col("level") == LEVEL_50)
        .select("column", pl.col("table").str.to_lowercase(), "value")
        .unique(["column", "table"], keep="any", maintain_order=False)
        .collect()
    )
