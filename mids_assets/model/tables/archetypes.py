"""Archetypes and which powersets they may choose."""

from mids_assets.model.columns import boolean, enum, extra, integer, json, name, number, parent, prose, texts
from mids_assets.model.table import Column, Search, Table

_VALUES = (
    integer(
        "hit_points_base",
        "Hit points at the reference level 50, before any bonus.",
        source="hitpoints",
        unit="hit points",
    ),
    number("hitpoint_cap", "Most hit points that bonuses can reach.", unit="hit points"),
    number(
        "resistance_cap",
        "Cap of damage resistance as stored: a fraction for playable classes, percent (90.0) for most others.",
        unit="fraction or percent",
    ),
    Column(
        "resistance_cap_fraction",
        "float8",
        "The same cap always as a fraction: the stored value if playable, else a hundredth of it.",
        unit="fraction",
        made_from=("resistance_cap", "playable"),
    ),
    number("recharge_cap", "Cap of recharge speed.", unit="multiple of base"),
    number("damage_cap", "Cap of damage.", unit="multiple of base"),
    number("recovery_cap", "Cap of endurance recovery.", unit="multiple of base"),
    number("regeneration_cap", "Cap of hit point regeneration.", unit="multiple of base"),
    number("base_recovery", "Endurance recovery before bonuses.", unit="multiplier"),
    number("base_regeneration", "Hit point regeneration before bonuses.", unit="multiplier"),
    number("base_threat", "How strongly foes are drawn to the class.", unit="multiplier"),
    number("perception_cap", "Farthest perception radius.", unit="feet"),
    integer("modifier_column", "0-based column of the class in every attribute modifier table.", minimum=0),
)
"""Hit points, caps, bases and the modifier column; `modifiers` repeats them all."""

ARCHETYPE = Table(
    name="archetype",
    kind="entity",
    asset="archetype",
    description="A character class: the playable archetypes and the classes of henchmen, pets and foes.",
    key=("name",),
    source="Classes",
    search=Search("display_name", ("description_short", "description_long")),
    members=(
        name("name", "Class name such as Class_Blaster; compared without case.", source="class_name", nullable=False),
        prose("display_name", "Name shown to a player."),
        *enum("class_type", "class_type", "Hero, villain, epic, henchman or pet."),
        boolean("playable", "Whether a player can choose the class."),
        prose("description_short", "One line about the class."),
        prose("description_long", "The full text about the class."),
        texts("origins", "Origins that a character of the class may have, as the file lists them."),
        name("primary_group", "Group name of its primary powersets; empty for classes nobody plays."),
        name("secondary_group", "Group name of its secondary powersets; empty for classes nobody plays."),
        *_VALUES,
        json(
            "modifiers",
            "All caps, bases and the modifier column in one object, by column name.",
            made_from=tuple(dict.fromkeys(field for one in _VALUES for field in one.made_from or (one.source,))),
        ),
        extra(),
    ),
)

ARCHETYPE_POWERSET = Table(
    name="archetype_powerset",
    kind="child",
    asset="archetype",
    parent="archetype",
    description=(
        "Which powersets a class may choose in which role; derived, the source holds only group names. Primary and "
        "secondary: the powerset's group is the class's; ancillary: group EPIC and the first power admits the class."
    ),
    key=("archetype", "powerset", "role"),
    members=(
        parent("archetype", "archetype", "The class that may choose."),
        parent("powerset", "powerset", "The powerset that may be chosen."),
        Column("role", "text", "primary, secondary or ancillary.", nullable=False, max_length=16),
    ),
)

TABLES = (ARCHETYPE, ARCHETYPE_POWERSET)
