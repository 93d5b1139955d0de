"""Powersets and their mutual exclusions."""

from mids_assets.model.columns import enum, extra, name, parent, position, prose
from mids_assets.model.table import Reference, Search, Table

POWERSET = Table(
    name="powerset",
    kind="entity",
    asset="powerset",
    description="A named set of powers: primary, secondary, pool, epic, inherent, set bonuses, pets and the like.",
    key=("full_name",),
    source="Powersets",
    search=Search("display_name", ("description",), within="archetype"),
    members=(
        name("full_name", "Group.Set.", nullable=False),
        name("set_name", "The part after the dot, as stored beside the full name."),
        prose("display_name", "Name shown to a player; not unique."),
        prose("sub_name", "Alternate short title; often equal to the shown name or empty."),
        prose("description", "Text about the set; may be empty."),
        *enum("set_type", "power_set_type", "What kind of set it is."),
        name("image_name", "File name of the icon."),
        name("archetype_class", "Class that owns the set, as written; empty for shared sets."),
        Reference("archetype", "archetype", "Class that owns the set.", raw="archetype_class"),
        name("trunk_set_name", "Parent of a branching set, as written; mostly empty.", source="trunk_set"),
        Reference("trunk_set", "powerset", "Parent of a branching set.", raw="trunk_set_name"),
        name("link_secondary_name", "Secondary set forced with this one, as written.", source="link_secondary"),
        Reference("link_secondary", "powerset", "Secondary set forced with this one.", raw="link_secondary_name"),
        extra(),
    ),
)

POWERSET_MUTEX = Table(
    name="powerset_mutex",
    kind="child",
    asset="powerset",
    parent="powerset",
    rows_from="mutex_sets",
    description="Powersets that cannot be combined with a powerset.",
    key=("powerset", "position"),
    unordered=("position",),
    members=(
        parent("powerset", "powerset", "The set that excludes."),
        position("Place in the set's list."),
        name("excluded_powerset_name", "The excluded set, as written.", source="powerset_full_name"),
        Reference("excluded_powerset", "powerset", "The excluded set.", raw="excluded_powerset_name"),
    ),
)

TABLES = (POWERSET, POWERSET_MUTEX)
