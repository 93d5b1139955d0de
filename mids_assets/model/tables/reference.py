"""The small tables: enhancement classes, set types, levels, modifiers, settings and replaced names."""

from mids_assets.model.columns import integer, name, number, parent, prose
from mids_assets.model.table import NAME_LIMIT, Column, Reference, Table


def _key(column: str, type_: str, description: str, **bounds) -> Column:
    return Column(column, type_, description, nullable=False, **bounds)  # type: ignore[arg-type]


def _reference(table: str, description: str, key: tuple[str, ...], *members: Column | Reference, **more) -> Table:
    return Table(
        name=table, kind="reference", asset="reference", description=description, key=key, members=members, **more
    )


def _grades(table: str, description: str) -> Table:
    """TypeGrades.json's three lists share one shape."""
    return _reference(
        table,
        description,
        ("position",),
        _key("position", "int4", "0-based place in the list; what other tables refer to.", minimum=0),
        name("name", "Full name."),
        name("short_name", "Abbreviation."),
        prose("description", "Text about it; mostly none."),
    )


ENHANCEMENT_CLASS = _reference(
    "enhancement_class",
    "Classes of enhancements, such as Damage. Two numbers: powers use `id`, enhancements use `position`.",
    ("id",),
    _key("id", "int4", "Index column of the source file; what powers refer to."),
    Column(
        "position", "int4", "0-based row of the source file; what enhancements refer to.", minimum=0, nullable=False
    ),
    name("name", "Name shown to a player."),
    name("short_name", "Abbreviation."),
    name("class_id", "Boost identifier such as Damage_Boost."),
    prose("description", "Text about the class."),
    unique=(("position",),),
)

SET_TYPE = _grades("set_type", "Types of enhancement sets; they differ per realm.")
ENHANCEMENT_GRADE = _grades("enhancement_grade", "Grades of enhancements.")
SPECIAL_ENHANCEMENT_TYPE = _grades("special_enhancement_type", "Types of special enhancements.")

ORIGIN = _reference(
    "origin",
    "Origins of characters, with the names of their dual and single origin enhancements.",
    ("position",),
    _key("position", "int4", "0-based row of the source file.", minimum=0),
    name("name", "Origin."),
    name("dual_graphic", "Picture of dual origin enhancements."),
    name("single_graphic", "Picture of single origin enhancements."),
)

ATTRIBUTE_MODIFIER_TABLE = _reference(
    "attribute_modifier_table",
    "Tables that turn an effect's scale into a value by level and class.",
    ("name",),
    _key("name", "text", "Name that effects give, such as Melee_Damage.", max_length=NAME_LIMIT),
    integer("base_index", "Number of the source."),
)

ATTRIBUTE_MODIFIER = Table(
    name="attribute_modifier",
    kind="child",
    asset="reference",
    parent="table",
    description="One value of an attribute modifier table.",
    key=("table", "level", "column"),
    members=(
        parent("table", "attribute_modifier_table", "The table."),
        _key("level", "int4", "0-based level.", minimum=0),
        _key("column", "int4", "0-based column: archetype.modifier_column.", minimum=0),
        number("value", "The value.", source=""),
    ),
)

EFFECT_TAG = _reference(
    "effect_tag",
    "Tags that global chance modifiers address; spellings that differ in case are different tags.",
    ("name",),
    _key("name", "text", "The tag, case kept.", max_length=NAME_LIMIT),
    Column("position", "int4", "0-based place in the source file.", minimum=0),
    unordered=("position",),
)

LEVEL_SCHEDULE = _reference(
    "level_schedule",
    "What a character gains at each level: kind N when levelling, kind R when respecifying.",
    ("kind", "level"),
    _key("kind", "text", "N or R.", max_length=1),
    _key("level", "int4", "0-based level.", minimum=0),
    integer("powers", "Powers gained."),
    integer("slots", "Slots gained."),
    integer("inspirations", "Places for inspirations."),
    prose("note", "Note of the source."),
)

DIVERSIFICATION_THRESHOLD = _reference(
    "diversification_threshold",
    "Where enhancement of an aspect begins to count less, per schedule.",
    ("schedule", "threshold"),
    _key("schedule", "text", "Schedule A to D.", max_length=1),
    _key("threshold", "int4", "1, 2 or 3.", minimum=1, maximum=3),
    number("value", "Sum of enhancement at which the threshold lies.", unit="fraction"),
)

ENHANCEMENT_STRENGTH = _reference(
    "enhancement_strength",
    "How strong an enhancement of a grade is, per schedule; inventions also per level.",
    ("grade", "level", "schedule"),
    _key("grade", "text", "training, dual, single, hamidon or invention.", max_length=16),
    _key("level", "int4", "0-based level of an invention; -1 means none.", minimum=-1),
    _key("schedule", "text", "Schedule A to D.", max_length=1),
    number("value", "Strength.", unit="fraction"),
)

SERVER_SETTING = _reference(
    "server_setting",
    "Settings of the game server, such as base speeds and the number of slots.",
    ("key",),
    _key("key", "text", "Name of the setting; incarnate slots are incarnate.NAME.", max_length=NAME_LIMIT),
    prose("value", "The value as text."),
    Column("type", "text", "text, integer, number or boolean.", source="type", max_length=16),
)

COMPARISON_OVERRIDE = _reference(
    "comparison_override",
    "Names under which the source program compares powers.",
    ("position",),
    _key("position", "int4", "0-based place in the source file.", minimum=0),
    name("powerset", "Powerset, as shown."),
    name("power", "Power, as shown."),
    name("override", "Name to compare under."),
    ordered=("position",),
)

POWER_REPLACEMENT = _reference(
    "power_replacement",
    "Powers under another identity: an old number and its successor (index), or a name here and on Cryptic's server.",
    ("kind", "archetype", "old"),
    _key("kind", "text", "index or cryptic.", max_length=16),
    _key("archetype", "text", "Class that the line is for, folded to lower case; empty = all.", max_length=NAME_LIMIT),
    _key("old", "text", "Old static index; cryptic: the name in this database.", max_length=NAME_LIMIT),
    Column("new", "text", "New static index; cryptic: the name there.", source="new", max_length=NAME_LIMIT),
    Reference("new_power", "power", "The power here: the successor, or the one that `old` names.", raw="new"),
)

TABLES = (
    ENHANCEMENT_CLASS,
    SET_TYPE,
    ENHANCEMENT_GRADE,
    SPECIAL_ENHANCEMENT_TYPE,
    ORIGIN,
    ATTRIBUTE_MODIFIER_TABLE,
    ATTRIBUTE_MODIFIER,
    EFFECT_TAG,
    LEVEL_SCHEDULE,
    DIVERSIFICATION_THRESHOLD,
    ENHANCEMENT_STRENGTH,
    SERVER_SETTING,
    COMPARISON_OVERRIDE,
    POWER_REPLACEMENT,
)
