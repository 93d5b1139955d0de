"""power and the child tables that come from its effects; the other lists are in `power_lists`."""

from __future__ import annotations

import polars as pl

from mids_assets.transform.inputs import RECORD
from mids_assets.transform.json_text import json_arrays, json_integer_arrays, json_objects
from mids_assets.transform.names import powerset_part
from mids_assets.transform.projection import PLACE, VALUE, items, member_names
from mids_assets.transform.tables import power_lists
from mids_assets.transform.tables.effects import summon_targets
from mids_assets.transform.tables.plan import Child, Computed, Context, Plan

_SUMMARY = {
    "effect_type": ("effect_type", "effect_type"),
    "damage_type": ("damage_type", "damage"),
    "mez_type": ("mez_type", "mez"),
    "magnitude": ("magnitude", ""),
    "scale": ("scale", ""),
    "duration": ("duration", ""),
    "probability": ("base_probability", ""),
    "to_who": ("to_who", "to_who"),
}
"""Keys of power.effects in order -> field of the effect, enumeration whose member name is shown."""
_CONDITION = r"^(?i:(AND|OR) +)?([^:]*)(?::(.*))?$"


def _computed(batch: pl.DataFrame, context: Context) -> Computed:
    place = context.part(_places, batch)
    powerset = context.names.resolve("powerset", place.get_column("powerset"))
    by_name = context.names.resolve("powerset", batch.select(powerset_part(pl.col("full_name"))).to_series())
    return {
        "powerset": powerset.zip_with(powerset.is_not_null(), by_name),
        "position": place.get_column("position"),
        "effects": _effect_texts(batch),
        "allowed_enhancements": json_integer_arrays(power_lists.class_ids(batch, context)),
    }


def _places(context: Context) -> pl.DataFrame:
    """Powerset (by name) and order inside it, of every power.

    A source without group names (a DataExporter folder) writes the whole name of the powerset where others write its
    second part, and that name need not be the beginning of the power's.
    """
    whole = pl.when(pl.col("group_name").is_null()).then(pl.col("set_name").str.to_lowercase())
    powerset = pl.coalesce(whole, powerset_part(pl.col("full_name")))
    return (
        context.frames.scan("power")
        .select(powerset.alias("powerset"))
        .collect()
        .with_columns(pl.int_range(pl.len(), dtype=pl.Int32).over("powerset").alias("position"))
    )


def _effect_texts(batch: pl.DataFrame) -> pl.Series:
    effects = items(batch, "effects")
    values = {}
    for key, (field, enumeration) in _SUMMARY.items():
        column = effects.get_column(field)
        values[key] = member_names(column, enumeration) if enumeration else column
    first = batch.item(0, RECORD) if batch.height else 0
    return json_arrays(json_objects(values), effects.get_column(RECORD), batch.height, first)


def _effects(batch: pl.DataFrame, context: Context) -> tuple[pl.DataFrame, Computed]:
    rows = items(batch, "effects")
    return rows, summon_targets(rows, context.names)


def _conditions(batch: pl.DataFrame, context: Context) -> tuple[pl.DataFrame, Computed]:
    """`AND Active:Some.Power` -> connector, kind, subject. A Team condition has a class label, no power, as subject."""
    lists = pl.col("effects").list.eval(pl.element().struct.field("conditionals"))
    effects = items(batch.with_columns(lists.alias("conditionals")), "conditionals")
    effects = effects.rename({PLACE: "effect_position", VALUE: "conditionals"})
    rows = items(effects, "conditionals", "effect_position").with_columns(
        pl.col("key").str.extract(_CONDITION, 1).str.to_uppercase().alias("connector"),
        pl.col("key").str.extract(_CONDITION, 2).alias("kind"),
        pl.col("key").str.extract(_CONDITION, 3).alias("subject"),
    )
    named = rows.select(pl.when(pl.col("kind").str.to_lowercase() != "team").then("subject")).to_series()
    return rows, {
        "effect_position": rows.get_column("effect_position"),
        "connector": rows.get_column("connector"),
        "kind": rows.get_column("kind"),
        "subject": rows.get_column("subject"),
        "subject_power": context.names.resolve("power", named),
    }


POWER = Plan(
    children=(
        Child("power_effect", ("effects",), _effects, needs=("effects",)),
        Child("power_effect_condition", ("effects.conditionals",), _conditions, needs=("effects.conditionals",)),
        *power_lists.CHILDREN,
    ),
    computed=_computed,
    fields=(*(f"effects.{field}" for field, _ in _SUMMARY.values()), "enhancement_class_ids", "boosts_allowed"),
)
