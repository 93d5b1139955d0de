"""Powers and everything that a power record carries in lists."""

from mids_assets.model.columns import (
    boolean,
    enum,
    extra,
    flags,
    integer,
    json,
    name,
    number,
    parent,
    position,
    prose,
    texts,
)
from mids_assets.model.table import NAME_LIMIT, Column, Reference, Search, Table
from mids_assets.model.tables.effects import EFFECT

_POWER = parent("power", "power", "The power.")
_PAIRS = ("requires.powers", "requires.powers_not")
_CLASSES = ("requires.classes", "requires.classes_not")

POWER = Table(
    name="power",
    kind="entity",
    asset="power",
    description="A power: everything a character, pet, enhancement or set bonus can do.",
    key=("full_name",),
    unordered=("position",),
    source="Power",
    search=Search("display_name", ("description_short", "description_long"), within="powerset"),
    members=(
        name("full_name", "Group.Set.Power.", nullable=False),
        Reference(
            "powerset",
            "powerset",
            "Set that the first two parts of the full name name.",
            required=True,
            made_from=("full_name", "group_name", "set_name"),
        ),
        Column(
            "position",
            "int4",
            "Order inside its powerset, 0-based.",
            minimum=0,
            nullable=False,
            made_from=("full_name", "group_name", "set_name"),
        ),
        name("name", "The third part of the full name, as stored beside it.", source="power_name"),
        name("group_name", "The first part, as stored; may be stale."),
        name("set_name", "The second part, as stored; may be stale."),
        prose("display_name", "Name shown to a player; not unique."),
        integer("static_index", "Number that saved builds use; -1 = none; meant to be unique."),
        integer("level_available", "Level at which it can be chosen, 1-based; 0 = granted.", source="level"),
        integer("game_level_zero_based", "The game's own level; 0 in nearly all data.", source="available_level"),
        prose("description_short", "One line about the power."),
        prose("description_long", "The full text; may hold markup such as <br>."),
        *enum("power_type", "power_type", "Click, auto, toggle, boost and so on."),
        *flags("modes_required", "mode_flags", "Modes that must be on."),
        *flags("modes_disallowed", "mode_flags", "Modes that must be off."),
        number("accuracy", "Accuracy before bonuses.", unit="multiplier"),
        *flags("attack_types", "attack_vector", "Ways in which it attacks."),
        *flags("entities_affected", "entity", "Who is affected."),
        *flags("entities_auto_hit", "entity", "Who is hit without a roll."),
        *flags("target", "entity", "What may be targeted."),
        boolean("target_line_of_sight", "Whether the target must be in sight."),
        number("range", "How far it reaches.", unit="feet"),
        *flags("target_secondary", "entity", "What may be the second target."),
        number("range_secondary", "How far the second target may be.", unit="feet"),
        number("endurance_cost", "Cost per activation; for toggles per activate_period.", unit="endurance"),
        number("interrupt_time", "How long it can be interrupted.", unit="seconds"),
        number("cast_time", "Animation before rounding to server ticks.", unit="seconds"),
        number("recharge_time", "Recharge.", unit="seconds"),
        number("base_recharge_time", "Recharge before the planner's changes.", unit="seconds"),
        number("activate_period", "Interval of a toggle or auto power.", unit="seconds"),
        *enum("effect_area", "effect_area", "Shape of the area."),
        number("radius", "Radius of a sphere or length of a cone.", unit="feet"),
        integer("arc", "Angle of a cone; 0 = no cone.", unit="degrees"),
        integer("max_targets", "0 = no stated limit."),
        name("max_boosts", "Text of the source, nearly always empty."),
        *flags("cast_flags", "cast_flags", "Conditions for casting."),
        *enum("ai_report", "notify", "When foes notice it."),
        integer("num_charges", "0 = unlimited."),
        integer("usage_time", "Life while in use.", unit="seconds"),
        integer("life_time", "Life in real time.", unit="seconds"),
        integer("life_time_in_game", "Life while logged in.", unit="seconds"),
        integer("num_allowed", "How many copies one may own."),
        boolean("do_not_save", "Whether the game forgets it."),
        texts("boosts_allowed", "Boost identifiers such as Damage_Boost; origin boosts are no classes."),
        boolean("cast_through_hold", "Whether a held character can use it."),
        boolean("ignore_strength", "Whether buffs and enhancements leave it alone."),
        boolean("click_buff", "Whether a click counts as a buff in totals."),
        boolean("always_toggle", "Whether it is shown with a toggle."),
        boolean("allow_front_loading", "Whether slots may be placed early."),
        boolean("variable_enabled", "Whether a slider sets its strength."),
        boolean("variable_override", "Whether the slider keeps rules of its own."),
        name("variable_name", "Label of the slider."),
        integer("variable_min", "Least value of the slider."),
        integer("variable_max", "Greatest value of the slider."),
        integer("variable_start", "First value of the slider."),
        boolean("skip_max", "Whether the class's maximum is not applied."),
        *enum("inherent_type", "grid_type", "Where the grid of inherent powers shows it."),
        integer("display_location", "Place in that grid."),
        boolean("mutex_auto", "Whether exclusion is handled by itself."),
        boolean("mutex_ignore", "Whether it is exempt from exclusion."),
        boolean("absorb_summon_effects", "Whether it shows the effects of what it summons as its own."),
        boolean("absorb_summon_attributes", "Whether it takes radius, targets and so on from what it summons."),
        boolean("show_summon_anyway", "Whether the summon is shown although absorbed."),
        boolean("never_auto_update", "Whether import tools must leave it alone."),
        boolean("never_auto_update_requirements", "Whether import tools must leave its requirements alone."),
        boolean("include_flag", "Whether it counts in totals from the start."),
        name("forced_class_name", "Class whose modifiers always count, as written.", source="forced_class"),
        Reference("forced_class", "archetype", "Class whose modifiers always count.", raw="forced_class_name"),
        boolean("sort_override", "Planner state that may have been saved.", hashed=False),
        boolean("boost_boostable", "Of boost powers: whether boosters work."),
        boolean("boost_use_player_level", "Of boost powers: whether it is attuned."),
        boolean("hidden_power", "Whether it is kept from the user."),
        json(
            "effects",
            "Its effects in file order, each with the eight values that a planner reads first.",
            made_from=("effects",),
        ),
        json(
            "allowed_enhancements",
            "Ids of the enhancement classes it accepts, in file order.",
            made_from=("enhancement_class_ids", "boosts_allowed"),
        ),
        extra(),
    ),
)

POWER_EFFECT = Table(
    name="power_effect",
    kind="child",
    asset="power",
    parent="power",
    rows_from="effects",
    description="One effect of a power, complete.",
    key=("power", "position"),
    ordered=("position",),
    members=(_POWER, position("Place in the power's list."), *EFFECT),
)

POWER_EFFECT_CONDITION = Table(
    name="power_effect_condition",
    kind="child",
    asset="power",
    parent="power",
    description="Conditions under which an effect counts.",
    key=("power", "effect_position", "position"),
    ordered=("effect_position", "position"),
    members=(
        _POWER,
        position("Place of the effect in the power's list.", "effect_position"),
        position("Place in the effect's list."),
        Reference("effect", "power_effect", "The effect.", required=True, composite=("power", "effect_position")),
        name("condition_key", "Kind:Subject as written, perhaps after AND or OR.", source="key"),
        name("value", "True or False, or an operator and a number.", source="value"),
        Column("connector", "text", "AND or OR where the key states it.", max_length=8),
        Column("kind", "text", "Active, Taken, Stacks, Team, or as written.", max_length=NAME_LIMIT),
        Column("subject", "text", "What the condition is about, as written.", max_length=NAME_LIMIT),
        Reference("subject_power", "power", "Power that it is about; Team has none.", raw="subject"),
    ),
)

POWER_PREREQUISITE = Table(
    name="power_prerequisite",
    kind="child",
    asset="power",
    parent="power",
    description=(
        "Powers that must, or must not, be owned. Not negated: one alternative must hold whole (OR between "
        "alternatives, AND inside one). Negated: any single name excludes. A name that resolves to nothing "
        "restricts nothing, as in the source program."
    ),
    key=("power", "negated", "alternative", "position"),
    unordered=("alternative", "position"),
    members=(
        _POWER,
        Column("negated", "bool", "Whether the name excludes.", nullable=False, made_from=_PAIRS),
        position("Number of the alternative.", "alternative", made_from=_PAIRS),
        position("Place inside the alternative: 0 or 1.", made_from=_PAIRS),
        Column(
            "required_name",
            "text",
            "The name as written, a leading ! included.",
            nullable=False,
            max_length=NAME_LIMIT,
            made_from=_PAIRS,
        ),
        Column(
            "kind",
            "text",
            "power, powerset, expression or unknown.",
            nullable=False,
            max_length=16,
            made_from=_PAIRS,
        ),
        Reference("required_power", "power", "The power named.", made_from=_PAIRS),
        Reference("required_powerset", "powerset", "The powerset named.", made_from=_PAIRS),
    ),
)

POWER_ARCHETYPE_RULE = Table(
    name="power_archetype_rule",
    kind="child",
    asset="power",
    parent="power",
    description="Classes that alone may, or must not, have a power. No row of a power = open to all.",
    key=("power", "class_name", "excluded"),
    members=(
        _POWER,
        Reference(
            "archetype",
            "archetype",
            "The class; null where the release does not hold it, and then nobody is of it.",
            raw="class_name",
            made_from=_CLASSES,
            required_of_whole=True,
        ),
        Column("excluded", "bool", "Whether the class is shut out.", nullable=False, made_from=_CLASSES),
        Column(
            "class_name", "text", "The class as written.", nullable=False, max_length=NAME_LIMIT, made_from=_CLASSES
        ),
    ),
)

POWER_ALLOWED_ENHANCEMENT = Table(
    name="power_allowed_enhancement",
    kind="child",
    asset="power",
    parent="power",
    description="Enhancement classes that a power accepts.",
    key=("power", "enhancement_class"),
    members=(_POWER, parent("enhancement_class", "enhancement_class", "The class, by its id column.")),
)

POWER_ALLOWED_SET_TYPE = Table(
    name="power_allowed_set_type",
    kind="child",
    asset="power",
    parent="power",
    description="Types of enhancement sets that a power accepts.",
    key=("power", "set_type"),
    members=(_POWER, parent("set_type", "set_type", "The set type, by its position.")),
)

POWER_SUB_POWER = Table(
    name="power_sub_power",
    kind="child",
    asset="power",
    parent="power",
    rows_from="sub_powers",
    description="Powers that come with a power, such as those of a form.",
    key=("power", "position"),
    ordered=("position",),
    members=(
        _POWER,
        position("Place in the power's list."),
        name("sub_power_name", "The power as written.", source=""),
        Reference("sub_power", "power", "The power that comes with it.", raw="sub_power_name"),
    ),
)

POWER_GROUP = Table(
    name="power_group",
    kind="child",
    asset="power",
    parent="power",
    description="Groups of powers that exclude each other; free names, compared without case.",
    key=("power", "position"),
    unordered=("position",),
    members=(
        _POWER,
        position("Place in the power's list."),
        name("group_membership", "Name of the group.", source=""),
    ),
)

POWER_IGNORED_ASPECT = Table(
    name="power_ignored_aspect",
    kind="child",
    asset="power",
    parent="power",
    description="Aspects of a power that enhancements, or global buffs, do not change.",
    key=("power", "kind", "position"),
    unordered=("position",),
    members=(
        _POWER,
        Column("kind", "text", "enhancement or buff: what does not change the aspect.", nullable=False, max_length=16),
        position("Place in the power's list."),
        *enum("aspect", "enhance", "The aspect.", source=""),
    ),
)

TABLES = (
    POWER,
    POWER_EFFECT,
    POWER_EFFECT_CONDITION,
    POWER_PREREQUISITE,
    POWER_ARCHETYPE_RULE,
    POWER_ALLOWED_ENHANCEMENT,
    POWER_ALLOWED_SET_TYPE,
    POWER_SUB_POWER,
    POWER_GROUP,
    POWER_IGNORED_ASPECT,
)
