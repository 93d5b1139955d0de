"""What an effect is, apart from its numbers: the kind by which effects are paired, and the name a reader knows it by.

    Damage(Fire) PvE         effect type, what it is about, and what narrows it
    Defense(Melee) Self #2   the second such effect of a power in the order of our list

Does not belong here: pairing (`effects.py`), the compared fields (`effect_fields.py`).
"""

from __future__ import annotations

import polars as pl

from mids_assets.transform.crosscheck.effect_fields import KIND_FIELDS
from mids_assets.transform.crosscheck.values import FAMILY, LABEL

IDENTITY = ("effect_type", *(field.column for field in KIND_FIELDS))
KIND, ABOUT = "_kind", "_about"
"""Columns: all that makes the kind as one text; the power or entity that an effect is about."""

_OF_DAMAGE = ("Damage", "DamageBuff", "Defense", "Resistance", "Elusivity")
"""Effects that have a kind of damage; others hold one in the planner that means nothing."""
_ABOUT_SOMETHING = ("GrantPower", "RevokePower", "EntCreate", "RechargePower")


def with_kinds(effects: pl.DataFrame) -> pl.DataFrame:
    """Effects in the order of their lists, with `KIND`, `ABOUT`, `LABEL` and `FAMILY`."""
    of_damage = pl.any_horizontal(pl.col(name).is_in(_OF_DAMAGE) for name in ("effect_type", "modifies_effect_type"))
    about = pl.when(pl.col("effect_type").is_in(_ABOUT_SOMETHING)).then(pl.col("summon").str.to_lowercase())
    effects = effects.with_columns(
        pl.when(of_damage).then("damage_type").otherwise(pl.lit("None")).alias("damage_type"),
        about.fill_null("").alias(ABOUT),
    )
    subject = _joined([_told("modifies_effect_type"), _told("damage_type"), _told("mez_type"), _last_part(ABOUT)])
    narrowed = _joined(
        [pl.lit(""), _told("pv_mode", "Any"), _told("to_who", "Target"), _told("aspect", "Res", "Abs", "Str", "Cur")]
    )
    inside = pl.when(subject != "").then(pl.format("({})", subject)).otherwise(pl.lit(""))
    effects = effects.with_columns(
        pl.concat_str([pl.col(name).fill_null("") for name in (*IDENTITY, ABOUT)], separator="|").alias(KIND),
        pl.concat_str("effect_type", inside, narrowed).alias(LABEL),
        pl.concat_str("effect_type", narrowed).alias(FAMILY),
    )
    number = pl.int_range(1, pl.len() + 1).over("power", LABEL)
    return effects.with_columns(
        pl.when(number > 1).then(pl.format("{} #{}", LABEL, number)).otherwise(LABEL).alias(LABEL)
    )


def _joined(parts: list[pl.Expr]) -> pl.Expr:
    return pl.concat_list(parts).list.drop_nulls().list.join(" ")


def _told(column: str, *silent: str) -> pl.Expr:
    """The value, or null where it says nothing."""
    return pl.when(~pl.col(column).is_in(["None", "Unspecified", *silent])).then(column)


def _last_part(column: str) -> pl.Expr:
    name = pl.col(column).str.split(".").list.last()
    return pl.when(name != "").then(name)
