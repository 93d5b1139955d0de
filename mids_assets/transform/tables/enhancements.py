"""enhancement, enhancement_class_member, enhancement_effect."""

from __future__ import annotations

import polars as pl

from mids_assets.transform.inputs import occurrence
from mids_assets.transform.json_text import json_text
from mids_assets.transform.projection import VALUE, items, member_number
from mids_assets.transform.tables.effects import summon_targets
from mids_assets.transform.tables.plan import Child, Computed, Context, Plan

_OF_A_SET = member_number("enhancement_type", "SetO")
_SPECIAL = member_number("enhancement_type", "SpecialO")
_FX = "fx."


def pieces(context: Context) -> pl.DataFrame:
    """Per enhancement: occurrence of its uid, key of its set, and its number among the pieces of that set.

    Only set pieces are numbered, in order of the file, as the source program does after loading.
    """
    frame = context.frames.scan("enhancement").select("uid", "type_id", "set_uid").collect()
    owner = context.names.resolve("enhancement_set", frame.get_column("set_uid"))
    numbered = pl.when(pl.col("type_id") == _OF_A_SET).then(pl.col("owner"))
    return (
        frame.with_columns(owner.alias("owner"))
        .with_columns(numbered.alias("numbered"))
        .select(
            occurrence(pl.col("uid").str.to_lowercase()).alias("occurrence"),
            "owner",
            pl.when(pl.col("numbered").is_not_null())
            .then(pl.int_range(pl.len(), dtype=pl.Int32).over("numbered"))
            .alias("set_position"),
        )
    )


def _computed(batch: pl.DataFrame, context: Context) -> Computed:
    own = context.part(pieces, batch)
    boosts = batch.select(pl.format("Boosts.{}.{}", "uid", "uid")).to_series()
    special_types = context.frames.keys("special_enhancement_type").to_series().to_list()
    sub_type = pl.col("sub_type_id")
    special = (pl.col("type_id") == _SPECIAL) & sub_type.is_in(special_types)
    return {
        "occurrence": own.get_column("occurrence"),
        "set_position": own.get_column("set_position"),
        "boost_power": context.names.resolve("power", boosts),
        "special_enhancement_type": batch.select(pl.when(special).then(sub_type)).to_series(),
    }


def _class_members(batch: pl.DataFrame, context: Context) -> tuple[pl.DataFrame, Computed]:
    """class_ids count rows of the classes' file; the class is named by its id, which is another number."""
    rows = items(batch, "class_ids")
    ids = context.frames.keys("enhancement_class").get_column("id").to_list()
    rows = context.distinct("enhancement_class_member", rows, [VALUE])
    by_position = {position: number for position, number in context.shared(_class_positions).items() if number in ids}
    numbers = rows.get_column(VALUE).replace_strict(by_position, default=None, return_dtype=pl.Int32)
    return rows, {"enhancement_class": numbers}


def _class_positions(context: Context) -> dict[int, int]:
    return dict(context.frames.reference("enhancement_class").select("position", "id").collect().iter_rows())


def _effects(batch: pl.DataFrame, context: Context) -> tuple[pl.DataFrame, Computed]:
    """The fields of the effect record stand under `fx.`; all are null where an enhancement's effect has none."""
    rows = items(batch, "effects")
    inner = rows.get_column("fx").struct.unnest()
    empty = rows.get_column("fx").is_null()
    inner = inner.select(pl.when(~empty).then(pl.all()).name.prefix(_FX))
    rows = pl.concat([rows.drop("fx"), inner], how="horizontal")
    conditions = [None if found is None else json_text(found) for found in inner[f"{_FX}conditionals"].to_list()]
    return rows, {
        **summon_targets(rows, context.names, _FX),
        "conditionals": pl.Series(conditions, dtype=pl.String),
    }


ENHANCEMENT = Plan(
    children=(
        Child("enhancement_class_member", ("class_ids",), _class_members),
        Child("enhancement_effect", ("effects",), _effects),
    ),
    computed=_computed,
)
