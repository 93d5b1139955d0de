"""Enhancements, enhancement sets and their bonuses."""

from dataclasses import replace

from mids_assets.model.columns import boolean, enum, extra, integer, json, level, name, number, parent, position, prose
from mids_assets.model.table import Column, Reference, Search, Table
from mids_assets.model.tables.effects import EFFECT

ENHANCEMENT_SET = Table(
    name="enhancement_set",
    kind="entity",
    asset="enhancement_set",
    description="A set of enhancements with bonuses for slotting several of its pieces.",
    key=("uid",),
    source="EnhancementSets",
    search=Search("display_name", ("description",)),
    members=(
        name("uid", "Identifier of the set.", nullable=False),
        prose("display_name", "Name shown to a player."),
        prose("short_name", "Abbreviation."),
        prose("description", "Text about the set."),
        Reference(
            "set_type",
            "set_type",
            "Which powers take it, by the type's position.",
            required=True,
            made_from=("set_type",),
        ),
        name("image", "File name of the icon."),
        level("level_min", "Lowest level of its pieces."),
        level("level_max", "Highest level of its pieces."),
        extra(),
    ),
)

ENHANCEMENT_SET_BONUS = Table(
    name="enhancement_set_bonus",
    kind="child",
    asset="enhancement_set",
    parent="enhancement_set",
    description=(
        "A power that a set grants. kind set: for `slotted` pieces; kind special: for the piece number row + 1. "
        "Rows of the source without a power give none here but count in `row`."
    ),
    key=("enhancement_set", "kind", "row", "position"),
    ordered=("row", "position"),
    members=(
        parent("enhancement_set", "enhancement_set", "The set."),
        Column("kind", "text", "set or special.", nullable=False, max_length=16),
        position("0-based row of the source's list of bonuses.", "row"),
        position("Place among the row's powers."),
        name("power_name", "The granted power, as written.", source="power_full_name"),
        Reference("power", "power", "The granted power.", raw="power_name", required_of_whole=True),
        integer("special", "Number kept for the source program."),
        name("alt_string", "Text shown instead of the power's own."),
        *enum("pv_mode", "pvx", "PvE, PvP or any; null for special rows."),
        integer("slotted", "Pieces that must be slotted; null for special rows.", unit="pieces"),
        Reference("enhancement", "enhancement", "Special rows: the piece that carries the bonus."),
    ),
)

ENHANCEMENT = Table(
    name="enhancement",
    kind="entity",
    asset="enhancement",
    description="An enhancement: training to single origin, invention, special, or a piece of a set.",
    key=("uid", "occurrence"),
    unordered=("set_position",),
    source="Enhancements",
    search=Search("name", ("description",), within="enhancement_set"),
    members=(
        name("uid", "Internal name; its boost power is Boosts.<uid>.<uid>.", nullable=False),
        Column(
            "occurrence",
            "int4",
            "1, 2.. among equal uids in file order.",
            minimum=1,
            nullable=False,
            made_from=("uid",),
        ),
        integer("static_index", "Number that saved builds use; not unique in every realm."),
        prose("name", "Name shown to a player, without the set's."),
        prose("short_name", "Abbreviation."),
        prose("description", "Text shown to a player."),
        *enum("type_id", "enhancement_type", "Normal, invention, special or set piece."),
        integer("sub_type_id", "Position of the special type; 0 unless special, -1 occurs."),
        Reference(
            "special_enhancement_type",
            "special_enhancement_type",
            "Special type, of special enhancements.",
            made_from=("type_id", "sub_type_id"),
        ),
        name("image", "File name of the icon."),
        name("set_uid", "Its set, as written; empty without one."),
        Reference("enhancement_set", "enhancement_set", "Its set.", raw="set_uid"),
        Column(
            "set_position",
            "int4",
            "0-based number of the piece among those of its set.",
            minimum=0,
            made_from=("set_uid", "type_id"),
        ),
        number("effect_chance", "Chance of its effect.", unit="fraction"),
        level("level_min", "Lowest level."),
        level("level_max", "Highest level; -1 on attuned ones of some realms."),
        boolean("unique", "Whether a build may hold only one."),
        *enum("mutex_id", "enhancement_mutex", "Group of enhancements that exclude each other."),
        *enum("buff_mode", "buff_debuff", "Whether it works on buffs, debuffs or both."),
        name("recipe_name", "Its recipe, as written; empty without one."),
        Reference("recipe", "recipe", "Its recipe.", raw="recipe_name"),
        Reference("boost_power", "power", "The power Boosts.<uid>.<uid> that it grants.", made_from=("uid",)),
        boolean("superior", "Whether it is the superior version."),
        boolean("is_proc", "Whether it is a proc."),
        boolean("is_scalable", "Whether it scales with level."),
        extra(),
    ),
)

ENHANCEMENT_CLASS_MEMBER = Table(
    name="enhancement_class_member",
    kind="child",
    asset="enhancement",
    parent="enhancement",
    description="Classes of an enhancement. The source counts rows here: joined by the class's position, not its id.",
    key=("enhancement", "enhancement_class"),
    members=(
        parent("enhancement", "enhancement", "The enhancement."),
        parent("enhancement_class", "enhancement_class", "The class."),
    ),
)

ENHANCEMENT_EFFECT = Table(
    name="enhancement_effect",
    kind="child",
    asset="enhancement",
    parent="enhancement",
    rows_from="effects",
    description="What an enhancement does: boosts an aspect of its power, or carries an effect record (has_fx).",
    key=("enhancement", "position"),
    ordered=("position",),
    members=(
        parent("enhancement", "enhancement", "The enhancement."),
        position("Place in the enhancement's list."),
        *enum("mode", "enhancement_mode", "Boosts an aspect, or carries an effect; trust has_fx, not this."),
        *enum("buff_mode", "buff_debuff", "Whether it works on buffs, debuffs or both."),
        *enum("enhance_id", "enhance", "Aspect that is boosted; no member (-1) in mode FX."),
        integer("enhance_sub_id", "Number of the status effect when the aspect is Mez, else -1."),
        *enum("schedule", "schedule", "Strength column A to D."),
        number("multiplier", "Factor on the schedule's strength.", unit="multiplier"),
        boolean("has_fx", "Whether an effect record follows; without one its columns are null."),
        *(replace(m, source=f"fx.{m.source}") if isinstance(m, Column) else m for m in EFFECT),
        json("conditionals", "Conditions of the effect: array of {key, value}.", source="fx.conditionals"),
    ),
)

TABLES = (ENHANCEMENT_SET, ENHANCEMENT, ENHANCEMENT_SET_BONUS, ENHANCEMENT_CLASS_MEMBER, ENHANCEMENT_EFFECT)
