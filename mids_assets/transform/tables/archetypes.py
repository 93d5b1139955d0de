"""archetype and archetype_powerset (derived: formats i12.md, "Class lists")."""

from __future__ import annotations

import polars as pl

from mids_assets.model.table import NATURAL_KEY
from mids_assets.transform.inputs import RECORD
from mids_assets.transform.json_text import json_objects
from mids_assets.transform.names import powerset_part
from mids_assets.transform.projection import member_number
from mids_assets.transform.tables.plan import Child, Computed, Context, Plan

ANCILLARY_GROUP = "epic"
_ROLES = {member_number("power_set_type", name): name.lower() for name in ("Primary", "Secondary", "Ancillary")}
"""Type of a powerset -> its role."""
_MODIFIERS = {
    "hit_points_base": "hitpoints",
    "hitpoint_cap": "hitpoint_cap",
    "resistance_cap": "resistance_cap",
    "resistance_cap_fraction": "",
    "recharge_cap": "recharge_cap",
    "damage_cap": "damage_cap",
    "recovery_cap": "recovery_cap",
    "regeneration_cap": "regeneration_cap",
    "base_recovery": "base_recovery",
    "base_regeneration": "base_regeneration",
    "base_threat": "base_threat",
    "perception_cap": "perception_cap",
    "modifier_column": "modifier_column",
}
"""Key of the jsonb object -> field of the record."""


def _computed(batch: pl.DataFrame, context: Context) -> Computed:
    cap = pl.col("resistance_cap")
    fraction = batch.select(pl.when(pl.col("playable")).then(cap).otherwise(cap / 100)).to_series()
    values = {key: batch.get_column(field) if field else fraction for key, field in _MODIFIERS.items()}
    return {"resistance_cap_fraction": fraction, "modifiers": json_objects(values)}


def _powersets(batch: pl.DataFrame, context: Context) -> tuple[pl.DataFrame, Computed]:
    sets = context.shared(_classed_powersets)
    roles = pl.Series(list(_ROLES.values()))
    classes = batch.select(
        NATURAL_KEY,
        RECORD,
        pl.col("primary_group").str.to_lowercase().alias("primary"),
        pl.col("secondary_group").str.to_lowercase().alias("secondary"),
    )
    pairs = classes.join(sets, how="cross")
    key = pl.col(NATURAL_KEY)
    owned = pl.col("archetype").eq_missing(key)
    admitted = pl.col("first_power") & (
        ((pl.col("classes").list.len() == 0) | pl.col("classes").list.contains(key))
        & ~pl.col("classes_not").list.contains(key)
    )
    holds = {
        "primary": (pl.col("group") == pl.col("primary")) & (pl.col("group") != ""),
        "secondary": (pl.col("group") == pl.col("secondary")) & (pl.col("group") != ""),
        "ancillary": (pl.col("group") == ANCILLARY_GROUP) & (owned | admitted.fill_null(False)),
    }
    # A name without a group says nothing; then the type of a set and its owner do.
    holds |= {role: rule | ((pl.col("role") == role) & owned) for role, rule in holds.items()}
    rows = pl.concat(
        pairs.filter(holds[role]).select(NATURAL_KEY, RECORD, "powerset", "order", pl.lit(role).alias("role"))
        for role in roles
    )
    rank = pl.col("role").replace_strict(roles, list(range(3)))
    rows = rows.sort(RECORD, rank, "order", maintain_order=True)
    return rows, {"powerset": rows.get_column("powerset"), "role": rows.get_column("role")}


def _classed_powersets(context: Context) -> pl.DataFrame:
    """Each powerset with group, archetype, and whom the requirement of its first power admits."""
    frames, names = context.frames, context.names
    sets = frames.scan("powerset").select("full_name", "archetype_class", "set_type").collect()
    ungrouped = ~pl.col("full_name").str.contains(".", literal=True)
    sets = sets.select(
        frames.keys("powerset").to_series().alias("powerset"),
        pl.col("full_name").str.to_lowercase().str.extract(r"^([^.]*)").alias("group"),
        names.resolve("archetype", sets.get_column("archetype_class")).alias("archetype"),
        pl.when(ungrouped)
        .then(pl.col("set_type").replace_strict(_ROLES, default=None, return_dtype=pl.String))
        .alias("role"),
    ).with_row_index("order")
    ancillary = sets.filter(pl.col("group") == ANCILLARY_GROUP).get_column("powerset")
    requires = pl.col("requires").struct
    lowered = pl.element().str.to_lowercase()
    first = (
        frames.scan("power")
        .select(
            powerset_part(pl.col("full_name")).alias("powerset"),
            requires.field("classes").list.eval(lowered).alias("classes"),
            requires.field("classes_not").list.eval(lowered).alias("classes_not"),
        )
        .filter(pl.col("powerset").is_in(ancillary.implode()))
        .collect()
        .unique("powerset", keep="first", maintain_order=True)
        .with_columns(pl.lit(True).alias("first_power"))
    )
    return sets.unique("powerset", keep="first", maintain_order=True).join(
        first, on="powerset", how="left", maintain_order="left"
    )


ARCHETYPE = Plan(
    children=(Child("archetype_powerset", ("primary_group", "secondary_group"), _powersets),),
    computed=_computed,
    fields=tuple(field for field in _MODIFIERS.values() if field),
)
