"""Summoned entities: pets and henchmen."""

from mids_assets.model.columns import enum, extra, name, parent, position, prose
from mids_assets.model.table import Reference, Search, Table

SUMMONED_ENTITY = Table(
    name="summoned_entity",
    kind="entity",
    asset="summoned_entity",
    description="A pet or henchman that an effect can call.",
    key=("uid",),
    source="Entities",
    search=Search("display_name", within="archetype"),
    members=(
        name("uid", "Identifier such as Pets_Name; compared without case.", nullable=False),
        prose("display_name", "Name shown to a player."),
        *enum("entity_type", "summon_entity", "Pet or henchman."),
        name("class_name", "Its class, as written."),
        Reference("archetype", "archetype", "Its class.", raw="class_name"),
        extra(),
    ),
)

SUMMONED_ENTITY_POWERSET = Table(
    name="summoned_entity_powerset",
    kind="child",
    asset="summoned_entity",
    parent="entity",
    description="Powersets of an entity, each with the power of its owner that unlocks it.",
    key=("entity", "position"),
    ordered=("position",),
    members=(
        parent("entity", "summoned_entity", "The entity."),
        position("Place in the entity's list."),
        name("powerset_name", "The powerset, as written.", source=""),
        Reference("powerset", "powerset", "The powerset.", raw="powerset_name"),
        name("upgrade_power_name", "Power that unlocks it, as written; the first set needs none.", source=""),
        Reference("upgrade_power", "power", "Power that unlocks it.", raw="upgrade_power_name"),
    ),
)

TABLES = (SUMMONED_ENTITY, SUMMONED_ENTITY_POWERSET)
