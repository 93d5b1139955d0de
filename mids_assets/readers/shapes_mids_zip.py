"""The alias table of Mids.zip: C# member names, in the order of the documentation.

Only data. Source: formats json_export.md.
"""

from __future__ import annotations

from collections.abc import Mapping

from mids_assets.readers.shape_types import Formula, Pairs, Parallel, Shape, record_shape

_ARCHETYPE = record_shape(
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

_POWERSET = record_shape(
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

_POWER = record_shape(
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

_REQUIREMENT = record_shape(
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

_EFFECT = record_shape(
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

_CONDITIONAL = record_shape(
    """
    Key key
    Value value
    """,
    "Validated",
)

_SUMMONED_ENTITY = record_shape(
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
