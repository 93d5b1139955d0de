"""What only the game's own data state: groups, bearers of tags, traits of boosts, expressions.

They are filled from a City of Data export, and are empty where the source is a database of MidsReborn. A name in them
may lead out of what was exported, so every reference to an entity may stay open.
Does not belong here: tables that both sources fill.
"""

from mids_assets.model.columns import boolean, integer, json, name, prose, texts
from mids_assets.model.table import NAME_LIMIT, Column, Reference, Table


def _key(column: str, description: str, limit: int = NAME_LIMIT) -> Column:
    return Column(column, "text", description, nullable=False, max_length=limit)


def _place(description: str) -> Column:
    return Column("position", "int4", description, minimum=0, nullable=False)


def _power(description: str) -> tuple[Column, Reference]:
    return (
        name("power_name", "The power, as written.", nullable=False),
        Reference("power", "power", description, raw="power_name"),
    )


POWER_GROUP_MEMBER = Table(
    name="power_group_member",
    kind="reference",
    asset="reference",
    description="Powers that exclude each other while they run, and powers that recharge together.",
    key=("kind", "group_name", "position"),
    unordered=("position",),
    members=(
        _key("kind", "exclusion or recharge.", 16),
        _key("group_name", "The group, such as Ammo_Group."),
        _place("Place among the powers of the group."),
        *_power("The member; null where the release does not hold it."),
        prose("display_path", "Shown names of category, powerset and power, with dots between."),
    ),
)

EFFECT_TAG_POWER = Table(
    name="effect_tag_power",
    kind="reference",
    asset="reference",
    description=(
        "Which powers have effects under a tag (relation bears), and which change what effects under it do (affects)."
    ),
    key=("tag", "relation", "position"),
    unordered=("position",),
    members=(
        Reference("tag", "effect_tag", "The tag.", required=True),
        _key("relation", "bears or affects.", 16),
        _place("Place among the powers of this relation."),
        *_power("The power; null where the release does not hold it."),
        prose("display_path", "Shown names of category, powerset and power, with dots between."),
    ),
)

ENHANCEMENT_TRAIT = Table(
    name="enhancement_trait",
    kind="reference",
    asset="reference",
    description=(
        "How each boost of a set behaves. A piece of a set is one enhancement and one or two boosts: the crafted one, "
        "and the attuned or superior one that it becomes."
    ),
    key=("uid",),
    members=(
        _key("uid", "Internal name of the boost; its power is Boosts.<uid>.<uid>."),
        name("piece_uid", "Internal name of the enhancement that stands for the piece.", nullable=False),
        Reference("enhancement", "enhancement", "The enhancement that stands for the piece.", raw="piece_uid"),
        prose("display_name", "Name shown to a player, with the set's."),
        boolean("attuned", "Whether its level follows that of the character."),
        boolean("boostable", "Whether boosters raise it above its level."),
        boolean("superior", "Whether it enhances by the stronger scales."),
        name("catalyzes_to_uid", "The boost that a catalyst makes of it; empty without one."),
        Reference(
            "catalyzes_to", "enhancement_trait", "The boost that a catalyst makes of it.", raw="catalyzes_to_uid"
        ),
        integer("max_level", "Highest level of the boost.", unit="1-based level"),
        integer("min_slot_level", "Lowest level of a character that may slot it.", unit="1-based level"),
        integer("min_bonus_level", "Lowest level at which it counts for bonuses.", unit="1-based level"),
        boolean("is_proc", "Whether it is a proc."),
        boolean("only_at_50", "Whether only characters of level 50 may slot it."),
        texts("unique_group", "Boosts of which a character may slot one alone, by internal names; null without any."),
        prose("slot_requires", "Expression that must hold for it to be slotted; empty without one."),
        texts("restricted_classes", "Classes that may slot it, as shown to a player; null = all."),
        texts("aspects", "What it enhances, in words of the source."),
    ),
)

POWER_EXPRESSION = Table(
    name="power_expression",
    kind="reference",
    asset="reference",
    description=(
        "Conditions and formulas of powers: the text, and its tree where the text is sound. They are never evaluated."
    ),
    key=("power_name", "place"),
    members=(
        _key("power_name", "The power that it stands in, as written."),
        _key("place", "Where it stands in the record, such as requires or effects[2].requires_expression."),
        Reference("power", "power", "The power that it stands in.", raw="power_name"),
        integer("first_effect", "Position of the first effect of the power that it is about.", minimum=0),
        integer("last_effect", "Position of the last one; null as the first where it is about none.", minimum=0),
        prose("text", "The expression as written."),
        Column("kind", "text", "What sort of rule it is.", source="kind", max_length=16),
        json("tree", "The expression as a tree; null where the text is broken.", source="tree"),
        texts("unknown", "Names in it that are in no known vocabulary."),
        prose("fault", "What is wrong with the text, and where; null where nothing is."),
    ),
)

TABLES = (POWER_GROUP_MEMBER, EFFECT_TAG_POWER, ENHANCEMENT_TRAIT, POWER_EXPRESSION)
