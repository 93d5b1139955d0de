"""The alias tables: how each kind of JSON source spells the fields of the canonical records.

A shape is data. For every record it says under which key a field lies, which keys are known and carry nothing of
their own, and whether a key may be absent. The decoder (`readers.json_records`), the writer of archives
(`readers.mids_zip`) and the documentation read the same tables.
Does not belong here: decoding, and the canonical records themselves (`readers.layouts`).

Source: formats json_export.md; canonical keys are the field names of formats i12.yaml and items.yaml.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field


@dataclass(frozen=True, slots=True)
class Key:
    """The value lies under this key, in the form of the field's wire type."""

    key: str


@dataclass(frozen=True, slots=True)
class Pairs:
    """A list of records lies there as an array of arrays, the values in field order."""

    key: str


@dataclass(frozen=True, slots=True)
class Parallel:
    """A list of records lies in one array per field, `keys` in field order.

    The first array gives the number of records; another one is of the same length or absent, and then every
    record holds the item of `absent` at its place.
    """

    keys: tuple[str, ...]
    absent: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Formula:
    """A text inside an object of formulas, or part `part` of the older single text, split at `///`."""

    holder: str
    key: str
    older: str
    part: int | None


Place = Key | Pairs | Parallel | Formula

FORMULA_SEPARATOR = "///"


@dataclass(frozen=True, slots=True)
class RecordShape:
    """One record in one shape: `places` maps canonical field -> where it lies, `ignored` are known derived keys."""

    places: Mapping[str, Place] = dataclass_field(default_factory=dict)
    ignored: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Shape:
    """`defaults`: an absent key means 0, false, 0.0, empty text or empty list; otherwise it is an error.

    A record or field that is not listed lies under its own canonical name.
    """

    name: str
    defaults: bool
    records: Mapping[str, RecordShape] = dataclass_field(default_factory=dict)

    def place(self, record: str, field: str) -> Place:
        shape = self.records.get(record)
        return (shape.places.get(field) if shape else None) or Key(field)

    def ignored(self, record: str) -> frozenset[str]:
        shape = self.records.get(record)
        return shape.ignored if shape else frozenset()


def _record(places: str, ignored: str = "", **special: Place) -> RecordShape:
    """`places` holds one `JsonKey canonical_field` a line; `ignored` are blank-separated keys."""
    table: dict[str, Place] = {}
    for line in places.strip().splitlines():
        key, name = line.split()
        table[name] = Key(key)
    return RecordShape({**table, **special}, frozenset(ignored.split()))


CANONICAL = Shape("canonical", defaults=False)

_ARCHETYPE = _record(
    """
    DisplayName display_name
    ClassType class_type
    Hitpoints hitpoints
    HPCap hitpoint_cap
    DescLong description_long
    DescShort description_short
    ResCap resistance_cap
    RechargeCap recharge_cap
    DamageCap damage_cap
    RegenCap regeneration_cap
    RecoveryCap recovery_cap
    Origin origins
    PerceptionCap perception_cap
    ClassName class_name
    Column modifier_column
    PrimaryGroup primary_group
    SecondaryGroup secondary_group
    Playable playable
    BaseRecovery base_recovery
    BaseRegen base_regeneration
    BaseThreat base_threat
    """,
    "Idx Primary Secondary Ancillary EpicGroup Hero Epic IsModified IsNew Pet",
)

_POWERSET = _record(
    """
    Description description
    SetName set_name
    FullName full_name
    ImageName image_name
    SetType set_type
    DisplayName display_name
    nArchetype archetype_index
    SubName sub_name
    ATClass archetype_class
    UIDTrunkSet trunk_set
    UIDLinkSecondary link_secondary
    """,
    "Power nID nIDTrunkSet nIDLinkSecondary GroupName Powers IsModified IsNew",
    mutex_sets=Parallel(("UIDMutexSets", "nIDMutexSets"), ("", -1)),
)

_POWER = _record(
    """
    CastTimeReal cast_time
    LocationIndex display_location
    StaticIndex static_index
    FullName full_name
    GroupName group_name
    SetName set_name
    PowerName power_name
    DisplayName display_name
    Available available_level
    Requires requires
    ModesRequired modes_required
    ModesDisallowed modes_disallowed
    PowerType power_type
    Accuracy accuracy
    AttackTypes attack_types
    GroupMembership group_membership
    EntitiesAffected entities_affected
    EntitiesAutoHit entities_auto_hit
    Target target
    TargetLoS target_line_of_sight
    Range range
    TargetSecondary target_secondary
    RangeSecondary range_secondary
    EndCost endurance_cost
    InterruptTime interrupt_time
    RechargeTime recharge_time
    BaseRechargeTime base_recharge_time
    ActivatePeriod activate_period
    EffectArea effect_area
    Radius radius
    Arc arc
    MaxTargets max_targets
    MaxBoosts max_boosts
    CastFlags cast_flags
    AIReport ai_report
    NumCharges num_charges
    UsageTime usage_time
    LifeTime life_time
    LifeTimeInGame life_time_in_game
    NumAllowed num_allowed
    DoNotSave do_not_save
    BoostsAllowed boosts_allowed
    Enhancements enhancement_class_ids
    CastThroughHold cast_through_hold
    IgnoreStrength ignore_strength
    DescShort description_short
    DescLong description_long
    SortOverride sort_override
    HiddenPower hidden_power
    SetTypes set_type_ids
    ClickBuff click_buff
    AlwaysToggle always_toggle
    Level level
    AllowFrontLoading allow_front_loading
    VariableEnabled variable_enabled
    VariableOverride variable_override
    VariableName variable_name
    VariableMin variable_min
    VariableMax variable_max
    VariableStart variable_start
    UIDSubPower sub_powers
    IgnoreEnh ignore_enhancements
    Ignore_Buff ignore_buffs
    SkipMax skip_max
    MutexAuto mutex_auto
    MutexIgnore mutex_ignore
    AbsorbSummonEffects absorb_summon_effects
    AbsorbSummonAttributes absorb_summon_attributes
    ShowSummonAnyway show_summon_anyway
    NeverAutoUpdate never_auto_update
    NeverAutoUpdateRequirements never_auto_update_requirements
    IncludeFlag include_flag
    ForcedClass forced_class
    InherentType inherent_type
    Effects effects
    BoostBoostable boost_boostable
    BoostUsePlayerLevel boost_use_player_level
    Active active
    Taken taken
    Stacks stacks
    """,
    """
    PowerIndex PowerSetID PowerSetIndex NGroupMembership NIDSubPower BuffMode FullSetName CastTimeBase DisplayLocation
    AppliedPowersOverride AbsorbedPetEffects AppliedExecutes AppliedSubPowers ToggleCost IsEpic IsModified IsNew
    HasAbsorbedEffects AccuracyMult SubIsAltColor ForcedClassID HasGrantPowerEffect HasPowerOverrideEffect
    HasProcSlotted HasEntity CastTime ArcanaCastTime Slottable AoEModifier IsSummonPower IsPetPower ParentIdx
    VirtualStacks InternalStacks
    """,
)

_REQUIREMENT = _record(
    """
    ClassName classes
    ClassNameNot classes_not
    """,
    "NClassName NClassNameNot NPowerID NPowerIDNot",
    powers=Pairs("PowerID"),
    powers_not=Pairs("PowerIDNot"),
)

_ATTRIBUTES = """
Accuracy accuracy
ActivatePeriod activate_period
Arc arc
CastTime cast_time
EffectArea effect_area
EnduranceCost endurance_cost
InterruptTime interrupt_time
MaxTargets max_targets
Radius radius
Range range
RechargeTime recharge_time
SecondaryRange secondary_range
"""

_EFFECT = _record(
    """
    ProcsPerMinute procs_per_minute
    CancelOnMiss cancel_on_miss
    IgnoreScaling ignore_scaling
    BaseProbability base_probability
    IgnoreED ignore_ed
    Reward reward
    EffectId effect_id
    EffectClass effect_class
    EffectType effect_type
    PowerAttribs power_attrib
    DisplayPercentageOverride display_percentage_override
    DamageType damage_type
    MezType mez_type
    ETModifies modifies_effect_type
    Summon summon
    Ticks ticks
    DelayedTime delayed_time
    Stacking stacking
    Suppression suppression
    Buffable buffable
    Resistible resistible
    SpecialCase special_case
    UIDClassName class_name
    nIDClassName class_index
    VariableModifiedOverride variable_modified_override
    PvMode pv_mode
    ToWho to_who
    Scale scale
    nMagnitude magnitude
    nDuration duration
    AttribType attrib_type
    Aspect aspect
    ModifierTable modifier_table
    PowerFullName power_full_name
    NearGround near_ground
    RequiresToHitCheck requires_to_hit_check
    UniqueID unique_id
    Override override
    ActiveConditionals conditionals
    """
    + "\n".join(
        f"{prefix}{key} {group}_{name}"
        for prefix, group in (("AtrOrig", "attrib_original"), ("AtrMod", "attrib_modified"))
        for key, name in (line.split() for line in _ATTRIBUTES.strip().splitlines())
    ),
    """
    Enhancement nID nSummon nModifierTable nOverride Rand Probability Mag BuffedMag MagPercent Duration
    DisplayPercentage VariableModified InherentSpecial InherentSpecial2 Special isEnhancementEffect Math_Mag
    Math_Duration Absorbed_Effect Absorbed_PowerType Absorbed_Power_nID Absorbed_Duration Absorbed_Class_nID
    Absorbed_Interval Absorbed_EffectID buffMode Validated IsFromProc SummonedEntityName
    """,
    duration_expression=Formula("Expressions", "Duration", "MagnitudeExpression", None),
    magnitude_expression=Formula("Expressions", "Magnitude", "MagnitudeExpression", 0),
    probability_expression=Formula("Expressions", "Probability", "MagnitudeExpression", 1),
)

_CONDITIONAL = _record(
    """
    Key key
    Value value
    """,
    "Validated",
)

_SUMMONED_ENTITY = _record(
    """
    UID uid
    DisplayName display_name
    PowersetFullName powersets
    UpgradePowerFullName upgrade_powers
    ClassName class_name
    EntityType entity_type
    """
)

MIDS_ZIP = Shape(
    "mids_zip",
    defaults=True,
    records={
        "archetype": _ARCHETYPE,
        "powerset": _POWERSET,
        "power": _POWER,
        "requirement": _REQUIREMENT,
        "effect": _EFFECT,
        "conditional": _CONDITIONAL,
        "summoned_entity": _SUMMONED_ENTITY,
    },
)

SHAPES: Mapping[str, Shape] = {shape.name: shape for shape in (CANONICAL, MIDS_ZIP)}

MIDS_ZIP_ENTRIES: Mapping[str, str] = {
    "archetype": "Archetypes.json",
    "powerset": "PowerSets.json",
    "power": "Powers.json",
    "summoned_entity": "Entities.json",
}
"""Entity -> entry of the archive."""

MIDS_ZIP_HEADER: Mapping[str, str] = {
    "Version": "version",
    "Date": "date",
    "Issue": "issue",
    "PageVol": "page_volume",
    "PageVolText": "page_volume_text",
}
"""Key of Database.json -> field of the header."""
