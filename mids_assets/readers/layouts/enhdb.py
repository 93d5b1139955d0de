"""EnhDB.mhd: enhancements and enhancement sets.

Only declarations. The effect record is the one of I12.mhd: each generation names the I12 layout whose effect it
embeds. Numbers e1 and e4 are not in use. Source: formats items.md 3.1 and items.yaml.
"""

from mids_assets.readers.layout import Family, Field, Record, f32, flag, i32, many, record, text
from mids_assets.readers.layouts.i12 import I12

CURRENT = "Mids Reborn Enhancement Database"
LEGACY = "Mids' Hero Designer Enhancement Database"

ENHANCEMENT_EFFECT = record(
    "enhancement_effect",
    *i32("mode buff_mode enhance_id enhance_sub_id schedule"),
    *f32("multiplier"),
    *flag("has_fx"),
    Field("fx", "record", record="effect", when=("has_fx", "==", True)),
)

ENHANCEMENT = record(
    "enhancement",
    *i32("static_index"),
    *text("name short_name description"),
    *i32("type_id sub_type_id"),
    many("class_ids", "i32"),
    *text("image"),
    *i32("set_index"),
    *text("set_uid"),
    *f32("effect_chance"),
    *i32("level_min level_max"),
    *flag("unique"),
    *i32("mutex_id buff_mode"),
    many("effects", ENHANCEMENT_EFFECT),
    *text("uid recipe_name"),
    *flag("superior"),
    *flag("is_proc", since="e3"),
    *flag("is_scalable", since="e6"),
)

BONUS_POWER = record(
    "bonus_power",
    *text("power_full_name"),
    *i32("power_index"),
)

SET_BONUS = record(
    "set_bonus",
    *i32("special"),
    *text("alt_string"),
    *i32("pv_mode slotted"),
    many("powers", BONUS_POWER),
)

SET_SPECIAL_BONUS = record(
    "set_special_bonus",
    *i32("special"),
    *text("alt_string"),
    many("powers", BONUS_POWER),
)

ENHANCEMENT_SET = record(
    "enhancement_set",
    *text("display_name short_name uid description"),
    *i32("set_type"),
    *text("image"),
    *i32("level_min level_max"),
    many("enhancement_indexes", "i32"),
    many("bonuses", SET_BONUS),
    many("special_bonuses", SET_SPECIAL_BONUS),
)

FILE = record(
    "file",
    *text("magic"),
    *f32("version"),
    many("enhancements", ENHANCEMENT),
    many("sets", ENHANCEMENT_SET),
)


def _effect_of(i12_layout: str) -> tuple[Record, ...]:
    layout = I12.layout(i12_layout)
    return layout["conditional"], layout["effect"]


ENHDB = Family(
    kind="enhdb",
    root="file",
    generations=(
        ("e0", (LEGACY,), "2019-06-05", "2020-10-21"),
        ("e2", (LEGACY,), "2020-10-21", "2021-01-06"),
        ("e3", (LEGACY,), "2021-01-06", "2021-08-01"),
        ("e5", (LEGACY,), "2021-08-01", "2021-12-16"),
        ("e6", (CURRENT, LEGACY), "2021-12-16", "2022-04-17"),
        ("e7", (CURRENT,), "2022-04-17", None),
    ),
    records=(ENHANCEMENT_EFFECT, ENHANCEMENT, BONUS_POWER, SET_BONUS, SET_SPECIAL_BONUS, ENHANCEMENT_SET, FILE),
    embeds={
        "e0": _effect_of("h5"),
        "e2": _effect_of("h6"),
        "e3": _effect_of("h6"),
        "e5": _effect_of("h8"),
        "e6": _effect_of("h8"),
        "e7": _effect_of("r3"),
    },
)
