"""The enumerations of the source files: number -> member name, as facts, and nothing else.

`kind` "enum": the number is one member. `kind` "flags": the number is a bit mask. Files are never validated by the
program that writes them, so a number without a member is normal and must be kept beside the (null) name.
Source: formats enums.yaml and enums_items.yaml (numbers that changed their meaning over time are named there).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Enumeration:
    name: str
    members: tuple[tuple[int, str], ...]
    flags: bool = False

    @property
    def by_number(self) -> dict[int, str]:
        return dict(self.members)


def _named(name: str, first: int, names: str) -> Enumeration:
    """Members numbered upwards from `first`."""
    return Enumeration(name, tuple(enumerate(names.split(), start=first)))


def _bits(name: str, names: str) -> Enumeration:
    """Members of ascending bits; "-" leaves a bit without a member. Zero is the empty set."""
    return Enumeration(name, tuple((1 << bit, n) for bit, n in enumerate(names.split()) if n != "-"), flags=True)


CLASS_TYPE = _named(
    "class_type",
    0,
    "None Hero HeroEpic Villain VillainEpic Henchman Pet",
)

POWER_SET_TYPE = _named(
    "power_set_type",
    0,
    "None Primary Secondary Ancillary Inherent Pool Accolade Temp Pet SetBonus Boost Incarnate Redirect",
)

MODE_FLAGS = _bits(
    "mode_flags",
    "Arena Disable_All Disable_Enhancements Disable_Epic Disable_Inspirations Disable_Market_TP "
    "Disable_Pool Disable_Rez_Insp Disable_Teleport Disable_Temp Disable_Toggle Disable_Travel Domination "
    "Peacebringer_Blaster_Mode Peacebringer_Lightform_Mode Peacebringer_Tanker_Mode Raid_Attacker_Mode "
    "Shivan_Mode Unknown18 Warshade_Blaster_Mode Warshade_Tanker_Mode",
)

POWER_TYPE = _named(
    "power_type",
    0,
    "Click Auto_ Toggle Boost Inspiration GlobalBoost",
)

ATTACK_VECTOR = _bits(
    "attack_vector",
    "Melee_Attack Ranged_Attack AOE_Attack Smashing_Attack Lethal_Attack Cold_Attack Fire_Attack "
    "Energy_Attack Negative_Energy_Attack Psionic_Attack Toxic_Attack",
)

ENTITY = _bits(
    "entity",
    "Caster Player DeadPlayer Teammate DeadTeammate DeadOrAliveTeammate Villain DeadVillain NPC Friend "
    "DeadFriend Foe - Location Teleport Any MyPet DeadFoe FoeRezzingFoe Leaguemate DeadLeaguemate "
    "AnyLeaguemate DeadMyCreation DeadMyPet DeadOrAliveFoe DeadOrAliveLeaguemate DeadPlayerFriend MyOwner",
)

EFFECT_AREA = _named(
    "effect_area",
    0,
    "None Character Sphere Cone Location Volume Map Room Touch",
)

CAST_FLAGS = _bits(
    "cast_flags",
    "NearGround TargetNearGround CastableAfterDeath",
)

NOTIFY = _named(
    "notify",
    0,
    "Always Never MissOnly HitOnly",
)

SET_TYPE = _named(
    "set_type",
    0,
    "Untyped MeleeST RangedST RangedAoE MeleeAoE Snipe Pets Defense Resistance Heal Hold Stun Immob Slow "
    "Sleep Fear Confuse Flight Jump Run Teleport DefDebuff EndMod Knockback Threat ToHit ToHitDeb PetRech "
    "Travel AccHeal AccDefDeb AccToHitDeb Arachnos Blaster Brute Controller Corruptor Defender Dominator "
    "Kheldian Mastermind Scrapper Stalker Tanker UniversalDamage Sentinel RunNoSprint JumpNoSprint "
    "FlightNoSprint TeleportNoSprint",
)

ENHANCE = _named(
    "enhance",
    0,
    "None Accuracy Damage Defense EnduranceDiscount Endurance SpeedFlying Heal HitPoints Interrupt "
    "JumpHeight SpeedJumping Mez Range RechargeTime X_RechargeTime Recovery Regeneration Resistance "
    "SpeedRunning ToHit Slow Absorb",
)

GRID_TYPE = _named(
    "grid_type",
    0,
    "None Accolade Class Incarnate Inherent Pet Power Powerset Prestige Temp",
)

EFFECT_CLASS = _named(
    "effect_class",
    0,
    "Primary Secondary Tertiary Special Ignored DisplayOnly",
)

EFFECT_TYPE = _named(
    "effect_type",
    0,
    "None Accuracy ViewAttrib Damage DamageBuff Defense DropToggles Endurance EnduranceDiscount "
    "Enhancement Fly SpeedFlying GrantPower Heal HitPoints InterruptTime JumpHeight SpeedJumping Meter "
    "Mez MezResist MovementControl MovementFriction PerceptionRadius Range RechargeTime Recovery "
    "Regeneration ResEffect Resistance RevokePower Reward SpeedRunning SetCostume SetMode Slow "
    "StealthRadius StealthRadiusPlayer EntCreate ThreatLevel ToHit Translucency XPDebtProtection "
    "SilentKill Elusivity GlobalChanceMod LevelShift UnsetMode Rage MaxRunSpeed MaxJumpSpeed MaxFlySpeed "
    "DesignerStatus PowerRedirect TokenAdd ExperienceGain InfluenceGain PrestigeGain AddBehavior "
    "RechargePower RewardSourceTeam VisionPhase CombatPhase ClearFog SetSZEValue ExclusiveVisionPhase "
    "Absorb XAfraid XAvoid BeastRun ClearDamagers EntCreate_x Glide Hoverboard Jumppack MagicCarpet "
    "NinjaRun Null NullBool Stealth SteamJump Walk XPDebt ForceMove ModifyAttrib ExecutePower",
)

DAMAGE = _named(
    "damage",
    0,
    "None Smashing Lethal Fire Cold Energy Negative Toxic Psionic Special Melee Ranged AoE Unique1 Unique2 Unique3",
)

MEZ = _named(
    "mez",
    0,
    "None Confused Held Immobilized Knockback Knockup OnlyAffectsSelf Placate Repel Sleep Stunned Taunt "
    "Terrorized Untouchable Teleport ToggleDrop Afraid Avoid CombatPhase Intangible",
)

STACKING = _named(
    "stacking",
    0,
    "No Yes",
)

SUPPRESS = _bits(
    "suppress",
    "Held Sleep Stunned Immobilized Terrorized Knocked Attacked HitByFoe MissionObjectClick "
    "ActivateAttackClick Damaged Phased1 Confused",
)

SPECIAL_CASE = _named(
    "special_case",
    0,
    "None Hidden Domination Scourge Mezzed CriticalHit CriticalBoss CriticalMinion Robot Assassination "
    "Containment Defiance TargetDroneActive Combo VersusSpecial NotDisintegrated Disintegrated "
    "NotAccelerated Accelerated NotDelayed Delayed ComboLevel0 ComboLevel1 ComboLevel2 ComboLevel3 "
    "FastMode NotAssassination PerfectionOfBody0 PerfectionOfBody1 PerfectionOfBody2 PerfectionOfBody3 "
    "PerfectionOfMind0 PerfectionOfMind1 PerfectionOfMind2 PerfectionOfMind3 PerfectionOfSoul0 "
    "PerfectionOfSoul1 PerfectionOfSoul2 PerfectionOfSoul3 TeamSize1 TeamSize2 TeamSize3 NotComboLevel3 "
    "ToHit97 DefensiveAdaptation EfficientAdaptation OffensiveAdaptation NotDefensiveAdaptation "
    "NotDefensiveNorOffensiveAdaptation BoxingBuff KickBuff Supremacy SupremacyAndBuffPwr PetTier2 "
    "PetTier3 PackMentality NotPackMentality FastSnipe NotFastSnipe CrossPunchBuff NotCrossPunchBuff "
    "NotBoxingBuff NotKickBuff",
)

PVX = _named(
    "pvx",
    0,
    "Any PvE PvP",
)

TO_WHO = _named(
    "to_who",
    0,
    "Unspecified Target Self All",
)

OVERRIDE_BOOLEAN = _named(
    "override_boolean",
    0,
    "NoOverride TrueOverride FalseOverride",
)

ATTRIB_TYPE = _named(
    "attrib_type",
    0,
    "Magnitude Duration Expression",
)

ASPECT = _named(
    "aspect",
    0,
    "Res Max Abs Str Cur",
)

POWER_ATTRIBS = _named(
    "power_attribs",
    0,
    "None Accuracy ActivateInterval Arc CastTime EffectArea EnduranceCost InterruptTime MaxTargets Radius "
    "Range RechargeTime SecondaryRange",
)

SUMMON_ENTITY = _named(
    "summon_entity",
    0,
    "Pet Henchman",
)

ENHANCEMENT_TYPE = _named(
    "enhancement_type",
    0,
    "None Normal InventO SpecialO SetO",
)

ENHANCEMENT_MUTEX = _named(
    "enhancement_mutex",
    0,
    "None Stealth ArchetypeA ArchetypeB ArchetypeC ArchetypeD ArchetypeE ArchetypeF",
)

BUFF_DEBUFF = _named(
    "buff_debuff",
    0,
    "Any BuffOnly DeBuffOnly",
)

ENHANCEMENT_MODE = _named(
    "enhancement_mode",
    0,
    "Enhancement FX PowerEnh PowerProc",
)

SCHEDULE = _named(
    "schedule",
    -1,
    "None A B C D Multiple",
)

RARITY = _named(
    "rarity",
    0,
    "Common Uncommon Rare UltraRare",
)

SALVAGE_ORIGIN = _named(
    "salvage_origin",
    0,
    "Tech Magic Special",
)

ENUMERATIONS: dict[str, Enumeration] = {
    enumeration.name: enumeration
    for enumeration in (
        CLASS_TYPE,
        POWER_SET_TYPE,
        MODE_FLAGS,
        POWER_TYPE,
        ATTACK_VECTOR,
        ENTITY,
        EFFECT_AREA,
        CAST_FLAGS,
        NOTIFY,
        SET_TYPE,
        ENHANCE,
        GRID_TYPE,
        EFFECT_CLASS,
        EFFECT_TYPE,
        DAMAGE,
        MEZ,
        STACKING,
        SUPPRESS,
        SPECIAL_CASE,
        PVX,
        TO_WHO,
        OVERRIDE_BOOLEAN,
        ATTRIB_TYPE,
        ASPECT,
        POWER_ATTRIBS,
        SUMMON_ENTITY,
        ENHANCEMENT_TYPE,
        ENHANCEMENT_MUTEX,
        BUFF_DEBUFF,
        ENHANCEMENT_MODE,
        SCHEDULE,
        RARITY,
        SALVAGE_ORIGIN,
    )
}

CODES: dict[str, dict[str, int]] = {
    name: {member.lower(): number for number, member in enumeration.members}
    for name, enumeration in ENUMERATIONS.items()
}
"""Enumeration -> member in small letters -> number, for sources that write members by name."""
