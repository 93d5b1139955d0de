"""recipe, recipe_level, recipe_salvage; salvage."""

from __future__ import annotations

import polars as pl

from mids_assets.transform.projection import PLACE, items
from mids_assets.transform.tables.plan import Child, Computed, Context, Plan


def _levels(batch: pl.DataFrame, context: Context) -> tuple[pl.DataFrame, Computed]:
    return items(batch, "entries"), {}


def _salvage(batch: pl.DataFrame, context: Context) -> tuple[pl.DataFrame, Computed]:
    """Every level has places for ingredients; the ones without a name are unused."""
    levels = items(batch, "entries").drop(PLACE)
    rows = items(levels, "ingredients", "level").filter(pl.col("salvage_name") != "")
    return rows, {"level": rows.get_column("level")}


RECIPE = Plan(children=(Child("recipe_level", ("entries",), _levels), Child("recipe_salvage", ("entries",), _salvage)))
SALVAGE = Plan()
