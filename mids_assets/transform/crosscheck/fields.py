"""Which fields of powers and classes are compared, and which differences between the two sources are none, with the
reasons; and all entities that are compared.

Both sides are in our columns and units already: the export went through the same frames and tables. What is left are
values that mean the same, and values that one of the sources does not state.
Does not belong here: the tolerance of numbers (`verdicts.py`), comparing (`values.py`), effects (`effect_fields.py`),
sets (`set_fields.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from mids_assets.model.enums import CODES
from mids_assets.model.table import NATURAL_KEY
from mids_assets.transform.crosscheck.declared import Convention, Entity, Field
from mids_assets.transform.crosscheck.list_fields import POWER_LISTS
from mids_assets.transform.crosscheck.pairing import category, parent_set, stem
from mids_assets.transform.crosscheck.set_fields import ENHANCEMENT, ENHANCEMENT_SET
from mids_assets.transform.crosscheck.verdicts import close, theirs

_TICK = 0.132
"""Seconds of a server tick, to which the game rounds animations up."""
_NO_LIMIT = (0, 255, 999, 9999)


def _numbers(*columns: str) -> tuple[Field, ...]:
    return tuple(Field(column, "number") for column in columns)


def _is_of_ticks() -> pl.Expr:
    ticks = pl.col("cast_time") / _TICK
    least = (theirs("cast_time") / _TICK).ceil()
    whole = close(ticks, ticks.round())
    return whole & (ticks.round() >= least) & (ticks.round() <= least + 1)


def _never_uses(column: str, bit: int) -> pl.Expr:
    """Whether theirs is ours but for a bit that stands in none of our values."""
    ours, other = pl.col(f"{column}_code"), theirs(f"{column}_code")
    return ((ours & bit) == 0).all() & (ours == (other & ~bit))


_TOXIC = CODES["attack_vector"]["toxic_attack"]

_POWER_FIELDS = (
    Field("display_name", "text"),
    Field("power_type", "choice"),
    Field(
        "level_available",
        "number",
        (
            Convention(
                "0 in the planner and 1 in the game: a power that comes by itself has no level of its own.",
                (pl.col("level_available") <= 1) & (theirs("level_available") <= 1),
            ),
        ),
    ),
    *_numbers("accuracy", "recharge_time"),
    Field(
        "cast_time",
        "number",
        (
            Convention(
                "The planner holds the time rounded up to server ticks of 0.132 s, or one tick more.", _is_of_ticks()
            ),
        ),
    ),
    *_numbers("interrupt_time", "activate_period", "endurance_cost", "range", "range_secondary", "radius"),
    Field(
        "arc",
        "number",
        (
            Convention(
                "The planner cuts the fraction of a degree off: 0.3491 in the game is 19 or 20.",
                (pl.col("arc") - theirs("arc")).abs() <= 1,
            ),
        ),
    ),
    Field(
        "max_targets",
        "number",
        (
            Convention(
                "0, 255, 999 and 9999 all say that there is no limit.",
                pl.col("max_targets").is_in(_NO_LIMIT) & theirs("max_targets").is_in(_NO_LIMIT),
            ),
        ),
    ),
    Field(
        "num_allowed",
        "number",
        (
            Convention(
                "0 in the planner is a value that was not filled in; the game's default is 1.",
                (pl.col("num_allowed") == 0) & (theirs("num_allowed") == 1),
            ),
        ),
    ),
    *_numbers("num_charges", "usage_time", "life_time", "life_time_in_game"),
    Field(
        "effect_area",
        "choice",
        (
            Convention(
                "Chain, a word of the game, has no agreed value in the planner: Character, Sphere and Touch are used.",
                theirs("effect_area").is_null(),
            ),
        ),
    ),
    Field(
        "attack_types",
        "flags",
        (
            Convention(
                "Toxic is an attack type in planners since 2024 only; this one uses it nowhere.",
                _never_uses("attack_types", _TOXIC),
            ),
        ),
    ),
    *(Field(column, "flags") for column in ("entities_affected", "entities_auto_hit", "target", "target_secondary")),
    Field("target_line_of_sight", "yes_no"),
    Field("cast_flags", "flags"),
    Field("cast_through_hold", "yes_no"),
    Field("ignore_strength", "yes_no"),
    Field("modes_required", "flags"),
    Field("modes_disallowed", "flags"),
    Field("boosts_allowed", "names"),
    Field(
        "max_boosts",
        "text",
        (
            Convention(
                "The planner mostly leaves it empty, which stands for 6.",
                (pl.col("max_boosts") == "") & (theirs("max_boosts") == "6"),
            ),
            Convention(
                "The planner leaves it empty for a power that accepts no enhancement, for which the game says 0.",
                (pl.col("max_boosts") == "")
                & (theirs("max_boosts") == "0")
                & (pl.col("boosts_allowed").list.len() == 0),
                needs=("boosts_allowed",),
            ),
        ),
    ),
)

ARCHETYPE = Entity(
    "archetype",
    "name",
    (
        Field("display_name", "text"),
        Field("primary_group", "text", fold=True),
        Field("secondary_group", "text", fold=True),
        *_numbers(
            "hit_points_base",
            "hitpoint_cap",
            "resistance_cap",
            "recharge_cap",
            "damage_cap",
            "recovery_cap",
            "regeneration_cap",
            "base_recovery",
            "base_regeneration",
            "base_threat",
            "perception_cap",
        ),
    ),
    only=pl.col("playable"),
    because="Classes of pets, henchmen and foes hold defaults in the planner.",
)
POWERSET = Entity(
    "powerset",
    "full_name",
    (Field("display_name", "text"),),
    within=category(pl.col(NATURAL_KEY)),
    members="power",
    in_categories=True,
)
POWER = Entity(
    "power",
    "full_name",
    (*_POWER_FIELDS, *POWER_LISTS),
    within=parent_set(pl.col(NATURAL_KEY)),
    copies=stem(pl.col(NATURAL_KEY)),
    alike=(
        "power_type_code",
        "effect_area_code",
        "target_code",
        "recharge_time",
        "cast_time",
        "endurance_cost",
        "range",
        "radius",
        "max_targets",
    ),
    in_categories=True,
)
ENTITIES = (ARCHETYPE, POWERSET, POWER, ENHANCEMENT_SET, ENHANCEMENT)

NOT_COMPARED: Mapping[str, Mapping[str, str]] = {
    "power": {
        "description_short, description_long": "Texts of the planner are rewritten by hand.",
        "do_not_save": "The planner never sets it.",
        "ai_report": "When foes notice a power is of no use to a planner.",
        "base_recharge_time": "It repeats recharge_time.",
        "modes without a flag of their own": "The planner cannot say them; an import leaves them out.",
        "game_level_zero_based": "The planner leaves it at 0; level_available is compared.",
    },
    "powerset": {
        "description": "Texts of the planner are rewritten by hand.",
        "image_name": "The planner has picture files of its own.",
    },
}
"""Table -> columns -> why a value that both sources have is not compared."""
