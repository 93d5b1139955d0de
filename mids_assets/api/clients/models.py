"""Shapes of the API's answers and of what is sent to it.

Generated from its description by `make docs`; edit the model. They need nothing of this package, so that the file
may be copied. With `fields` a row has those alone.
"""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict


class Acceptance(TypedDict):
    """Why a release may be published although guards block it."""
    reason: str
    """Why; it stays, with who said so."""
    rule: NotRequired[str | None]
    """Only guards of this rule; null = all."""


class Archetype(TypedDict):
    """A character class: the playable archetypes and the classes of henchmen, pets and foes."""
    id: int
    """Stable id, kept for a key that vanishes and returns."""
    name: str
    """Class name such as Class_Blaster; compared without case."""
    display_name: str | None
    """Name shown to a player."""
    class_type: str | None
    """Hero, villain, epic, henchman or pet. Enumeration class_type."""
    class_type_code: int | None
    """Number behind class_type (enumeration class_type); kept where it has no member."""
    playable: bool | None
    """Whether a player can choose the class."""
    description_short: str | None
    """One line about the class."""
    description_long: str | None
    """The full text about the class."""
    origins: list[str] | None
    """Origins that a character of the class may have, as the file lists them."""
    primary_group: str | None
    """Group name of its primary powersets; empty for classes nobody plays."""
    secondary_group: str | None
    """Group name of its secondary powersets; empty for classes nobody plays."""
    hit_points_base: int | None
    """Hit points at the reference level 50, before any bonus. Unit: hit points."""
    hitpoint_cap: float | None
    """Most hit points that bonuses can reach. Unit: hit points."""
    resistance_cap: float | None
    """Cap of damage resistance as stored: a fraction for playable classes, percent (90.0) for most others. Unit:
    fraction or percent."""
    resistance_cap_fraction: float | None
    """The same cap always as a fraction: the stored value if playable, else a hundredth of it. Unit: fraction."""
    recharge_cap: float | None
    """Cap of recharge speed. Unit: multiple of base."""
    damage_cap: float | None
    """Cap of damage. Unit: multiple of base."""
    recovery_cap: float | None
    """Cap of endurance recovery. Unit: multiple of base."""
    regeneration_cap: float | None
    """Cap of hit point regeneration. Unit: multiple of base."""
    base_recovery: float | None
    """Endurance recovery before bonuses. Unit: multiplier."""
    base_regeneration: float | None
    """Hit point regeneration before bonuses. Unit: multiplier."""
    base_threat: float | None
    """How strongly foes are drawn to the class. Unit: multiplier."""
    perception_cap: float | None
    """Farthest perception radius. Unit: feet."""
    modifier_column: int | None
    """0-based column of the class in every attribute modifier table."""
    modifiers: Any
    """All caps, bases and the modifier column in one object, by column name."""
    extra: Any
    """Values of the source that no other column holds, by their place in the record, such as effects[3].NewKey; null
    where there are none."""
    created_at: str
    """Time of the first publish."""
    updated_at: str
    """Time of the last change of content."""
    release_id: int
    """mids.release of the last change of content."""
    source_position: int
    """0-based place in the published release's file."""
    archetype_powerset: list[ArchetypePowerset]
    """Which powersets a class may choose in which role; derived, the source holds only group names. Primary and
    secondary: the powerset's group is the class's; ancillary: group EPIC and the first power admits the class."""
    powersets: list[PowersetOfArchetype]
    """Its powersets."""


class ArchetypeAnswer(TypedDict):
    """An answer, and where its data are from."""
    realm: str
    """Realm."""
    release: str
    """Release id."""
    version: str | None
    """Version that the release states."""
    publish: int
    """When it was published, in microseconds since 1970: greater is later."""
    published_at: str
    """The same as a time."""
    data: Archetype
    """What was asked for."""


class ArchetypePage(TypedDict):
    """A list, and where its data are from."""
    realm: str
    """Realm."""
    release: str
    """Release id."""
    version: str | None
    """Version that the release states."""
    publish: int
    """When it was published, in microseconds since 1970: greater is later."""
    published_at: str
    """The same as a time."""
    data: list[ArchetypeRow]
    """What was asked for."""
    next: str | None
    """Cursor for the next page; null on the last."""


class ArchetypePowerset(TypedDict):
    """Which powersets a class may choose in which role; derived, the source holds only group names. Primary and
    secondary: the powerset's group is the class's; ancillary: group EPIC and the first power admits the class."""
    powerset_id: int
    """The powerset that may be chosen. References powerset."""
    role: str
    """primary, secondary or ancillary."""
    powerset: Named | None
    """The powerset that may be chosen."""


class ArchetypeRow(TypedDict):
    """A character class: the playable archetypes and the classes of henchmen, pets and foes."""
    id: int
    """Stable id, kept for a key that vanishes and returns."""
    name: str
    """Class name such as Class_Blaster; compared without case."""
    display_name: str | None
    """Name shown to a player."""
    class_type: str | None
    """Hero, villain, epic, henchman or pet. Enumeration class_type."""
    class_type_code: int | None
    """Number behind class_type (enumeration class_type); kept where it has no member."""
    playable: bool | None
    """Whether a player can choose the class."""
    description_short: str | None
    """One line about the class."""
    description_long: str | None
    """The full text about the class."""
    origins: list[str] | None
    """Origins that a character of the class may have, as the file lists them."""
    primary_group: str | None
    """Group name of its primary powersets; empty for classes nobody plays."""
    secondary_group: str | None
    """Group name of its secondary powersets; empty for classes nobody plays."""
    hit_points_base: int | None
    """Hit points at the reference level 50, before any bonus. Unit: hit points."""
    hitpoint_cap: float | None
    """Most hit points that bonuses can reach. Unit: hit points."""
    resistance_cap: float | None
    """Cap of damage resistance as stored: a fraction for playable classes, percent (90.0) for most others. Unit:
    fraction or percent."""
    resistance_cap_fraction: float | None
    """The same cap always as a fraction: the stored value if playable, else a hundredth of it. Unit: fraction."""
    recharge_cap: float | None
    """Cap of recharge speed. Unit: multiple of base."""
    damage_cap: float | None
    """Cap of damage. Unit: multiple of base."""
    recovery_cap: float | None
    """Cap of endurance recovery. Unit: multiple of base."""
    regeneration_cap: float | None
    """Cap of hit point regeneration. Unit: multiple of base."""
    base_recovery: float | None
    """Endurance recovery before bonuses. Unit: multiplier."""
    base_regeneration: float | None
    """Hit point regeneration before bonuses. Unit: multiplier."""
    base_threat: float | None
    """How strongly foes are drawn to the class. Unit: multiplier."""
    perception_cap: float | None
    """Farthest perception radius. Unit: feet."""
    modifier_column: int | None
    """0-based column of the class in every attribute modifier table."""
    modifiers: Any
    """All caps, bases and the modifier column in one object, by column name."""
    extra: Any
    """Values of the source that no other column holds, by their place in the record, such as effects[3].NewKey; null
    where there are none."""
    created_at: str
    """Time of the first publish."""
    updated_at: str
    """Time of the last change of content."""
    release_id: int
    """mids.release of the last change of content."""
    source_position: int
    """0-based place in the published release's file."""


class AttributeModifierTableRow(TypedDict):
    """Tables that turn an effect's scale into a value by level and class."""
    name: str
    """Name that effects give, such as Melee_Damage."""
    base_index: int | None
    """Number of the source."""
    created_at: str
    """Time of the first publish."""
    updated_at: str
    """Time of the last change of content."""
    release_id: int
    """mids.release of the last change of content."""
    source_position: int
    """0-based place in the published release's file."""


class ChangeRow(TypedDict):
    """One thing that changed about a row."""
    table: str
    """Table."""
    key: str
    """Key of the row, before for one that was removed; parts of it between ' / '."""
    old_key: str | None
    """Key before, where it was another one: renamed, or moved in its list."""
    change: str
    """What happened."""
    field: str | None
    """Field that changed; null for the row as a whole."""
    old: Any
    """Value before, or the whole row that was removed."""
    new: Any
    """Value after, or the whole row that was added."""
    display_name: str | None
    """Name of the entity that it is about, for a player."""


ChangesAnswer = TypedDict(
    "ChangesAnswer",
    {
        "realm": "str",
        "release": "str",
        "version": "str | None",
        "publish": "int",
        "published_at": "str",
        "data": "list[ChangeRow]",
        "next": "str | None",
        "summary": "dict[str, dict[str, int]]",
        "from": "Side",
        "to": "Side",
        "left_out": "list[str]",
    },
)
"""A page of what changed."""


class ComparisonOverrideRow(TypedDict):
    """Names under which the source program compares powers."""
    position: int
    """0-based place in the source file."""
    powerset: str | None
    """Powerset, as shown."""
    power: str | None
    """Power, as shown."""
    override: str | None
    """Name to compare under."""
    created_at: str
    """Time of the first publish."""
    updated_at: str
    """Time of the last change of content."""
    release_id: int
    """mids.release of the last change of content."""
    source_position: int
    """0-based place in the published release's file."""


class DiversificationThresholdRow(TypedDict):
    """Where enhancement of an aspect begins to count less, per schedule."""
    schedule: str
    """Schedule A to D."""
    threshold: int
    """1, 2 or 3."""
    value: float | None
    """Sum of enhancement at which the threshold lies. Unit: fraction."""
    created_at: str
    """Time of the first publish."""
    updated_at: str
    """Time of the last change of content."""
    release_id: int
    """mids.release of the last change of content."""
    source_position: int
    """0-based place in the published release's file."""


class EffectTagPowerRow(TypedDict):
    """Which powers have effects under a tag (relation bears), and which change what effects under it do (affects)."""
    tag: str
    """The tag. References effect_tag."""
    relation: str
    """bears or affects."""
    position: int
    """Place among the powers of this relation."""
    power_name: str
    """The power, as written."""
    power_id: int | None
    """The power; null where the release does not hold it. References power. As written: power_name."""
    display_path: str | None
    """Shown names of category, powerset and power, with dots between."""
    created_at: str
    """Time of the first publish."""
    updated_at: str
    """Time of the last change of content."""
    release_id: int
    """mids.release of the last change of content."""
    source_position: int
    """0-based place in the published release's file."""
    power: Named | None
    """The power; null where the release does not hold it."""


class EffectTagRow(TypedDict):
    """Tags that global chance modifiers address; spellings that differ in case are different tags."""
    name: str
    """The tag, case kept."""
    position: int | None
    """0-based place in the source file."""
    created_at: str
    """Time of the first publish."""
    updated_at: str
    """Time of the last change of content."""
    release_id: int
    """mids.release of the last change of content."""
    source_position: int
    """0-based place in the published release's file."""


class Enhancement(TypedDict):
    """An enhancement: training to single origin, invention, special, or a piece of a set."""
    id: int
    """Stable id, kept for a key that vanishes and returns."""
    uid: str
    """Internal name; its boost power is Boosts.<uid>.<uid>."""
    occurrence: int
    """1, 2.. among equal uids in file order."""
    static_index: int | None
    """Number that saved builds use; not unique in every realm."""
    name: str | None
    """Name shown to a player, without the set's."""
    short_name: str | None
    """Abbreviation."""
    description: str | None
    """Text shown to a player."""
    type_id: str | None
    """Normal, invention, special or set piece. Enumeration enhancement_type."""
    type_id_code: int | None
    """Number behind type_id (enumeration enhancement_type); kept where it has no member."""
    sub_type_id: int | None
    """Position of the special type; 0 unless special, -1 occurs."""
    special_enhancement_type: int | None
    """Special type, of special enhancements. References special_enhancement_type."""
    image: str | None
    """File name of the icon."""
    set_uid: str | None
    """Its set, as written; empty without one."""
    enhancement_set_id: int | None
    """Its set. References enhancement_set. As written: set_uid."""
    set_position: int | None
    """0-based number of the piece among those of its set."""
    effect_chance: float | None
    """Chance of its effect. Unit: fraction."""
    level_min: int | None
    """Lowest level. 0-based (shown level minus one); -1 means none. Unit: 0-based level."""
    level_max: int | None
    """Highest level; -1 on attuned ones of some realms. 0-based (shown level minus one); -1 means none. Unit:
    0-based level."""
    unique: bool | None
    """Whether a build may hold only one."""
    mutex_id: str | None
    """Group of enhancements that exclude each other. Enumeration enhancement_mutex."""
    mutex_id_code: int | None
    """Number behind mutex_id (enumeration enhancement_mutex); kept where it has no member."""
    buff_mode: str | None
    """Whether it works on buffs, debuffs or both. Enumeration buff_debuff."""
    buff_mode_code: int | None
    """Number behind buff_mode (enumeration buff_debuff); kept where it has no member."""
    recipe_name: str | None
    """Its recipe, as written; empty without one."""
    recipe_id: int | None
    """Its recipe. References recipe. As written: recipe_name."""
    boost_power_id: int | None
    """The power Boosts.<uid>.<uid> that it grants. References power."""
    superior: bool | None
    """Whether it is the superior version."""
    is_proc: bool | None
    """Whether it is a proc."""
    is_scalable: bool | None
    """Whether it scales with level."""
    extra: Any
    """Values of the source that no other column holds, by their place in the record, such as effects[3].NewKey; null
    where there are none."""
    created_at: str
    """Time of the first publish."""
    updated_at: str
    """Time of the last change of content."""
    release_id: int
    """mids.release of the last change of content."""
    source_position: int
    """0-based place in the published release's file."""
    special_enhancement_type_name: str | None
    """Special type, of special enhancements."""
    enhancement_set: Named | None
    """Its set."""
    recipe: Named | None
    """Its recipe."""
    boost_power: Named | None
    """The power Boosts.<uid>.<uid> that it grants."""
    enhancement_class_member: list[EnhancementClassMember]
    """Classes of an enhancement. The source counts rows here: joined by the class's position, not its id."""
    enhancement_effect: list[EnhancementEffect]
    """What an enhancement does: boosts an aspect of its power, or carries an effect record (has_fx)."""


class EnhancementAnswer(TypedDict):
    """An answer, and where its data are from."""
    realm: str
    """Realm."""
    release: str
    """Release id."""
    version: str | None
    """Version that the release states."""
    publish: int
    """When it was published, in microseconds since 1970: greater is later."""
    published_at: str
    """The same as a time."""
    data: Enhancement
    """What was asked for."""


class EnhancementClassMember(TypedDict):
    """Classes of an enhancement. The source counts rows here: joined by the class's position, not its id."""
    enhancement_class_id: int
    """The class. References enhancement_class."""
    enhancement_class: EnhancementClassName | None
    """The class."""


class EnhancementClassName(TypedDict):
    """Classes of enhancements, such as Damage. Two numbers: powers use `id`, enhancements use `position`."""
    id: int
    """Index column of the source file; what powers refer to."""
    name: str | None
    """Name shown to a player."""
    short_name: str | None
    """Abbreviation."""


class EnhancementClassRow(TypedDict):
    """Classes of enhancements, such as Damage. Two numbers: powers use `id`, enhancements use `position`."""
    id: int
    """Index column of the source file; what powers refer to."""
    position: int
    """0-based row of the source file; what enhancements refer to."""
    name: str | None
    """Name shown to a player."""
    short_name: str | None
    """Abbreviation."""
    class_id: str | None
    """Boost identifier such as Damage_Boost."""
    description: str | None
    """Text about the class."""
    created_at: str
    """Time of the first publish."""
    updated_at: str
    """Time of the last change of content."""
    release_id: int
    """mids.release of the last change of content."""
    source_position: int
    """0-based place in the published release's file."""


class EnhancementEffect(TypedDict):
    """What an enhancement does: boosts an aspect of its power, or carries an effect record (has_fx)."""
    position: int
    """Place in the enhancement's list."""
    mode: str | None
    """Boosts an aspect, or carries an effect; trust has_fx, not this. Enumeration enhancement_mode."""
    mode_code: int | None
    """Number behind mode (enumeration enhancement_mode); kept where it has no member."""
    buff_mode: str | None
    """Whether it works on buffs, debuffs or both. Enumeration buff_debuff."""
    buff_mode_code: int | None
    """Number behind buff_mode (enumeration buff_debuff); kept where it has no member."""
    enhance_id: str | None
    """Aspect that is boosted; no member (-1) in mode FX. Enumeration enhance."""
    enhance_id_code: int | None
    """Number behind enhance_id (enumeration enhance); kept where it has no member."""
    enhance_sub_id: int | None
    """Number of the status effect when the aspect is Mez, else -1."""
    schedule: str | None
    """Strength column A to D. Enumeration schedule."""
    schedule_code: int | None
    """Number behind schedule (enumeration schedule); kept where it has no member."""
    multiplier: float | None
    """Factor on the schedule's strength. Unit: multiplier."""
    has_fx: bool | None
    """Whether an effect record follows; without one its columns are null."""
    power_full_name: str | None
    """Owner as written in the record; informational, often stale or empty."""
    unique_id: int | None
    """Number given by the source's import; not unique. Its change alone is no change of the row."""
    effect_class: str | None
    """Rank in the display. Enumeration effect_class."""
    effect_class_code: int | None
    """Number behind effect_class (enumeration effect_class); kept where it has no member."""
    effect_type: str | None
    """What the effect does. Enumeration effect_type."""
    effect_type_code: int | None
    """Number behind effect_type (enumeration effect_type); kept where it has no member."""
    damage_type: str | None
    """Kind of damage, defence or resistance. Enumeration damage."""
    damage_type_code: int | None
    """Number behind damage_type (enumeration damage); kept where it has no member."""
    mez_type: str | None
    """Status effect. Enumeration mez."""
    mez_type_code: int | None
    """Number behind mez_type (enumeration mez); kept where it has no member."""
    modifies_effect_type: str | None
    """Effect type that is changed, for Enhancement, ResEffect and the like. Enumeration effect_type."""
    modifies_effect_type_code: int | None
    """Number behind modifies_effect_type (enumeration effect_type); kept where it has no member."""
    summon: str | None
    """Summoned entity or granted power, as written."""
    summoned_entity_id: int | None
    """Entity that an EntCreate effect calls. References summoned_entity. As written: summon."""
    granted_power_id: int | None
    """Power that any other effect names in `summon`. References power. As written: summon."""
    delayed_time: float | None
    """Delay before the effect applies. Unit: seconds."""
    ticks: int | None
    """Number of applications; 0 or 1 = once."""
    stacking: str | None
    """Whether it stacks with itself. Enumeration stacking."""
    stacking_code: int | None
    """Number behind stacking (enumeration stacking); kept where it has no member."""
    base_probability: float | None
    """Chance to apply; whole numbers above 1 occur in good files. Unit: fraction."""
    suppression: list[str] | None
    """Events that suspend the effect. Enumeration suppress."""
    suppression_code: int | None
    """Bit mask behind suppression (enumeration suppress); unknown bits are kept here."""
    buffable: bool | None
    """Whether buffs change it."""
    resistible: bool | None
    """Whether resistance reduces it."""
    special_case: str | None
    """Condition code of older data. Enumeration special_case."""
    special_case_code: int | None
    """Number behind special_case (enumeration special_case); kept where it has no member."""
    variable_modified_override: bool | None
    """Whether the power's slider leaves it alone."""
    ignore_scaling: bool | None
    """Whether it never scales."""
    pv_mode: str | None
    """Against whom it works: any, PvE or PvP. Enumeration pvx."""
    pv_mode_code: int | None
    """Number behind pv_mode (enumeration pvx); kept where it has no member."""
    to_who: str | None
    """Who is affected. Enumeration to_who."""
    to_who_code: int | None
    """Number behind to_who (enumeration to_who); kept where it has no member."""
    display_percentage_override: str | None
    """Forces or forbids display in percent. Enumeration override_boolean."""
    display_percentage_override_code: int | None
    """Number behind display_percentage_override (enumeration override_boolean); kept where it has no member."""
    scale: float | None
    """Factor on the modifier table's value. Unit: multiplier."""
    magnitude: float | None
    """Magnitude before scale and modifier."""
    duration: float | None
    """Duration before scale and modifier. Unit: seconds."""
    attrib_type: str | None
    """Which quantity the modifier table scales. Enumeration attrib_type."""
    attrib_type_code: int | None
    """Number behind attrib_type (enumeration attrib_type); kept where it has no member."""
    aspect: str | None
    """Which aspect of the attribute changes. Enumeration aspect."""
    aspect_code: int | None
    """Number behind aspect (enumeration aspect); kept where it has no member."""
    modifier_table: str | None
    """Attribute modifier table, as written."""
    attribute_modifier_table: str | None
    """Attribute modifier table. References attribute_modifier_table. As written: modifier_table."""
    near_ground: bool | None
    """Whether the target must be near the ground."""
    cancel_on_miss: bool | None
    """Whether a miss stops the effects that follow."""
    requires_to_hit_check: bool | None
    """Whether it makes a to-hit roll of its own."""
    class_name: str | None
    """Class that the effect is restricted to, as written; mostly empty."""
    archetype_id: int | None
    """Class that the effect is restricted to. References archetype. As written: class_name."""
    duration_expression: str | None
    """Formula for the duration; counts when attrib_type is Expression."""
    magnitude_expression: str | None
    """Formula for the magnitude; counts when attrib_type is Expression."""
    probability_expression: str | None
    """Formula for the probability; counts when attrib_type is Expression."""
    reward: str | None
    """Reward or token; mostly empty."""
    effect_id: str | None
    """Tag that global chance modifiers address, as written."""
    effect_tag: str | None
    """Tag that global chance modifiers address. References effect_tag. As written: effect_id."""
    ignore_ed: bool | None
    """Whether enhancement diversification is left out."""
    override: str | None
    """PowerRedirect: the power that takes over, as written."""
    redirect_power_id: int | None
    """Power that takes over. References power. As written: override."""
    procs_per_minute: float | None
    """0 = no proc; above 0 it replaces the probability. Unit: 1/minute."""
    power_attrib: str | None
    """ModifyAttrib: which attribute of the power changes. Enumeration power_attribs."""
    power_attrib_code: int | None
    """Number behind power_attrib (enumeration power_attribs); kept where it has no member."""
    attrib_original_accuracy: float | None
    """ModifyAttrib: old accuracy; -1 = unset. Unit: multiplier."""
    attrib_original_activate_period: float | None
    """ModifyAttrib: old activate period; -1 = unset. Unit: seconds."""
    attrib_original_arc: int | None
    """ModifyAttrib: old arc; -1 = unset. Unit: degrees."""
    attrib_original_cast_time: float | None
    """ModifyAttrib: old cast time; -1 = unset. Unit: seconds."""
    attrib_original_effect_area: str | None
    """ModifyAttrib: old effect area; None = unset. Enumeration effect_area."""
    attrib_original_effect_area_code: int | None
    """Number behind attrib_original_effect_area (enumeration effect_area); kept where it has no member."""
    attrib_original_endurance_cost: float | None
    """ModifyAttrib: old endurance cost; -1 = unset. Unit: endurance."""
    attrib_original_interrupt_time: float | None
    """ModifyAttrib: old interrupt time; -1 = unset. Unit: seconds."""
    attrib_original_max_targets: int | None
    """ModifyAttrib: old max targets; -1 = unset."""
    attrib_original_radius: float | None
    """ModifyAttrib: old radius; -1 = unset. Unit: feet."""
    attrib_original_range: float | None
    """ModifyAttrib: old range; -1 = unset. Unit: feet."""
    attrib_original_recharge_time: float | None
    """ModifyAttrib: old recharge time; -1 = unset. Unit: seconds."""
    attrib_original_secondary_range: float | None
    """ModifyAttrib: old secondary range; -1 = unset. Unit: feet."""
    attrib_modified_accuracy: float | None
    """ModifyAttrib: new accuracy; -1 = unset. Unit: multiplier."""
    attrib_modified_activate_period: float | None
    """ModifyAttrib: new activate period; -1 = unset. Unit: seconds."""
    attrib_modified_arc: int | None
    """ModifyAttrib: new arc; -1 = unset. Unit: degrees."""
    attrib_modified_cast_time: float | None
    """ModifyAttrib: new cast time; -1 = unset. Unit: seconds."""
    attrib_modified_effect_area: str | None
    """ModifyAttrib: new effect area; None = unset. Enumeration effect_area."""
    attrib_modified_effect_area_code: int | None
    """Number behind attrib_modified_effect_area (enumeration effect_area); kept where it has no member."""
    attrib_modified_endurance_cost: float | None
    """ModifyAttrib: new endurance cost; -1 = unset. Unit: endurance."""
    attrib_modified_interrupt_time: float | None
    """ModifyAttrib: new interrupt time; -1 = unset. Unit: seconds."""
    attrib_modified_max_targets: int | None
    """ModifyAttrib: new max targets; -1 = unset."""
    attrib_modified_radius: float | None
    """ModifyAttrib: new radius; -1 = unset. Unit: feet."""
    attrib_modified_range: float | None
    """ModifyAttrib: new range; -1 = unset. Unit: feet."""
    attrib_modified_recharge_time: float | None
    """ModifyAttrib: new recharge time; -1 = unset. Unit: seconds."""
    attrib_modified_secondary_range: float | None
    """ModifyAttrib: new secondary range; -1 = unset. Unit: feet."""
    conditionals: Any
    """Conditions of the effect: array of {key, value}."""
    summoned_entity: Named | None
    """Entity that an EntCreate effect calls."""
    granted_power: Named | None
    """Power that any other effect names in `summon`."""
    archetype: Named | None
    """Class that the effect is restricted to."""
    redirect_power: Named | None
    """Power that takes over."""


class EnhancementGradeRow(TypedDict):
    """Grades of enhancements."""
    position: int
    """0-based place in the list; what other tables refer to."""
    name: str | None
    """Full name."""
    short_name: str | None
    """Abbreviation."""
    description: str | None
    """Text about it; mostly none."""
    created_at: str
    """Time of the first publish."""
    updated_at: str
    """Time of the last change of content."""
    release_id: int
    """mids.release of the last change of content."""
    source_position: int
    """0-based place in the published release's file."""


class EnhancementOfEnhancementSet(TypedDict):
    """An enhancement: training to single origin, invention, special, or a piece of a set."""
    id: int
    """Its id."""
    key: str
    """Its natural key."""
    display_name: str | None
    """Its name for a player."""
    short_name: str | None
    """Abbreviation."""


class EnhancementPage(TypedDict):
    """A list, and where its data are from."""
    realm: str
    """Realm."""
    release: str
    """Release id."""
    version: str | None
    """Version that the release states."""
    publish: int
    """When it was published, in microseconds since 1970: greater is later."""
    published_at: str
    """The same as a time."""
    data: list[EnhancementRow]
    """What was asked for."""
    next: str | None
    """Cursor for the next page; null on the last."""


class EnhancementRow(TypedDict):
    """An enhancement: training to single origin, invention, special, or a piece of a set."""
    id: int
    """Stable id, kept for a key that vanishes and returns."""
    uid: str
    """Internal name; its boost power is Boosts.<uid>.<uid>."""
    occurrence: int
    """1, 2.. among equal uids in file order."""
    static_index: int | None
    """Number that saved builds use; not unique in every realm."""
    name: str | None
    """Name shown to a player, without the set's."""
    short_name: str | None
    """Abbreviation."""
    description: str | None
    """Text shown to a player."""
    type_id: str | None
    """Normal, invention, special or set piece. Enumeration enhancement_type."""
    type_id_code: int | None
    """Number behind type_id (enumeration enhancement_type); kept where it has no member."""
    sub_type_id: int | None
    """Position of the special type; 0 unless special, -1 occurs."""
    special_enhancement_type: int | None
    """Special type, of special enhancements. References special_enhancement_type."""
    image: str | None
    """File name of the icon."""
    set_uid: str | None
    """Its set, as written; empty without one."""
    enhancement_set_id: int | None
    """Its set. References enhancement_set. As written: set_uid."""
    set_position: int | None
    """0-based number of the piece among those of its set."""
    effect_chance: float | None
    """Chance of its effect. Unit: fraction."""
    level_min: int | None
    """Lowest level. 0-based (shown level minus one); -1 means none. Unit: 0-based level."""
    level_max: int | None
    """Highest level; -1 on attuned ones of some realms. 0-based (shown level minus one); -1 means none. Unit:
    0-based level."""
    unique: bool | None
    """Whether a build may hold only one."""
    mutex_id: str | None
    """Group of enhancements that exclude each other. Enumeration enhancement_mutex."""
    mutex_id_code: int | None
    """Number behind mutex_id (enumeration enhancement_mutex); kept where it has no member."""
    buff_mode: str | None
    """Whether it works on buffs, debuffs or both. Enumeration buff_debuff."""
    buff_mode_code: int | None
    """Number behind buff_mode (enumeration buff_debuff); kept where it has no member."""
    recipe_name: str | None
    """Its recipe, as written; empty without one."""
    recipe_id: int | None
    """Its recipe. References recipe. As written: recipe_name."""
    boost_power_id: int | None
    """The power Boosts.<uid>.<uid> that it grants. References power."""
    superior: bool | None
    """Whether it is the superior version."""
    is_proc: bool | None
    """Whether it is a proc."""
    is_scalable: bool | None
    """Whether it scales with level."""
    extra: Any
    """Values of the source that no other column holds, by their place in the record, such as effects[3].NewKey; null
    where there are none."""
    created_at: str
    """Time of the first publish."""
    updated_at: str
    """Time of the last change of content."""
    release_id: int
    """mids.release of the last change of content."""
    source_position: int
    """0-based place in the published release's file."""


class EnhancementSet(TypedDict):
    """A set of enhancements with bonuses for slotting several of its pieces."""
    id: int
    """Stable id, kept for a key that vanishes and returns."""
    uid: str
    """Identifier of the set."""
    display_name: str | None
    """Name shown to a player."""
    short_name: str | None
    """Abbreviation."""
    description: str | None
    """Text about the set."""
    set_type: int
    """Which powers take it, by the type's position. References set_type."""
    image: str | None
    """File name of the icon."""
    level_min: int | None
    """Lowest level of its pieces. 0-based (shown level minus one); -1 means none. Unit: 0-based level."""
    level_max: int | None
    """Highest level of its pieces. 0-based (shown level minus one); -1 means none. Unit: 0-based level."""
    extra: Any
    """Values of the source that no other column holds, by their place in the record, such as effects[3].NewKey; null
    where there are none."""
    created_at: str
    """Time of the first publish."""
    updated_at: str
    """Time of the last change of content."""
    release_id: int
    """mids.release of the last change of content."""
    source_position: int
    """0-based place in the published release's file."""
    set_type_name: str | None
    """Which powers take it, by the type's position."""
    enhancement_set_bonus: list[EnhancementSetBonus]
    """A power that a set grants. kind set: for `slotted` pieces; kind special: for the piece number row + 1. Rows of
    the source without a power give none here but count in `row`."""
    enhancements: list[EnhancementOfEnhancementSet]
    """Its enhancements."""


class EnhancementSetAnswer(TypedDict):
    """An answer, and where its data are from."""
    realm: str
    """Realm."""
    release: str
    """Release id."""
    version: str | None
    """Version that the release states."""
    publish: int
    """When it was published, in microseconds since 1970: greater is later."""
    published_at: str
    """The same as a time."""
    data: EnhancementSet
    """What was asked for."""


class EnhancementSetBonus(TypedDict):
    """A power that a set grants. kind set: for `slotted` pieces; kind special: for the piece number row + 1. Rows of
    the source without a power give none here but count in `row`."""
    kind: str
    """set or special."""
    row: int
    """0-based row of the source's list of bonuses."""
    position: int
    """Place among the row's powers."""
    power_name: str | None
    """The granted power, as written."""
    power_id: int | None
    """The granted power. References power. As written: power_name."""
    special: int | None
    """Number kept for the source program."""
    alt_string: str | None
    """Text shown instead of the power's own."""
    pv_mode: str | None
    """PvE, PvP or any; null for special rows. Enumeration pvx."""
    pv_mode_code: int | None
    """Number behind pv_mode (enumeration pvx); kept where it has no member."""
    slotted: int | None
    """Pieces that must be slotted; null for special rows. Unit: pieces."""
    enhancement_id: int | None
    """Special rows: the piece that carries the bonus. References enhancement."""
    power: Named | None
    """The granted power."""
    enhancement: Named | None
    """Special rows: the piece that carries the bonus."""


class EnhancementSetPage(TypedDict):
    """A list, and where its data are from."""
    realm: str
    """Realm."""
    release: str
    """Release id."""
    version: str | None
    """Version that the release states."""
    publish: int
    """When it was published, in microseconds since 1970: greater is later."""
    published_at: str
    """The same as a time."""
    data: list[EnhancementSetRow]
    """What was asked for."""
    next: str | None
    """Cursor for the next page; null on the last."""


class EnhancementSetRow(TypedDict):
    """A set of enhancements with bonuses for slotting several of its pieces."""
    id: int
    """Stable id, kept for a key that vanishes and returns."""
    uid: str
    """Identifier of the set."""
    display_name: str | None
    """Name shown to a player."""
    short_name: str | None
    """Abbreviation."""
    description: str | None
    """Text about the set."""
    set_type: int
    """Which powers take it, by the type's position. References set_type."""
    image: str | None
    """File name of the icon."""
    level_min: int | None
    """Lowest level of its pieces. 0-based (shown level minus one); -1 means none. Unit: 0-based level."""
    level_max: int | None
    """Highest level of its pieces. 0-based (shown level minus one); -1 means none. Unit: 0-based level."""
    extra: Any
    """Values of the source that no other column holds, by their place in the record, such as effects[3].NewKey; null
    where there are none."""
    created_at: str
    """Time of the first publish."""
    updated_at: str
    """Time of the last change of content."""
    release_id: int
    """mids.release of the last change of content."""
    source_position: int
    """0-based place in the published release's file."""


class EnhancementStrengthRow(TypedDict):
    """How strong an enhancement of a grade is, per schedule; inventions also per level."""
    grade: str
    """training, dual, single, hamidon or invention."""
    level: int
    """0-based level of an invention; -1 means none."""
    schedule: str
    """Schedule A to D."""
    value: float | None
    """Strength. Unit: fraction."""
    created_at: str
    """Time of the first publish."""
    updated_at: str
    """Time of the last change of content."""
    release_id: int
    """mids.release of the last change of content."""
    source_position: int
    """0-based place in the published release's file."""


class EnhancementTraitRow(TypedDict):
    """How each boost of a set behaves. A piece of a set is one enhancement and one or two boosts: the crafted one,
    and the attuned or superior one that it becomes."""
    uid: str
    """Internal name of the boost; its power is Boosts.<uid>.<uid>."""
    piece_uid: str
    """Internal name of the enhancement that stands for the piece."""
    enhancement_id: int | None
    """The enhancement that stands for the piece. References enhancement. As written: piece_uid."""
    display_name: str | None
    """Name shown to a player, with the set's."""
    attuned: bool | None
    """Whether its level follows that of the character."""
    boostable: bool | None
    """Whether boosters raise it above its level."""
    superior: bool | None
    """Whether it enhances by the stronger scales."""
    catalyzes_to_uid: str | None
    """The boost that a catalyst makes of it; empty without one."""
    catalyzes_to: str | None
    """The boost that a catalyst makes of it. References enhancement_trait. As written: catalyzes_to_uid."""
    max_level: int | None
    """Highest level of the boost. Unit: 1-based level."""
    min_slot_level: int | None
    """Lowest level of a character that may slot it. Unit: 1-based level."""
    min_bonus_level: int | None
    """Lowest level at which it counts for bonuses. Unit: 1-based level."""
    is_proc: bool | None
    """Whether it is a proc."""
    only_at_50: bool | None
    """Whether only characters of level 50 may slot it."""
    unique_group: list[str] | None
    """Boosts of which a character may slot one alone, by internal names; null without any."""
    slot_requires: str | None
    """Expression that must hold for it to be slotted; empty without one."""
    restricted_classes: list[str] | None
    """Classes that may slot it, as shown to a player; null = all."""
    aspects: list[str] | None
    """What it enhances, in words of the source."""
    created_at: str
    """Time of the first publish."""
    updated_at: str
    """Time of the last change of content."""
    release_id: int
    """mids.release of the last change of content."""
    source_position: int
    """0-based place in the published release's file."""
    enhancement: Named | None
    """The enhancement that stands for the piece."""
    catalyzes_to_name: str | None
    """The boost that a catalyst makes of it."""


class HistoryAnswer(TypedDict):
    """A list, and where its data are from."""
    realm: str
    """Realm."""
    release: str
    """Release id."""
    version: str | None
    """Version that the release states."""
    publish: int
    """When it was published, in microseconds since 1970: greater is later."""
    published_at: str
    """The same as a time."""
    data: list[HistoryRow]
    """What was asked for."""
    next: str | None
    """Cursor for the next page; null on the last."""


class HistoryRow(TypedDict):
    """One thing that a publish changed about a power."""
    table: str
    """Table."""
    key: str
    """Key of the row, before for one that was removed; parts of it between ' / '."""
    old_key: str | None
    """Key before, where it was another one: renamed, or moved in its list."""
    change: str
    """What happened."""
    field: str | None
    """Field that changed; null for the row as a whole."""
    old: Any
    """Value before, or the whole row that was removed."""
    new: Any
    """Value after, or the whole row that was added."""
    display_name: str | None
    """Name of the entity that it is about, for a player."""
    release: str
    """Release that brought it."""
    version: str | None
    """Version that this release states."""
    published_at: str | None
    """When; null where it was before publishes were noted."""


class Hit(TypedDict):
    """A row that a search found."""
    kind: str
    """Table of the entity."""
    id: int
    """Its id."""
    key: str
    """Its natural key."""
    display_name: str | None
    """Its name for a player."""
    parent: Named | None
    """What it belongs to, such as the powerset of a power."""
    excerpt: str | None
    """Where its descriptions say so, without markup."""
    score: float
    """How well it fits; 1 = the very name or key."""


class Import(TypedDict):
    """What to import."""
    source: NotRequired[str | None]
    """Name of an entry of the realm's landing folder; null = the one that changed last."""


class Launched(TypedDict):
    """A run that will do it."""
    run_id: str
    """Run id of Dagster."""
    run_url: str
    """Where Dagster's UI shows it."""


class LevelScheduleRow(TypedDict):
    """What a character gains at each level: kind N when levelling, kind R when respecifying."""
    kind: str
    """N or R."""
    level: int
    """0-based level."""
    powers: int | None
    """Powers gained."""
    slots: int | None
    """Slots gained."""
    inspirations: int | None
    """Places for inspirations."""
    note: str | None
    """Note of the source."""
    created_at: str
    """Time of the first publish."""
    updated_at: str
    """Time of the last change of content."""
    release_id: int
    """mids.release of the last change of content."""
    source_position: int
    """0-based place in the published release's file."""


class Meta(TypedDict):
    """How the server is set up, as far as everybody may know."""
    dagster_url: str | None
    """Address of Dagster's web UI; null where none is set."""
    version: str
    """Version of mids-assets."""
    realms: list[str]
    """Realms that have a published release."""
    login: str
    """none, or token: reading needs a token."""


class Modifiers(TypedDict):
    """What modifier tables give at one level."""
    level: int
    """Level as a player sees it."""
    modifiers: dict[str, float]
    """Value of each modifier table."""


class ModifiersAnswer(TypedDict):
    """An answer, and where its data are from."""
    realm: str
    """Realm."""
    release: str
    """Release id."""
    version: str | None
    """Version that the release states."""
    publish: int
    """When it was published, in microseconds since 1970: greater is later."""
    published_at: str
    """The same as a time."""
    data: Modifiers
    """What was asked for."""


class Named(TypedDict):
    """Another entity."""
    id: int
    """Its id."""
    key: str
    """Its natural key."""
    display_name: str | None
    """Its name for a player."""


class Nothing(TypedDict):
    """Nothing has to be said."""


class OriginRow(TypedDict):
    """Origins of characters, with the names of their dual and single origin enhancements."""
    position: int
    """0-based row of the source file."""
    name: str | None
    """Origin."""
    dual_graphic: str | None
    """Picture of dual origin enhancements."""
    single_graphic: str | None
    """Picture of single origin enhancements."""
    created_at: str
    """Time of the first publish."""
    updated_at: str
    """Time of the last change of content."""
    release_id: int
    """mids.release of the last change of content."""
    source_position: int
    """0-based place in the published release's file."""


class Power(TypedDict):
    """A power: everything a character, pet, enhancement or set bonus can do."""
    id: int
    """Stable id, kept for a key that vanishes and returns."""
    full_name: str
    """Group.Set.Power."""
    powerset_id: int
    """Set that the first two parts of the full name name. References powerset."""
    position: int
    """Order inside its powerset, 0-based."""
    name: str | None
    """The third part of the full name, as stored beside it."""
    group_name: str | None
    """The first part, as stored; may be stale."""
    set_name: str | None
    """The second part, as stored; may be stale."""
    display_name: str | None
    """Name shown to a player; not unique."""
    static_index: int | None
    """Number that saved builds use; -1 = none; meant to be unique."""
    level_available: int | None
    """Level at which it can be chosen, 1-based; 0 = granted."""
    game_level_zero_based: int | None
    """The game's own level; 0 in nearly all data."""
    description_short: str | None
    """One line about the power."""
    description_long: str | None
    """The full text; may hold markup such as <br>."""
    power_type: str | None
    """Click, auto, toggle, boost and so on. Enumeration power_type."""
    power_type_code: int | None
    """Number behind power_type (enumeration power_type); kept where it has no member."""
    modes_required: list[str] | None
    """Modes that must be on. Enumeration mode_flags."""
    modes_required_code: int | None
    """Bit mask behind modes_required (enumeration mode_flags); unknown bits are kept here."""
    modes_disallowed: list[str] | None
    """Modes that must be off. Enumeration mode_flags."""
    modes_disallowed_code: int | None
    """Bit mask behind modes_disallowed (enumeration mode_flags); unknown bits are kept here."""
    accuracy: float | None
    """Accuracy before bonuses. Unit: multiplier."""
    attack_types: list[str] | None
    """Ways in which it attacks. Enumeration attack_vector."""
    attack_types_code: int | None
    """Bit mask behind attack_types (enumeration attack_vector); unknown bits are kept here."""
    entities_affected: list[str] | None
    """Who is affected. Enumeration entity."""
    entities_affected_code: int | None
    """Bit mask behind entities_affected (enumeration entity); unknown bits are kept here."""
    entities_auto_hit: list[str] | None
    """Who is hit without a roll. Enumeration entity."""
    entities_auto_hit_code: int | None
    """Bit mask behind entities_auto_hit (enumeration entity); unknown bits are kept here."""
    target: list[str] | None
    """What may be targeted. Enumeration entity."""
    target_code: int | None
    """Bit mask behind target (enumeration entity); unknown bits are kept here."""
    target_line_of_sight: bool | None
    """Whether the target must be in sight."""
    range: float | None
    """How far it reaches. Unit: feet."""
    target_secondary: list[str] | None
    """What may be the second target. Enumeration entity."""
    target_secondary_code: int | None
    """Bit mask behind target_secondary (enumeration entity); unknown bits are kept here."""
    range_secondary: float | None
    """How far the second target may be. Unit: feet."""
    endurance_cost: float | None
    """Cost per activation; for toggles per activate_period. Unit: endurance."""
    interrupt_time: float | None
    """How long it can be interrupted. Unit: seconds."""
    cast_time: float | None
    """Animation before rounding to server ticks. Unit: seconds."""
    recharge_time: float | None
    """Recharge. Unit: seconds."""
    base_recharge_time: float | None
    """Recharge before the planner's changes. Unit: seconds."""
    activate_period: float | None
    """Interval of a toggle or auto power. Unit: seconds."""
    effect_area: str | None
    """Shape of the area. Enumeration effect_area."""
    effect_area_code: int | None
    """Number behind effect_area (enumeration effect_area); kept where it has no member."""
    radius: float | None
    """Radius of a sphere or length of a cone. Unit: feet."""
    arc: int | None
    """Angle of a cone; 0 = no cone. Unit: degrees."""
    max_targets: int | None
    """0 = no stated limit."""
    max_boosts: str | None
    """Text of the source, nearly always empty."""
    cast_flags: list[str] | None
    """Conditions for casting. Enumeration cast_flags."""
    cast_flags_code: int | None
    """Bit mask behind cast_flags (enumeration cast_flags); unknown bits are kept here."""
    ai_report: str | None
    """When foes notice it. Enumeration notify."""
    ai_report_code: int | None
    """Number behind ai_report (enumeration notify); kept where it has no member."""
    num_charges: int | None
    """0 = unlimited."""
    usage_time: int | None
    """Life while in use. Unit: seconds."""
    life_time: int | None
    """Life in real time. Unit: seconds."""
    life_time_in_game: int | None
    """Life while logged in. Unit: seconds."""
    num_allowed: int | None
    """How many copies one may own."""
    do_not_save: bool | None
    """Whether the game forgets it."""
    boosts_allowed: list[str] | None
    """Boost identifiers such as Damage_Boost; origin boosts are no classes."""
    cast_through_hold: bool | None
    """Whether a held character can use it."""
    ignore_strength: bool | None
    """Whether buffs and enhancements leave it alone."""
    click_buff: bool | None
    """Whether a click counts as a buff in totals."""
    always_toggle: bool | None
    """Whether it is shown with a toggle."""
    allow_front_loading: bool | None
    """Whether slots may be placed early."""
    variable_enabled: bool | None
    """Whether a slider sets its strength."""
    variable_override: bool | None
    """Whether the slider keeps rules of its own."""
    variable_name: str | None
    """Label of the slider."""
    variable_min: int | None
    """Least value of the slider."""
    variable_max: int | None
    """Greatest value of the slider."""
    variable_start: int | None
    """First value of the slider."""
    skip_max: bool | None
    """Whether the class's maximum is not applied."""
    inherent_type: str | None
    """Where the grid of inherent powers shows it. Enumeration grid_type."""
    inherent_type_code: int | None
    """Number behind inherent_type (enumeration grid_type); kept where it has no member."""
    display_location: int | None
    """Place in that grid."""
    mutex_auto: bool | None
    """Whether exclusion is handled by itself."""
    mutex_ignore: bool | None
    """Whether it is exempt from exclusion."""
    absorb_summon_effects: bool | None
    """Whether it shows the effects of what it summons as its own."""
    absorb_summon_attributes: bool | None
    """Whether it takes radius, targets and so on from what it summons."""
    show_summon_anyway: bool | None
    """Whether the summon is shown although absorbed."""
    never_auto_update: bool | None
    """Whether import tools must leave it alone."""
    never_auto_update_requirements: bool | None
    """Whether import tools must leave its requirements alone."""
    include_flag: bool | None
    """Whether it counts in totals from the start."""
    forced_class_name: str | None
    """Class whose modifiers always count, as written."""
    forced_class_id: int | None
    """Class whose modifiers always count. References archetype. As written: forced_class_name."""
    sort_override: bool | None
    """Planner state that may have been saved. Its change alone is no change of the row."""
    boost_boostable: bool | None
    """Of boost powers: whether boosters work."""
    boost_use_player_level: bool | None
    """Of boost powers: whether it is attuned."""
    hidden_power: bool | None
    """Whether it is kept from the user."""
    effects: Any
    """Its effects in file order, each with the eight values that a planner reads first."""
    allowed_enhancements: Any
    """Ids of the enhancement classes it accepts, in file order."""
    extra: Any
    """Values of the source that no other column holds, by their place in the record, such as effects[3].NewKey; null
    where there are none."""
    created_at: str
    """Time of the first publish."""
    updated_at: str
    """Time of the last change of content."""
    release_id: int
    """mids.release of the last change of content."""
    source_position: int
    """0-based place in the published release's file."""
    powerset: Named | None
    """Set that the first two parts of the full name name."""
    forced_class: Named | None
    """Class whose modifiers always count."""
    power_effect: list[PowerEffect]
    """One effect of a power, complete."""
    power_effect_condition: list[PowerEffectCondition]
    """Conditions under which an effect counts."""
    power_prerequisite: list[PowerPrerequisite]
    """Powers that must, or must not, be owned. Not negated: one alternative must hold whole (OR between
    alternatives, AND inside one). Negated: any single name excludes. A name that resolves to nothing restricts
    nothing, as in the source program."""
    power_archetype_rule: list[PowerArchetypeRule]
    """Classes that alone may, or must not, have a power. No row of a power = open to all."""
    power_allowed_enhancement: list[PowerAllowedEnhancement]
    """Enhancement classes that a power accepts."""
    power_allowed_set_type: list[PowerAllowedSetType]
    """Types of enhancement sets that a power accepts."""
    power_sub_power: list[PowerSubPower]
    """Powers that come with a power, such as those of a form."""
    power_group: list[PowerGroup]
    """Groups of powers that exclude each other; free names, compared without case."""
    power_ignored_aspect: list[PowerIgnoredAspect]
    """Aspects of a power that enhancements, or global buffs, do not change."""


class PowerAllowedEnhancement(TypedDict):
    """Enhancement classes that a power accepts."""
    enhancement_class_id: int
    """The class, by its id column. References enhancement_class."""
    enhancement_class: EnhancementClassName | None
    """The class, by its id column."""


class PowerAllowedSetType(TypedDict):
    """Types of enhancement sets that a power accepts."""
    set_type: int
    """The set type, by its position. References set_type."""
    set_type_name: str | None
    """The set type, by its position."""


class PowerAnswer(TypedDict):
    """An answer, and where its data are from."""
    realm: str
    """Realm."""
    release: str
    """Release id."""
    version: str | None
    """Version that the release states."""
    publish: int
    """When it was published, in microseconds since 1970: greater is later."""
    published_at: str
    """The same as a time."""
    data: Power
    """What was asked for."""


class PowerArchetypeRule(TypedDict):
    """Classes that alone may, or must not, have a power. No row of a power = open to all."""
    archetype_id: int | None
    """The class; null where the release does not hold it, and then nobody is of it. References archetype. As
    written: class_name."""
    excluded: bool
    """Whether the class is shut out."""
    class_name: str
    """The class as written."""
    archetype: Named | None
    """The class; null where the release does not hold it, and then nobody is of it."""


class PowerEffect(TypedDict):
    """One effect of a power, complete."""
    position: int
    """Place in the power's list."""
    power_full_name: str | None
    """Owner as written in the record; informational, often stale or empty."""
    unique_id: int | None
    """Number given by the source's import; not unique. Its change alone is no change of the row."""
    effect_class: str | None
    """Rank in the display. Enumeration effect_class."""
    effect_class_code: int | None
    """Number behind effect_class (enumeration effect_class); kept where it has no member."""
    effect_type: str | None
    """What the effect does. Enumeration effect_type."""
    effect_type_code: int | None
    """Number behind effect_type (enumeration effect_type); kept where it has no member."""
    damage_type: str | None
    """Kind of damage, defence or resistance. Enumeration damage."""
    damage_type_code: int | None
    """Number behind damage_type (enumeration damage); kept where it has no member."""
    mez_type: str | None
    """Status effect. Enumeration mez."""
    mez_type_code: int | None
    """Number behind mez_type (enumeration mez); kept where it has no member."""
    modifies_effect_type: str | None
    """Effect type that is changed, for Enhancement, ResEffect and the like. Enumeration effect_type."""
    modifies_effect_type_code: int | None
    """Number behind modifies_effect_type (enumeration effect_type); kept where it has no member."""
    summon: str | None
    """Summoned entity or granted power, as written."""
    summoned_entity_id: int | None
    """Entity that an EntCreate effect calls. References summoned_entity. As written: summon."""
    granted_power_id: int | None
    """Power that any other effect names in `summon`. References power. As written: summon."""
    delayed_time: float | None
    """Delay before the effect applies. Unit: seconds."""
    ticks: int | None
    """Number of applications; 0 or 1 = once."""
    stacking: str | None
    """Whether it stacks with itself. Enumeration stacking."""
    stacking_code: int | None
    """Number behind stacking (enumeration stacking); kept where it has no member."""
    base_probability: float | None
    """Chance to apply; whole numbers above 1 occur in good files. Unit: fraction."""
    suppression: list[str] | None
    """Events that suspend the effect. Enumeration suppress."""
    suppression_code: int | None
    """Bit mask behind suppression (enumeration suppress); unknown bits are kept here."""
    buffable: bool | None
    """Whether buffs change it."""
    resistible: bool | None
    """Whether resistance reduces it."""
    special_case: str | None
    """Condition code of older data. Enumeration special_case."""
    special_case_code: int | None
    """Number behind special_case (enumeration special_case); kept where it has no member."""
    variable_modified_override: bool | None
    """Whether the power's slider leaves it alone."""
    ignore_scaling: bool | None
    """Whether it never scales."""
    pv_mode: str | None
    """Against whom it works: any, PvE or PvP. Enumeration pvx."""
    pv_mode_code: int | None
    """Number behind pv_mode (enumeration pvx); kept where it has no member."""
    to_who: str | None
    """Who is affected. Enumeration to_who."""
    to_who_code: int | None
    """Number behind to_who (enumeration to_who); kept where it has no member."""
    display_percentage_override: str | None
    """Forces or forbids display in percent. Enumeration override_boolean."""
    display_percentage_override_code: int | None
    """Number behind display_percentage_override (enumeration override_boolean); kept where it has no member."""
    scale: float | None
    """Factor on the modifier table's value. Unit: multiplier."""
    magnitude: float | None
    """Magnitude before scale and modifier."""
    duration: float | None
    """Duration before scale and modifier. Unit: seconds."""
    attrib_type: str | None
    """Which quantity the modifier table scales. Enumeration attrib_type."""
    attrib_type_code: int | None
    """Number behind attrib_type (enumeration attrib_type); kept where it has no member."""
    aspect: str | None
    """Which aspect of the attribute changes. Enumeration aspect."""
    aspect_code: int | None
    """Number behind aspect (enumeration aspect); kept where it has no member."""
    modifier_table: str | None
    """Attribute modifier table, as written."""
    attribute_modifier_table: str | None
    """Attribute modifier table. References attribute_modifier_table. As written: modifier_table."""
    near_ground: bool | None
    """Whether the target must be near the ground."""
    cancel_on_miss: bool | None
    """Whether a miss stops the effects that follow."""
    requires_to_hit_check: bool | None
    """Whether it makes a to-hit roll of its own."""
    class_name: str | None
    """Class that the effect is restricted to, as written; mostly empty."""
    archetype_id: int | None
    """Class that the effect is restricted to. References archetype. As written: class_name."""
    duration_expression: str | None
    """Formula for the duration; counts when attrib_type is Expression."""
    magnitude_expression: str | None
    """Formula for the magnitude; counts when attrib_type is Expression."""
    probability_expression: str | None
    """Formula for the probability; counts when attrib_type is Expression."""
    reward: str | None
    """Reward or token; mostly empty."""
    effect_id: str | None
    """Tag that global chance modifiers address, as written."""
    effect_tag: str | None
    """Tag that global chance modifiers address. References effect_tag. As written: effect_id."""
    ignore_ed: bool | None
    """Whether enhancement diversification is left out."""
    override: str | None
    """PowerRedirect: the power that takes over, as written."""
    redirect_power_id: int | None
    """Power that takes over. References power. As written: override."""
    procs_per_minute: float | None
    """0 = no proc; above 0 it replaces the probability. Unit: 1/minute."""
    power_attrib: str | None
    """ModifyAttrib: which attribute of the power changes. Enumeration power_attribs."""
    power_attrib_code: int | None
    """Number behind power_attrib (enumeration power_attribs); kept where it has no member."""
    attrib_original_accuracy: float | None
    """ModifyAttrib: old accuracy; -1 = unset. Unit: multiplier."""
    attrib_original_activate_period: float | None
    """ModifyAttrib: old activate period; -1 = unset. Unit: seconds."""
    attrib_original_arc: int | None
    """ModifyAttrib: old arc; -1 = unset. Unit: degrees."""
    attrib_original_cast_time: float | None
    """ModifyAttrib: old cast time; -1 = unset. Unit: seconds."""
    attrib_original_effect_area: str | None
    """ModifyAttrib: old effect area; None = unset. Enumeration effect_area."""
    attrib_original_effect_area_code: int | None
    """Number behind attrib_original_effect_area (enumeration effect_area); kept where it has no member."""
    attrib_original_endurance_cost: float | None
    """ModifyAttrib: old endurance cost; -1 = unset. Unit: endurance."""
    attrib_original_interrupt_time: float | None
    """ModifyAttrib: old interrupt time; -1 = unset. Unit: seconds."""
    attrib_original_max_targets: int | None
    """ModifyAttrib: old max targets; -1 = unset."""
    attrib_original_radius: float | None
    """ModifyAttrib: old radius; -1 = unset. Unit: feet."""
    attrib_original_range: float | None
    """ModifyAttrib: old range; -1 = unset. Unit: feet."""
    attrib_original_recharge_time: float | None
    """ModifyAttrib: old recharge time; -1 = unset. Unit: seconds."""
    attrib_original_secondary_range: float | None
    """ModifyAttrib: old secondary range; -1 = unset. Unit: feet."""
    attrib_modified_accuracy: float | None
    """ModifyAttrib: new accuracy; -1 = unset. Unit: multiplier."""
    attrib_modified_activate_period: float | None
    """ModifyAttrib: new activate period; -1 = unset. Unit: seconds."""
    attrib_modified_arc: int | None
    """ModifyAttrib: new arc; -1 = unset. Unit: degrees."""
    attrib_modified_cast_time: float | None
    """ModifyAttrib: new cast time; -1 = unset. Unit: seconds."""
    attrib_modified_effect_area: str | None
    """ModifyAttrib: new effect area; None = unset. Enumeration effect_area."""
    attrib_modified_effect_area_code: int | None
    """Number behind attrib_modified_effect_area (enumeration effect_area); kept where it has no member."""
    attrib_modified_endurance_cost: float | None
    """ModifyAttrib: new endurance cost; -1 = unset. Unit: endurance."""
    attrib_modified_interrupt_time: float | None
    """ModifyAttrib: new interrupt time; -1 = unset. Unit: seconds."""
    attrib_modified_max_targets: int | None
    """ModifyAttrib: new max targets; -1 = unset."""
    attrib_modified_radius: float | None
    """ModifyAttrib: new radius; -1 = unset. Unit: feet."""
    attrib_modified_range: float | None
    """ModifyAttrib: new range; -1 = unset. Unit: feet."""
    attrib_modified_recharge_time: float | None
    """ModifyAttrib: new recharge time; -1 = unset. Unit: seconds."""
    attrib_modified_secondary_range: float | None
    """ModifyAttrib: new secondary range; -1 = unset. Unit: feet."""
    summoned_entity: Named | None
    """Entity that an EntCreate effect calls."""
    granted_power: Named | None
    """Power that any other effect names in `summon`."""
    archetype: Named | None
    """Class that the effect is restricted to."""
    redirect_power: Named | None
    """Power that takes over."""


class PowerEffectCondition(TypedDict):
    """Conditions under which an effect counts."""
    effect_position: int
    """Place of the effect in the power's list."""
    position: int
    """Place in the effect's list."""
    condition_key: str | None
    """Kind:Subject as written, perhaps after AND or OR."""
    value: str | None
    """True or False, or an operator and a number."""
    connector: str | None
    """AND or OR where the key states it."""
    kind: str | None
    """Active, Taken, Stacks, Team, or as written."""
    subject: str | None
    """What the condition is about, as written."""
    subject_power_id: int | None
    """Power that it is about; Team has none. References power. As written: subject."""
    subject_power: Named | None
    """Power that it is about; Team has none."""


class PowerExpressionRow(TypedDict):
    """Conditions and formulas of powers: the text, and its tree where the text is sound. They are never evaluated."""
    power_name: str
    """The power that it stands in, as written."""
    place: str
    """Where it stands in the record, such as requires or effects[2].requires_expression."""
    power_id: int | None
    """The power that it stands in. References power. As written: power_name."""
    first_effect: int | None
    """Position of the first effect of the power that it is about."""
    last_effect: int | None
    """Position of the last one; null as the first where it is about none."""
    text: str | None
    """The expression as written."""
    kind: str | None
    """What sort of rule it is."""
    tree: Any
    """The expression as a tree; null where the text is broken."""
    unknown: list[str] | None
    """Names in it that are in no known vocabulary."""
    fault: str | None
    """What is wrong with the text, and where; null where nothing is."""
    created_at: str
    """Time of the first publish."""
    updated_at: str
    """Time of the last change of content."""
    release_id: int
    """mids.release of the last change of content."""
    source_position: int
    """0-based place in the published release's file."""
    power: Named | None
    """The power that it stands in."""


class PowerGroup(TypedDict):
    """Groups of powers that exclude each other; free names, compared without case."""
    position: int
    """Place in the power's list."""
    group_membership: str | None
    """Name of the group."""


class PowerGroupMemberRow(TypedDict):
    """Powers that exclude each other while they run, and powers that recharge together."""
    kind: str
    """exclusion or recharge."""
    group_name: str
    """The group, such as Ammo_Group."""
    position: int
    """Place among the powers of the group."""
    power_name: str
    """The power, as written."""
    power_id: int | None
    """The member; null where the release does not hold it. References power. As written: power_name."""
    display_path: str | None
    """Shown names of category, powerset and power, with dots between."""
    created_at: str
    """Time of the first publish."""
    updated_at: str
    """Time of the last change of content."""
    release_id: int
    """mids.release of the last change of content."""
    source_position: int
    """0-based place in the published release's file."""
    power: Named | None
    """The member; null where the release does not hold it."""


class PowerIgnoredAspect(TypedDict):
    """Aspects of a power that enhancements, or global buffs, do not change."""
    kind: str
    """enhancement or buff: what does not change the aspect."""
    position: int
    """Place in the power's list."""
    aspect: str | None
    """The aspect. Enumeration enhance."""
    aspect_code: int | None
    """Number behind aspect (enumeration enhance); kept where it has no member."""


class PowerOfPowerset(TypedDict):
    """A power: everything a character, pet, enhancement or set bonus can do."""
    id: int
    """Its id."""
    key: str
    """Its natural key."""
    display_name: str | None
    """Its name for a player."""
    position: int
    """Order inside its powerset, 0-based."""
    level_available: int | None
    """Level at which it can be chosen, 1-based; 0 = granted."""
    description_short: str | None
    """One line about the power."""


class PowerPage(TypedDict):
    """A list, and where its data are from."""
    realm: str
    """Realm."""
    release: str
    """Release id."""
    version: str | None
    """Version that the release states."""
    publish: int
    """When it was published, in microseconds since 1970: greater is later."""
    published_at: str
    """The same as a time."""
    data: list[PowerRow]
    """What was asked for."""
    next: str | None
    """Cursor for the next page; null on the last."""


class PowerPrerequisite(TypedDict):
    """Powers that must, or must not, be owned. Not negated: one alternative must hold whole (OR between
    alternatives, AND inside one). Negated: any single name excludes. A name that resolves to nothing restricts
    nothing, as in the source program."""
    negated: bool
    """Whether the name excludes."""
    alternative: int
    """Number of the alternative."""
    position: int
    """Place inside the alternative: 0 or 1."""
    required_name: str
    """The name as written, a leading ! included."""
    kind: str
    """power, powerset, expression or unknown."""
    required_power_id: int | None
    """The power named. References power."""
    required_powerset_id: int | None
    """The powerset named. References powerset."""
    required_power: Named | None
    """The power named."""
    required_powerset: Named | None
    """The powerset named."""


class PowerReplacementRow(TypedDict):
    """Powers under another identity: an old number and its successor (index), or a name here and on Cryptic's
    server."""
    kind: str
    """index or cryptic."""
    archetype: str
    """Class that the line is for, folded to lower case; empty = all."""
    old: str
    """Old static index; cryptic: the name in this database."""
    new: str | None
    """New static index; cryptic: the name there."""
    new_power_id: int | None
    """The power here: the successor, or the one that `old` names. References power. As written: new."""
    created_at: str
    """Time of the first publish."""
    updated_at: str
    """Time of the last change of content."""
    release_id: int
    """mids.release of the last change of content."""
    source_position: int
    """0-based place in the published release's file."""
    new_power: Named | None
    """The power here: the successor, or the one that `old` names."""


class PowerRow(TypedDict):
    """A power: everything a character, pet, enhancement or set bonus can do."""
    id: int
    """Stable id, kept for a key that vanishes and returns."""
    full_name: str
    """Group.Set.Power."""
    powerset_id: int
    """Set that the first two parts of the full name name. References powerset."""
    position: int
    """Order inside its powerset, 0-based."""
    name: str | None
    """The third part of the full name, as stored beside it."""
    group_name: str | None
    """The first part, as stored; may be stale."""
    set_name: str | None
    """The second part, as stored; may be stale."""
    display_name: str | None
    """Name shown to a player; not unique."""
    static_index: int | None
    """Number that saved builds use; -1 = none; meant to be unique."""
    level_available: int | None
    """Level at which it can be chosen, 1-based; 0 = granted."""
    game_level_zero_based: int | None
    """The game's own level; 0 in nearly all data."""
    description_short: str | None
    """One line about the power."""
    description_long: str | None
    """The full text; may hold markup such as <br>."""
    power_type: str | None
    """Click, auto, toggle, boost and so on. Enumeration power_type."""
    power_type_code: int | None
    """Number behind power_type (enumeration power_type); kept where it has no member."""
    modes_required: list[str] | None
    """Modes that must be on. Enumeration mode_flags."""
    modes_required_code: int | None
    """Bit mask behind modes_required (enumeration mode_flags); unknown bits are kept here."""
    modes_disallowed: list[str] | None
    """Modes that must be off. Enumeration mode_flags."""
    modes_disallowed_code: int | None
    """Bit mask behind modes_disallowed (enumeration mode_flags); unknown bits are kept here."""
    accuracy: float | None
    """Accuracy before bonuses. Unit: multiplier."""
    attack_types: list[str] | None
    """Ways in which it attacks. Enumeration attack_vector."""
    attack_types_code: int | None
    """Bit mask behind attack_types (enumeration attack_vector); unknown bits are kept here."""
    entities_affected: list[str] | None
    """Who is affected. Enumeration entity."""
    entities_affected_code: int | None
    """Bit mask behind entities_affected (enumeration entity); unknown bits are kept here."""
    entities_auto_hit: list[str] | None
    """Who is hit without a roll. Enumeration entity."""
    entities_auto_hit_code: int | None
    """Bit mask behind entities_auto_hit (enumeration entity); unknown bits are kept here."""
    target: list[str] | None
    """What may be targeted. Enumeration entity."""
    target_code: int | None
    """Bit mask behind target (enumeration entity); unknown bits are kept here."""
    target_line_of_sight: bool | None
    """Whether the target must be in sight."""
    range: float | None
    """How far it reaches. Unit: feet."""
    target_secondary: list[str] | None
    """What may be the second target. Enumeration entity."""
    target_secondary_code: int | None
    """Bit mask behind target_secondary (enumeration entity); unknown bits are kept here."""
    range_secondary: float | None
    """How far the second target may be. Unit: feet."""
    endurance_cost: float | None
    """Cost per activation; for toggles per activate_period. Unit: endurance."""
    interrupt_time: float | None
    """How long it can be interrupted. Unit: seconds."""
    cast_time: float | None
    """Animation before rounding to server ticks. Unit: seconds."""
    recharge_time: float | None
    """Recharge. Unit: seconds."""
    base_recharge_time: float | None
    """Recharge before the planner's changes. Unit: seconds."""
    activate_period: float | None
    """Interval of a toggle or auto power. Unit: seconds."""
    effect_area: str | None
    """Shape of the area. Enumeration effect_area."""
    effect_area_code: int | None
    """Number behind effect_area (enumeration effect_area); kept where it has no member."""
    radius: float | None
    """Radius of a sphere or length of a cone. Unit: feet."""
    arc: int | None
    """Angle of a cone; 0 = no cone. Unit: degrees."""
    max_targets: int | None
    """0 = no stated limit."""
    max_boosts: str | None
    """Text of the source, nearly always empty."""
    cast_flags: list[str] | None
    """Conditions for casting. Enumeration cast_flags."""
    cast_flags_code: int | None
    """Bit mask behind cast_flags (enumeration cast_flags); unknown bits are kept here."""
    ai_report: str | None
    """When foes notice it. Enumeration notify."""
    ai_report_code: int | None
    """Number behind ai_report (enumeration notify); kept where it has no member."""
    num_charges: int | None
    """0 = unlimited."""
    usage_time: int | None
    """Life while in use. Unit: seconds."""
    life_time: int | None
    """Life in real time. Unit: seconds."""
    life_time_in_game: int | None
    """Life while logged in. Unit: seconds."""
    num_allowed: int | None
    """How many copies one may own."""
    do_not_save: bool | None
    """Whether the game forgets it."""
    boosts_allowed: list[str] | None
    """Boost identifiers such as Damage_Boost; origin boosts are no classes."""
    cast_through_hold: bool | None
    """Whether a held character can use it."""
    ignore_strength: bool | None
    """Whether buffs and enhancements leave it alone."""
    click_buff: bool | None
    """Whether a click counts as a buff in totals."""
    always_toggle: bool | None
    """Whether it is shown with a toggle."""
    allow_front_loading: bool | None
    """Whether slots may be placed early."""
    variable_enabled: bool | None
    """Whether a slider sets its strength."""
    variable_override: bool | None
    """Whether the slider keeps rules of its own."""
    variable_name: str | None
    """Label of the slider."""
    variable_min: int | None
    """Least value of the slider."""
    variable_max: int | None
    """Greatest value of the slider."""
    variable_start: int | None
    """First value of the slider."""
    skip_max: bool | None
    """Whether the class's maximum is not applied."""
    inherent_type: str | None
    """Where the grid of inherent powers shows it. Enumeration grid_type."""
    inherent_type_code: int | None
    """Number behind inherent_type (enumeration grid_type); kept where it has no member."""
    display_location: int | None
    """Place in that grid."""
    mutex_auto: bool | None
    """Whether exclusion is handled by itself."""
    mutex_ignore: bool | None
    """Whether it is exempt from exclusion."""
    absorb_summon_effects: bool | None
    """Whether it shows the effects of what it summons as its own."""
    absorb_summon_attributes: bool | None
    """Whether it takes radius, targets and so on from what it summons."""
    show_summon_anyway: bool | None
    """Whether the summon is shown although absorbed."""
    never_auto_update: bool | None
    """Whether import tools must leave it alone."""
    never_auto_update_requirements: bool | None
    """Whether import tools must leave its requirements alone."""
    include_flag: bool | None
    """Whether it counts in totals from the start."""
    forced_class_name: str | None
    """Class whose modifiers always count, as written."""
    forced_class_id: int | None
    """Class whose modifiers always count. References archetype. As written: forced_class_name."""
    sort_override: bool | None
    """Planner state that may have been saved. Its change alone is no change of the row."""
    boost_boostable: bool | None
    """Of boost powers: whether boosters work."""
    boost_use_player_level: bool | None
    """Of boost powers: whether it is attuned."""
    hidden_power: bool | None
    """Whether it is kept from the user."""
    effects: Any
    """Its effects in file order, each with the eight values that a planner reads first."""
    allowed_enhancements: Any
    """Ids of the enhancement classes it accepts, in file order."""
    extra: Any
    """Values of the source that no other column holds, by their place in the record, such as effects[3].NewKey; null
    where there are none."""
    created_at: str
    """Time of the first publish."""
    updated_at: str
    """Time of the last change of content."""
    release_id: int
    """mids.release of the last change of content."""
    source_position: int
    """0-based place in the published release's file."""


class PowerSubPower(TypedDict):
    """Powers that come with a power, such as those of a form."""
    position: int
    """Place in the power's list."""
    sub_power_name: str | None
    """The power as written."""
    sub_power_id: int | None
    """The power that comes with it. References power. As written: sub_power_name."""
    sub_power: Named | None
    """The power that comes with it."""


class Powerset(TypedDict):
    """A named set of powers: primary, secondary, pool, epic, inherent, set bonuses, pets and the like."""
    id: int
    """Stable id, kept for a key that vanishes and returns."""
    full_name: str
    """Group.Set."""
    set_name: str | None
    """The part after the dot, as stored beside the full name."""
    display_name: str | None
    """Name shown to a player; not unique."""
    sub_name: str | None
    """Alternate short title; often equal to the shown name or empty."""
    description: str | None
    """Text about the set; may be empty."""
    set_type: str | None
    """What kind of set it is. Enumeration power_set_type."""
    set_type_code: int | None
    """Number behind set_type (enumeration power_set_type); kept where it has no member."""
    image_name: str | None
    """File name of the icon."""
    archetype_class: str | None
    """Class that owns the set, as written; empty for shared sets."""
    archetype_id: int | None
    """Class that owns the set. References archetype. As written: archetype_class."""
    trunk_set_name: str | None
    """Parent of a branching set, as written; mostly empty."""
    trunk_set_id: int | None
    """Parent of a branching set. References powerset. As written: trunk_set_name."""
    link_secondary_name: str | None
    """Secondary set forced with this one, as written."""
    link_secondary_id: int | None
    """Secondary set forced with this one. References powerset. As written: link_secondary_name."""
    extra: Any
    """Values of the source that no other column holds, by their place in the record, such as effects[3].NewKey; null
    where there are none."""
    created_at: str
    """Time of the first publish."""
    updated_at: str
    """Time of the last change of content."""
    release_id: int
    """mids.release of the last change of content."""
    source_position: int
    """0-based place in the published release's file."""
    archetype: Named | None
    """Class that owns the set."""
    trunk_set: Named | None
    """Parent of a branching set."""
    link_secondary: Named | None
    """Secondary set forced with this one."""
    powerset_mutex: list[PowersetMutex]
    """Powersets that cannot be combined with a powerset."""
    powers: list[PowerOfPowerset]
    """Its powers."""


class PowersetAnswer(TypedDict):
    """An answer, and where its data are from."""
    realm: str
    """Realm."""
    release: str
    """Release id."""
    version: str | None
    """Version that the release states."""
    publish: int
    """When it was published, in microseconds since 1970: greater is later."""
    published_at: str
    """The same as a time."""
    data: Powerset
    """What was asked for."""


class PowersetMutex(TypedDict):
    """Powersets that cannot be combined with a powerset."""
    position: int
    """Place in the set's list."""
    excluded_powerset_name: str | None
    """The excluded set, as written."""
    excluded_powerset_id: int | None
    """The excluded set. References powerset. As written: excluded_powerset_name."""
    excluded_powerset: Named | None
    """The excluded set."""


class PowersetOfArchetype(TypedDict):
    """A named set of powers: primary, secondary, pool, epic, inherent, set bonuses, pets and the like."""
    id: int
    """Its id."""
    key: str
    """Its natural key."""
    display_name: str | None
    """Its name for a player."""
    set_type: str | None
    """What kind of set it is. Enumeration power_set_type."""


class PowersetPage(TypedDict):
    """A list, and where its data are from."""
    realm: str
    """Realm."""
    release: str
    """Release id."""
    version: str | None
    """Version that the release states."""
    publish: int
    """When it was published, in microseconds since 1970: greater is later."""
    published_at: str
    """The same as a time."""
    data: list[PowersetRow]
    """What was asked for."""
    next: str | None
    """Cursor for the next page; null on the last."""


class PowersetRow(TypedDict):
    """A named set of powers: primary, secondary, pool, epic, inherent, set bonuses, pets and the like."""
    id: int
    """Stable id, kept for a key that vanishes and returns."""
    full_name: str
    """Group.Set."""
    set_name: str | None
    """The part after the dot, as stored beside the full name."""
    display_name: str | None
    """Name shown to a player; not unique."""
    sub_name: str | None
    """Alternate short title; often equal to the shown name or empty."""
    description: str | None
    """Text about the set; may be empty."""
    set_type: str | None
    """What kind of set it is. Enumeration power_set_type."""
    set_type_code: int | None
    """Number behind set_type (enumeration power_set_type); kept where it has no member."""
    image_name: str | None
    """File name of the icon."""
    archetype_class: str | None
    """Class that owns the set, as written; empty for shared sets."""
    archetype_id: int | None
    """Class that owns the set. References archetype. As written: archetype_class."""
    trunk_set_name: str | None
    """Parent of a branching set, as written; mostly empty."""
    trunk_set_id: int | None
    """Parent of a branching set. References powerset. As written: trunk_set_name."""
    link_secondary_name: str | None
    """Secondary set forced with this one, as written."""
    link_secondary_id: int | None
    """Secondary set forced with this one. References powerset. As written: link_secondary_name."""
    extra: Any
    """Values of the source that no other column holds, by their place in the record, such as effects[3].NewKey; null
    where there are none."""
    created_at: str
    """Time of the first publish."""
    updated_at: str
    """Time of the last change of content."""
    release_id: int
    """mids.release of the last change of content."""
    source_position: int
    """0-based place in the published release's file."""


class ProblemBody(TypedDict):
    """A refusal (RFC 9457)."""
    type: str
    """about:blank: status and title say what kind of refusal it is."""
    title: str
    """The status in words."""
    status: int
    """Status of the answer."""
    detail: str
    """What is wrong, and what to do."""
    field: NotRequired[str | None]
    """The parameter that is to blame."""


class Publishing(TypedDict):
    """The publish that followed an import."""
    run_id: str
    """Run id of Dagster."""
    state: str
    """Its state."""


class RealmAnswer(TypedDict):
    """An answer, and where its data are from."""
    realm: str
    """Realm."""
    release: str
    """Release id."""
    version: str | None
    """Version that the release states."""
    publish: int
    """When it was published, in microseconds since 1970: greater is later."""
    published_at: str
    """The same as a time."""
    data: RealmRelease
    """What was asked for."""


class RealmFacts(TypedDict):
    """A realm with the release that its readers see."""
    release: str
    """Release id."""
    version: str | None
    """Version that it states."""
    revision: int | None
    """1 for the first content seen under this version, 2 for the next, ..."""
    release_date: str | None
    """Date that it states."""
    issue: int | None
    """Issue of the game."""
    page_volume: int | None
    """Page or volume in the issue."""
    page_volume_text: str | None
    """The word for it."""
    is_sample: bool
    """Whether it is a made-up sample."""
    published_at: str
    """When it was last published."""
    publish: int
    """The same in microseconds since 1970."""
    realm: str
    """Realm."""


class RealmRelease(TypedDict):
    """The release that readers of a realm see."""
    release: str
    """Release id."""
    version: str | None
    """Version that it states."""
    revision: int | None
    """1 for the first content seen under this version, 2 for the next, ..."""
    release_date: str | None
    """Date that it states."""
    issue: int | None
    """Issue of the game."""
    page_volume: int | None
    """Page or volume in the issue."""
    page_volume_text: str | None
    """The word for it."""
    is_sample: bool
    """Whether it is a made-up sample."""
    published_at: str
    """When it was last published."""
    publish: int
    """The same in microseconds since 1970."""
    realm: str
    """Realm."""
    build: str
    """Build of the release."""


class Realms(TypedDict):
    """All realms that have a published release."""
    data: list[RealmFacts]
    """One entry a realm, in order of their names."""


class Recipe(TypedDict):
    """A recipe for an enhancement or another good."""
    id: int
    """Stable id, kept for a key that vanishes and returns."""
    internal_name: str
    """Identifier."""
    external_name: str | None
    """Name shown to a player."""
    rarity: str | None
    """Rarity. Enumeration rarity."""
    rarity_code: int | None
    """Number behind rarity (enumeration rarity); kept where it has no member."""
    enhancement_uid: str | None
    """Enhancement it makes, as stored: the last one that names it."""
    enhancement_id: int | None
    """Enhancement it makes. References enhancement. As written: enhancement_uid."""
    is_generic: bool | None
    """Flag of the source; in some realms true where no enhancement is made."""
    is_virtual: bool | None
    """Flag of the source."""
    is_hidden: bool | None
    """Flag of the source."""
    extra: Any
    """Values of the source that no other column holds, by their place in the record, such as effects[3].NewKey; null
    where there are none."""
    created_at: str
    """Time of the first publish."""
    updated_at: str
    """Time of the last change of content."""
    release_id: int
    """mids.release of the last change of content."""
    source_position: int
    """0-based place in the published release's file."""
    enhancement: Named | None
    """Enhancement it makes."""
    recipe_level: list[RecipeLevel]
    """What crafting a recipe costs at one level."""
    recipe_salvage: list[RecipeSalvage]
    """Salvage that a recipe consumes at one level; places without a name give no row."""


class RecipeAnswer(TypedDict):
    """An answer, and where its data are from."""
    realm: str
    """Realm."""
    release: str
    """Release id."""
    version: str | None
    """Version that the release states."""
    publish: int
    """When it was published, in microseconds since 1970: greater is later."""
    published_at: str
    """The same as a time."""
    data: Recipe
    """What was asked for."""


class RecipeLevel(TypedDict):
    """What crafting a recipe costs at one level."""
    level: int
    """Level. 0-based (shown level minus one); -1 means none. Unit: 0-based level."""
    buy_cost: int | None
    """Price of the recipe. Unit: influence."""
    craft_cost: int | None
    """Price of crafting. Unit: influence."""
    buy_cost_memorized: int | None
    """Price of the memorized recipe. Unit: influence."""
    craft_cost_memorized: int | None
    """Price of crafting the memorized recipe. Unit: influence."""


class RecipePage(TypedDict):
    """A list, and where its data are from."""
    realm: str
    """Realm."""
    release: str
    """Release id."""
    version: str | None
    """Version that the release states."""
    publish: int
    """When it was published, in microseconds since 1970: greater is later."""
    published_at: str
    """The same as a time."""
    data: list[RecipeRow]
    """What was asked for."""
    next: str | None
    """Cursor for the next page; null on the last."""


class RecipeRow(TypedDict):
    """A recipe for an enhancement or another good."""
    id: int
    """Stable id, kept for a key that vanishes and returns."""
    internal_name: str
    """Identifier."""
    external_name: str | None
    """Name shown to a player."""
    rarity: str | None
    """Rarity. Enumeration rarity."""
    rarity_code: int | None
    """Number behind rarity (enumeration rarity); kept where it has no member."""
    enhancement_uid: str | None
    """Enhancement it makes, as stored: the last one that names it."""
    enhancement_id: int | None
    """Enhancement it makes. References enhancement. As written: enhancement_uid."""
    is_generic: bool | None
    """Flag of the source; in some realms true where no enhancement is made."""
    is_virtual: bool | None
    """Flag of the source."""
    is_hidden: bool | None
    """Flag of the source."""
    extra: Any
    """Values of the source that no other column holds, by their place in the record, such as effects[3].NewKey; null
    where there are none."""
    created_at: str
    """Time of the first publish."""
    updated_at: str
    """Time of the last change of content."""
    release_id: int
    """mids.release of the last change of content."""
    source_position: int
    """0-based place in the published release's file."""


class RecipeSalvage(TypedDict):
    """Salvage that a recipe consumes at one level; places without a name give no row."""
    level: int
    """Level of the recipe, 0-based; -1 means none. Unit: 0-based level."""
    position: int
    """Place in the list of ingredients."""
    salvage_name: str | None
    """The salvage, as written."""
    salvage_id: int | None
    """The salvage. References salvage. As written: salvage_name."""
    count: int | None
    """How many are consumed. Unit: pieces."""
    salvage: Named | None
    """The salvage."""


class ReferenceAnswer(TypedDict):
    """A list, and where its data are from."""
    realm: str
    """Realm."""
    release: str
    """Release id."""
    version: str | None
    """Version that the release states."""
    publish: int
    """When it was published, in microseconds since 1970: greater is later."""
    published_at: str
    """The same as a time."""
    data: list[EnhancementClassRow] | list[SetTypeRow] | list[EnhancementGradeRow] | list[SpecialEnhancementTypeRow] | list[OriginRow] | list[AttributeModifierTableRow] | list[EffectTagRow] | list[LevelScheduleRow] | list[DiversificationThresholdRow] | list[EnhancementStrengthRow] | list[ServerSettingRow] | list[ComparisonOverrideRow] | list[PowerReplacementRow] | list[PowerGroupMemberRow] | list[EffectTagPowerRow] | list[EnhancementTraitRow] | list[PowerExpressionRow]
    """What was asked for."""
    next: str | None
    """Cursor for the next page; null on the last."""


class Release(TypedDict):
    """A release that was published at some time."""
    release: str
    """Release id."""
    version: str | None
    """Version that it states."""
    revision: int | None
    """1 for the first content seen under this version, 2 for the next, ..."""
    release_date: str | None
    """Date that it states."""
    issue: int | None
    """Issue of the game."""
    page_volume: int | None
    """Page or volume in the issue."""
    page_volume_text: str | None
    """The word for it."""
    is_sample: bool
    """Whether it is a made-up sample."""
    published_at: str
    """When it was last published."""
    publish: int
    """The same in microseconds since 1970."""
    build: str
    """Build that was published last."""
    state: str
    """published, superseded or rolled_back."""


class ReleasesAnswer(TypedDict):
    """A list, and where its data are from."""
    realm: str
    """Realm."""
    release: str
    """Release id."""
    version: str | None
    """Version that the release states."""
    publish: int
    """When it was published, in microseconds since 1970: greater is later."""
    published_at: str
    """The same as a time."""
    data: list[Release]
    """What was asked for."""
    next: str | None
    """Cursor for the next page; null on the last."""


class Rollback(TypedDict):
    """What to go back to."""
    release: NotRequired[str | None]
    """Release id; null = what was published before."""


class Salvage(TypedDict):
    """A material that recipes consume."""
    id: int
    """Stable id, kept for a key that vanishes and returns."""
    internal_name: str
    """Identifier; compared without case."""
    external_name: str | None
    """Name shown to a player."""
    rarity: str | None
    """Rarity. Enumeration rarity."""
    rarity_code: int | None
    """Number behind rarity (enumeration rarity); kept where it has no member."""
    level_min: int | None
    """Lowest level at which it drops. 0-based (shown level minus one); -1 means none. Unit: 0-based level."""
    level_max: int | None
    """Highest level at which it drops. 0-based (shown level minus one); -1 means none. Unit: 0-based level."""
    origin: str | None
    """Tech, magic or special. Enumeration salvage_origin."""
    origin_code: int | None
    """Number behind origin (enumeration salvage_origin); kept where it has no member."""
    extra: Any
    """Values of the source that no other column holds, by their place in the record, such as effects[3].NewKey; null
    where there are none."""
    created_at: str
    """Time of the first publish."""
    updated_at: str
    """Time of the last change of content."""
    release_id: int
    """mids.release of the last change of content."""
    source_position: int
    """0-based place in the published release's file."""


class SalvageAnswer(TypedDict):
    """An answer, and where its data are from."""
    realm: str
    """Realm."""
    release: str
    """Release id."""
    version: str | None
    """Version that the release states."""
    publish: int
    """When it was published, in microseconds since 1970: greater is later."""
    published_at: str
    """The same as a time."""
    data: Salvage
    """What was asked for."""


class SalvagePage(TypedDict):
    """A list, and where its data are from."""
    realm: str
    """Realm."""
    release: str
    """Release id."""
    version: str | None
    """Version that the release states."""
    publish: int
    """When it was published, in microseconds since 1970: greater is later."""
    published_at: str
    """The same as a time."""
    data: list[SalvageRow]
    """What was asked for."""
    next: str | None
    """Cursor for the next page; null on the last."""


class SalvageRow(TypedDict):
    """A material that recipes consume."""
    id: int
    """Stable id, kept for a key that vanishes and returns."""
    internal_name: str
    """Identifier; compared without case."""
    external_name: str | None
    """Name shown to a player."""
    rarity: str | None
    """Rarity. Enumeration rarity."""
    rarity_code: int | None
    """Number behind rarity (enumeration rarity); kept where it has no member."""
    level_min: int | None
    """Lowest level at which it drops. 0-based (shown level minus one); -1 means none. Unit: 0-based level."""
    level_max: int | None
    """Highest level at which it drops. 0-based (shown level minus one); -1 means none. Unit: 0-based level."""
    origin: str | None
    """Tech, magic or special. Enumeration salvage_origin."""
    origin_code: int | None
    """Number behind origin (enumeration salvage_origin); kept where it has no member."""
    extra: Any
    """Values of the source that no other column holds, by their place in the record, such as effects[3].NewKey; null
    where there are none."""
    created_at: str
    """Time of the first publish."""
    updated_at: str
    """Time of the last change of content."""
    release_id: int
    """mids.release of the last change of content."""
    source_position: int
    """0-based place in the published release's file."""


class SearchAnswer(TypedDict):
    """A list, and where its data are from."""
    realm: str
    """Realm."""
    release: str
    """Release id."""
    version: str | None
    """Version that the release states."""
    publish: int
    """When it was published, in microseconds since 1970: greater is later."""
    published_at: str
    """The same as a time."""
    data: list[Hit]
    """What was asked for."""
    next: str | None
    """Cursor for the next page; null on the last."""


class ServerSettingRow(TypedDict):
    """Settings of the game server, such as base speeds and the number of slots."""
    key: str
    """Name of the setting; incarnate slots are incarnate.NAME."""
    value: str | None
    """The value as text."""
    type: str | None
    """text, integer, number or boolean."""
    created_at: str
    """Time of the first publish."""
    updated_at: str
    """Time of the last change of content."""
    release_id: int
    """mids.release of the last change of content."""
    source_position: int
    """0-based place in the published release's file."""


class SetTypeRow(TypedDict):
    """Types of enhancement sets; they differ per realm."""
    position: int
    """0-based place in the list; what other tables refer to."""
    name: str | None
    """Full name."""
    short_name: str | None
    """Abbreviation."""
    description: str | None
    """Text about it; mostly none."""
    created_at: str
    """Time of the first publish."""
    updated_at: str
    """Time of the last change of content."""
    release_id: int
    """mids.release of the last change of content."""
    source_position: int
    """0-based place in the published release's file."""


class Side(TypedDict):
    """A release that is compared."""
    release: str
    """Release id."""
    version: str | None
    """Version that it states."""


class SpecialEnhancementTypeRow(TypedDict):
    """Types of special enhancements."""
    position: int
    """0-based place in the list; what other tables refer to."""
    name: str | None
    """Full name."""
    short_name: str | None
    """Abbreviation."""
    description: str | None
    """Text about it; mostly none."""
    created_at: str
    """Time of the first publish."""
    updated_at: str
    """Time of the last change of content."""
    release_id: int
    """mids.release of the last change of content."""
    source_position: int
    """0-based place in the published release's file."""


class State(TypedDict):
    """How far a run is."""
    run_id: str
    """Run id of Dagster."""
    run_url: str
    """Where Dagster's UI shows it."""
    job: str
    """Job that it executes."""
    state: str
    """queued, starting, started, success, failure, canceling, canceled, .."""
    started_at: str | None
    """When it began."""
    ended_at: str | None
    """When it ended."""
    release: str | None
    """Release that it works on, as far as it is known."""
    reason: str | None
    """Of a failure: what it failed of."""
    publish: Publishing | None
    """Of an import: the publish that followed it."""


class SummonedEntity(TypedDict):
    """A pet or henchman that an effect can call."""
    id: int
    """Stable id, kept for a key that vanishes and returns."""
    uid: str
    """Identifier such as Pets_Name; compared without case."""
    display_name: str | None
    """Name shown to a player."""
    entity_type: str | None
    """Pet or henchman. Enumeration summon_entity."""
    entity_type_code: int | None
    """Number behind entity_type (enumeration summon_entity); kept where it has no member."""
    class_name: str | None
    """Its class, as written."""
    archetype_id: int | None
    """Its class. References archetype. As written: class_name."""
    extra: Any
    """Values of the source that no other column holds, by their place in the record, such as effects[3].NewKey; null
    where there are none."""
    created_at: str
    """Time of the first publish."""
    updated_at: str
    """Time of the last change of content."""
    release_id: int
    """mids.release of the last change of content."""
    source_position: int
    """0-based place in the published release's file."""
    archetype: Named | None
    """Its class."""
    summoned_entity_powerset: list[SummonedEntityPowerset]
    """Powersets of an entity, each with the power of its owner that unlocks it."""


class SummonedEntityAnswer(TypedDict):
    """An answer, and where its data are from."""
    realm: str
    """Realm."""
    release: str
    """Release id."""
    version: str | None
    """Version that the release states."""
    publish: int
    """When it was published, in microseconds since 1970: greater is later."""
    published_at: str
    """The same as a time."""
    data: SummonedEntity
    """What was asked for."""


class SummonedEntityPage(TypedDict):
    """A list, and where its data are from."""
    realm: str
    """Realm."""
    release: str
    """Release id."""
    version: str | None
    """Version that the release states."""
    publish: int
    """When it was published, in microseconds since 1970: greater is later."""
    published_at: str
    """The same as a time."""
    data: list[SummonedEntityRow]
    """What was asked for."""
    next: str | None
    """Cursor for the next page; null on the last."""


class SummonedEntityPowerset(TypedDict):
    """Powersets of an entity, each with the power of its owner that unlocks it."""
    position: int
    """Place in the entity's list."""
    powerset_name: str | None
    """The powerset, as written."""
    powerset_id: int | None
    """The powerset. References powerset. As written: powerset_name."""
    upgrade_power_name: str | None
    """Power that unlocks it, as written; the first set needs none."""
    upgrade_power_id: int | None
    """Power that unlocks it. References power. As written: upgrade_power_name."""
    powerset: Named | None
    """The powerset."""
    upgrade_power: Named | None
    """Power that unlocks it."""


class SummonedEntityRow(TypedDict):
    """A pet or henchman that an effect can call."""
    id: int
    """Stable id, kept for a key that vanishes and returns."""
    uid: str
    """Identifier such as Pets_Name; compared without case."""
    display_name: str | None
    """Name shown to a player."""
    entity_type: str | None
    """Pet or henchman. Enumeration summon_entity."""
    entity_type_code: int | None
    """Number behind entity_type (enumeration summon_entity); kept where it has no member."""
    class_name: str | None
    """Its class, as written."""
    archetype_id: int | None
    """Its class. References archetype. As written: class_name."""
    extra: Any
    """Values of the source that no other column holds, by their place in the record, such as effects[3].NewKey; null
    where there are none."""
    created_at: str
    """Time of the first publish."""
    updated_at: str
    """Time of the last change of content."""
    release_id: int
    """mids.release of the last change of content."""
    source_position: int
    """0-based place in the published release's file."""
