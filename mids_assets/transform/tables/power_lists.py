"""The child tables of a power that come from its plain lists: requirements, classes, groups and the like."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from mids_assets.model.table import NATURAL_KEY
from mids_assets.transform.inputs import RECORD
from mids_assets.transform.projection import PLACE, VALUE, items, member_names
from mids_assets.transform.tables.plan import Child, Computed, Context

_DOTTED = r"^[^\s.<>?$@!=&|,;()\"]+(\.[^\s.<>?$@!=&|,;()\"]+)+$"
"""Shape of the name of a power or powerset; anything else among prerequisites is a piece of a game expression."""


def class_ids(batch: pl.DataFrame, context: Context) -> pl.Series:
    """Ids of the accepted enhancement classes, in file order, repeats kept.

    Layouts before 2019-10 did not store them (null): they follow from boosts_allowed, as in the source program.
    """
    stored = batch.get_column("enhancement_class_ids")
    if not stored.null_count():
        return stored
    ids = context.shared(_ids_by_boost)
    boosts = items(batch, "boosts_allowed").with_columns(
        pl.col(VALUE).str.to_lowercase().replace_strict(ids, default=None, return_dtype=pl.Int32)
    )
    derived = (
        boosts.drop_nulls(VALUE).group_by(RECORD, maintain_order=True).agg(pl.col(VALUE).unique(maintain_order=True))
    )
    joined = batch.select(RECORD, "enhancement_class_ids").join(derived, on=RECORD, how="left", maintain_order="left")
    nothing = pl.lit([], dtype=pl.List(pl.Int32))
    return joined.select(pl.coalesce("enhancement_class_ids", VALUE, nothing)).to_series()


def _ids_by_boost(context: Context) -> dict[str, int]:
    classes = context.frames.reference("enhancement_class").select("class_id", "id").collect()
    ids: dict[str, int] = {}
    for name, number in classes.iter_rows():
        if name:
            ids.setdefault(name.lower(), number)
    return ids


def _prerequisites(batch: pl.DataFrame, context: Context) -> tuple[pl.DataFrame, Computed]:
    """Two lists of pairs of names; a second name may be missing. Excluding names may carry a redundant `!`."""
    sides = []
    for field, negated in (("powers", False), ("powers_not", True)):
        pairs = items(batch.with_columns(pl.col("requires").struct.field(field)), field)
        for place, part in enumerate(("power_a", "power_b")):
            sides.append(
                pairs.select(
                    NATURAL_KEY,
                    RECORD,
                    pl.lit(negated).alias("negated"),
                    pl.col(PLACE).alias("alternative"),
                    pl.lit(place, dtype=pl.Int32).alias("position"),
                    pl.col(part).alias("required_name"),
                )
            )
    rows = pl.concat(sides).filter(pl.col("required_name") != "")
    rows = rows.sort(RECORD, "negated", "alternative", "position")
    name = pl.col("required_name")
    meant = rows.select(pl.when("negated").then(name.str.strip_prefix("!")).otherwise(name)).to_series()
    power = context.names.resolve("power", meant)
    two_parts = meant.str.count_matches(".", literal=True) == 1
    # A powerset is only meant by a name of two parts; a third part that leads nowhere is a power that is gone.
    nothing = pl.repeat(None, rows.height, dtype=pl.String, eager=True)
    powerset = context.names.resolve("powerset", meant.zip_with(two_parts & power.is_null(), nothing))
    kind = pl.select(
        pl.when(power.is_not_null())
        .then(pl.lit("power"))
        .when(powerset.is_not_null())
        .then(pl.lit("powerset"))
        .when(meant.str.contains(_DOTTED))
        .then(pl.lit("unknown"))
        .otherwise(pl.lit("expression"))
    ).to_series()
    columns = {key: rows.get_column(key) for key in ("negated", "alternative", "position", "required_name")}
    return rows, {**columns, "kind": kind, "required_power": power, "required_powerset": powerset}


def _archetype_rules(batch: pl.DataFrame, context: Context) -> tuple[pl.DataFrame, Computed]:
    parts = []
    for field, excluded in (("classes", False), ("classes_not", True)):
        rows = items(batch.with_columns(pl.col("requires").struct.field(field)), field)
        parts.append(rows.with_columns(pl.lit(excluded).alias("excluded")))
    rows = pl.concat(parts).sort(RECORD, "excluded", PLACE)
    # An unknown class stays without a key; its name keeps it apart from other unknown ones.
    rows = rows.with_columns(context.names.resolve("archetype", rows.get_column(VALUE)).alias("archetype"))
    rows = rows.with_columns(pl.coalesce("archetype", pl.format("?{}", VALUE)).alias("same"))
    rows = context.distinct("power_archetype_rule", rows, ["same", "excluded"])
    return rows, {
        "archetype": rows.get_column("archetype"),
        "excluded": rows.get_column("excluded"),
        "class_name": rows.get_column(VALUE),
    }


def _allowed_enhancements(batch: pl.DataFrame, context: Context) -> tuple[pl.DataFrame, Computed]:
    rows = items(batch.with_columns(class_ids(batch, context).alias("enhancement_class_ids")), "enhancement_class_ids")
    rows = context.distinct("power_allowed_enhancement", rows, [VALUE])
    return rows, {"enhancement_class": rows.get_column(VALUE)}


def _allowed_set_types(batch: pl.DataFrame, context: Context) -> tuple[pl.DataFrame, Computed]:
    rows = context.distinct("power_allowed_set_type", items(batch, "set_type_ids"), [VALUE])
    return rows, {"set_type": rows.get_column(VALUE)}


def _sub_powers(batch: pl.DataFrame, context: Context) -> tuple[pl.DataFrame, Computed]:
    rows = items(batch, "sub_powers")
    return rows, {"sub_power_name": rows.get_column(VALUE)}


def _groups(batch: pl.DataFrame, context: Context) -> tuple[pl.DataFrame, Computed]:
    rows = items(batch, "group_membership")
    return rows, {"group_membership": rows.get_column(VALUE)}


def _ignored_aspects(batch: pl.DataFrame, context: Context) -> tuple[pl.DataFrame, Computed]:
    kinds = (("enhancement", "ignore_enhancements"), ("buff", "ignore_buffs"))
    parts = [items(batch, field).with_columns(pl.lit(kind).alias("kind")) for kind, field in kinds]
    order = pl.col("kind") == "buff"
    rows = pl.concat(parts).sort(RECORD, order, PLACE)
    codes = rows.get_column(VALUE)
    return rows, {"kind": rows.get_column("kind"), "aspect": member_names(codes, "enhance"), "aspect_code": codes}


def _of(
    table: str, fields: tuple[str, ...], rows: Callable[[pl.DataFrame, Context], tuple[pl.DataFrame, Computed]]
) -> Child:
    """A child of lists: none of its fields filled in any record, no rows."""
    return Child(table, fields, rows, needs=fields)


CHILDREN = (
    _of("power_prerequisite", ("requires",), _prerequisites),
    _of("power_archetype_rule", ("requires",), _archetype_rules),
    _of("power_allowed_enhancement", ("enhancement_class_ids", "boosts_allowed"), _allowed_enhancements),
    _of("power_allowed_set_type", ("set_type_ids",), _allowed_set_types),
    _of("power_sub_power", ("sub_powers",), _sub_powers),
    _of("power_group", ("group_membership",), _groups),
    _of("power_ignored_aspect", ("ignore_enhancements", "ignore_buffs"), _ignored_aspects),
)
