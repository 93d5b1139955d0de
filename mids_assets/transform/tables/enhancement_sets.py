"""enhancement_set and enhancement_set_bonus."""

from __future__ import annotations

import polars as pl

from mids_assets.model.table import NATURAL_KEY
from mids_assets.transform.inputs import RECORD
from mids_assets.transform.projection import PLACE, items
from mids_assets.transform.tables.enhancements import pieces
from mids_assets.transform.tables.plan import Child, Computed, Context, Plan

_COLUMNS = ("kind", "row", "slotted", "enhancement")


def _computed(batch: pl.DataFrame, context: Context) -> Computed:
    return {"set_type": batch.get_column("set_type")}


def _bonuses(batch: pl.DataFrame, context: Context) -> tuple[pl.DataFrame, Computed]:
    """Rows of both lists, with a row of the table for each power; a row without powers only counts in `row`."""
    head = ["row", "special", "alt_string", "pv_mode", "slotted"]
    parts = []
    for kind, field in (("set", "bonuses"), ("special", "special_bonuses")):
        bonuses = items(batch, field).rename({PLACE: "row"})
        if kind == "special":
            missing = pl.lit(None, dtype=pl.Int32)
            bonuses = bonuses.with_columns(missing.alias("pv_mode"), missing.alias("slotted"))
        parts.append(items(bonuses, "powers", *head).with_columns(pl.lit(kind).alias("kind")))
    rows = pl.concat(parts).sort(RECORD, pl.col("kind") == "special", "row", PLACE)
    rows = rows.join(context.shared(_piece_of_row), on=[NATURAL_KEY, "row", "kind"], how="left", maintain_order="left")
    return rows, {name: rows.get_column(name) for name in _COLUMNS}


def _piece_of_row(context: Context) -> pl.DataFrame:
    """The special bonus in row n belongs to the set's piece number n."""
    keys = context.frames.keys("enhancement").to_series()
    return (
        context.shared(pieces)
        .with_columns(keys.alias("enhancement"))
        .drop_nulls("set_position")
        .select(
            pl.col("owner").alias(NATURAL_KEY),
            pl.col("set_position").alias("row"),
            pl.lit("special").alias("kind"),
            "enhancement",
        )
    )


ENHANCEMENT_SET = Plan(
    children=(Child("enhancement_set_bonus", ("bonuses", "special_bonuses"), _bonuses),),
    computed=_computed,
    fields=("set_type",),
)
