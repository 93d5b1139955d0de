// Generated from the model by `make web`; edit the model, not this file.

/** What a reference leads to. */
export interface Named {
  id: number;
  key: string;
  display_name: string | null;
}

/** Unit and meaning of a field. */
export interface Field {
  unit?: string;
  meaning: string;
}

export type AspectName = "Res" | "Max" | "Abs" | "Str" | "Cur";
export type AttackVectorName = "Melee_Attack" | "Ranged_Attack" | "AOE_Attack" | "Smashing_Attack" | "Lethal_Attack" | "Cold_Attack" | "Fire_Attack" | "Energy_Attack" | "Negative_Energy_Attack" | "Psionic_Attack" | "Toxic_Attack";
export type AttribTypeName = "Magnitude" | "Duration" | "Expression";
export type BuffDebuffName = "Any" | "BuffOnly" | "DeBuffOnly";
export type CastFlagsName = "NearGround" | "TargetNearGround" | "CastableAfterDeath";
export type ClassTypeName = "None" | "Hero" | "HeroEpic" | "Villain" | "VillainEpic" | "Henchman" | "Pet";
export type DamageName = "None" | "Smashing" | "Lethal" | "Fire" | "Cold" | "Energy" | "Negative" | "Toxic" | "Psionic" | "Special" | "Melee" | "Ranged" | "AoE" | "Unique1" | "Unique2" | "Unique3";
export type EffectAreaName = "None" | "Character" | "Sphere" | "Cone" | "Location" | "Volume" | "Map" | "Room" | "Touch";
export type EffectClassName = "Primary" | "Secondary" | "Tertiary" | "Special" | "Ignored" | "DisplayOnly";
export type EffectTypeName = "None" | "Accuracy" | "ViewAttrib" | "Damage" | "DamageBuff" | "Defense" | "DropToggles" | "Endurance" | "EnduranceDiscount" | "Enhancement" | "Fly" | "SpeedFlying" | "GrantPower" | "Heal" | "HitPoints" | "InterruptTime" | "JumpHeight" | "SpeedJumping" | "Meter" | "Mez" | "MezResist" | "MovementControl" | "MovementFriction" | "PerceptionRadius" | "Range" | "RechargeTime" | "Recovery" | "Regeneration" | "ResEffect" | "Resistance" | "RevokePower" | "Reward" | "SpeedRunning" | "SetCostume" | "SetMode" | "Slow" | "StealthRadius" | "StealthRadiusPlayer" | "EntCreate" | "ThreatLevel" | "ToHit" | "Translucency" | "XPDebtProtection" | "SilentKill" | "Elusivity" | "GlobalChanceMod" | "LevelShift" | "UnsetMode" | "Rage" | "MaxRunSpeed" | "MaxJumpSpeed" | "MaxFlySpeed" | "DesignerStatus" | "PowerRedirect" | "TokenAdd" | "ExperienceGain" | "InfluenceGain" | "PrestigeGain" | "AddBehavior" | "RechargePower" | "RewardSourceTeam" | "VisionPhase" | "CombatPhase" | "ClearFog" | "SetSZEValue" | "ExclusiveVisionPhase" | "Absorb" | "XAfraid" | "XAvoid" | "BeastRun" | "ClearDamagers" | "EntCreate_x" | "Glide" | "Hoverboard" | "Jumppack" | "MagicCarpet" | "NinjaRun" | "Null" | "NullBool" | "Stealth" | "SteamJump" | "Walk" | "XPDebt" | "ForceMove" | "ModifyAttrib" | "ExecutePower";
export type EnhanceName = "None" | "Accuracy" | "Damage" | "Defense" | "EnduranceDiscount" | "Endurance" | "SpeedFlying" | "Heal" | "HitPoints" | "Interrupt" | "JumpHeight" | "SpeedJumping" | "Mez" | "Range" | "RechargeTime" | "X_RechargeTime" | "Recovery" | "Regeneration" | "Resistance" | "SpeedRunning" | "ToHit" | "Slow" | "Absorb";
export type EnhancementModeName = "Enhancement" | "FX" | "PowerEnh" | "PowerProc";
export type EnhancementMutexName = "None" | "Stealth" | "ArchetypeA" | "ArchetypeB" | "ArchetypeC" | "ArchetypeD" | "ArchetypeE" | "ArchetypeF";
export type EnhancementTypeName = "None" | "Normal" | "InventO" | "SpecialO" | "SetO";
export type EntityName = "Caster" | "Player" | "DeadPlayer" | "Teammate" | "DeadTeammate" | "DeadOrAliveTeammate" | "Villain" | "DeadVillain" | "NPC" | "Friend" | "DeadFriend" | "Foe" | "Location" | "Teleport" | "Any" | "MyPet" | "DeadFoe" | "FoeRezzingFoe" | "Leaguemate" | "DeadLeaguemate" | "AnyLeaguemate" | "DeadMyCreation" | "DeadMyPet" | "DeadOrAliveFoe" | "DeadOrAliveLeaguemate" | "DeadPlayerFriend" | "MyOwner";
export type GridTypeName = "None" | "Accolade" | "Class" | "Incarnate" | "Inherent" | "Pet" | "Power" | "Powerset" | "Prestige" | "Temp";
export type MezName = "None" | "Confused" | "Held" | "Immobilized" | "Knockback" | "Knockup" | "OnlyAffectsSelf" | "Placate" | "Repel" | "Sleep" | "Stunned" | "Taunt" | "Terrorized" | "Untouchable" | "Teleport" | "ToggleDrop" | "Afraid" | "Avoid" | "CombatPhase" | "Intangible";
export type ModeFlagsName = "Arena" | "Disable_All" | "Disable_Enhancements" | "Disable_Epic" | "Disable_Inspirations" | "Disable_Market_TP" | "Disable_Pool" | "Disable_Rez_Insp" | "Disable_Teleport" | "Disable_Temp" | "Disable_Toggle" | "Disable_Travel" | "Domination" | "Peacebringer_Blaster_Mode" | "Peacebringer_Lightform_Mode" | "Peacebringer_Tanker_Mode" | "Raid_Attacker_Mode" | "Shivan_Mode" | "Unknown18" | "Warshade_Blaster_Mode" | "Warshade_Tanker_Mode";
export type NotifyName = "Always" | "Never" | "MissOnly" | "HitOnly";
export type OverrideBooleanName = "NoOverride" | "TrueOverride" | "FalseOverride";
export type PowerAttribsName = "None" | "Accuracy" | "ActivateInterval" | "Arc" | "CastTime" | "EffectArea" | "EnduranceCost" | "InterruptTime" | "MaxTargets" | "Radius" | "Range" | "RechargeTime" | "SecondaryRange";
export type PowerSetTypeName = "None" | "Primary" | "Secondary" | "Ancillary" | "Inherent" | "Pool" | "Accolade" | "Temp" | "Pet" | "SetBonus" | "Boost" | "Incarnate" | "Redirect";
export type PowerTypeName = "Click" | "Auto_" | "Toggle" | "Boost" | "Inspiration" | "GlobalBoost";
export type PvxName = "Any" | "PvE" | "PvP";
export type RarityName = "Common" | "Uncommon" | "Rare" | "UltraRare";
export type SalvageOriginName = "Tech" | "Magic" | "Special";
export type ScheduleName = "None" | "A" | "B" | "C" | "D" | "Multiple";
export type SetTypeName = "Untyped" | "MeleeST" | "RangedST" | "RangedAoE" | "MeleeAoE" | "Snipe" | "Pets" | "Defense" | "Resistance" | "Heal" | "Hold" | "Stun" | "Immob" | "Slow" | "Sleep" | "Fear" | "Confuse" | "Flight" | "Jump" | "Run" | "Teleport" | "DefDebuff" | "EndMod" | "Knockback" | "Threat" | "ToHit" | "ToHitDeb" | "PetRech" | "Travel" | "AccHeal" | "AccDefDeb" | "AccToHitDeb" | "Arachnos" | "Blaster" | "Brute" | "Controller" | "Corruptor" | "Defender" | "Dominator" | "Kheldian" | "Mastermind" | "Scrapper" | "Stalker" | "Tanker" | "UniversalDamage" | "Sentinel" | "RunNoSprint" | "JumpNoSprint" | "FlightNoSprint" | "TeleportNoSprint";
export type SpecialCaseName = "None" | "Hidden" | "Domination" | "Scourge" | "Mezzed" | "CriticalHit" | "CriticalBoss" | "CriticalMinion" | "Robot" | "Assassination" | "Containment" | "Defiance" | "TargetDroneActive" | "Combo" | "VersusSpecial" | "NotDisintegrated" | "Disintegrated" | "NotAccelerated" | "Accelerated" | "NotDelayed" | "Delayed" | "ComboLevel0" | "ComboLevel1" | "ComboLevel2" | "ComboLevel3" | "FastMode" | "NotAssassination" | "PerfectionOfBody0" | "PerfectionOfBody1" | "PerfectionOfBody2" | "PerfectionOfBody3" | "PerfectionOfMind0" | "PerfectionOfMind1" | "PerfectionOfMind2" | "PerfectionOfMind3" | "PerfectionOfSoul0" | "PerfectionOfSoul1" | "PerfectionOfSoul2" | "PerfectionOfSoul3" | "TeamSize1" | "TeamSize2" | "TeamSize3" | "NotComboLevel3" | "ToHit97" | "DefensiveAdaptation" | "EfficientAdaptation" | "OffensiveAdaptation" | "NotDefensiveAdaptation" | "NotDefensiveNorOffensiveAdaptation" | "BoxingBuff" | "KickBuff" | "Supremacy" | "SupremacyAndBuffPwr" | "PetTier2" | "PetTier3" | "PackMentality" | "NotPackMentality" | "FastSnipe" | "NotFastSnipe" | "CrossPunchBuff" | "NotCrossPunchBuff" | "NotBoxingBuff" | "NotKickBuff";
export type StackingName = "No" | "Yes";
export type SummonEntityName = "Pet" | "Henchman";
export type SuppressName = "Held" | "Sleep" | "Stunned" | "Immobilized" | "Terrorized" | "Knocked" | "Attacked" | "HitByFoe" | "MissionObjectClick" | "ActivateAttackClick" | "Damaged" | "Phased1" | "Confused";
export type ToWhoName = "Unspecified" | "Target" | "Self" | "All";

/** Classes of enhancements, such as Damage. Two numbers: powers use `id`, enhancements use `position`. */
export interface EnhancementClass {
  id: number;
  position: number;
  name: string | null;
  short_name: string | null;
  class_id: string | null;
  description: string | null;
  created_at: string;
  updated_at: string;
  release_id: number;
  source_position: number;
}

/** Types of enhancement sets; they differ per realm. */
export interface SetType {
  position: number;
  name: string | null;
  short_name: string | null;
  description: string | null;
  created_at: string;
  updated_at: string;
  release_id: number;
  source_position: number;
}

/** Grades of enhancements. */
export interface EnhancementGrade {
  position: number;
  name: string | null;
  short_name: string | null;
  description: string | null;
  created_at: string;
  updated_at: string;
  release_id: number;
  source_position: number;
}

/** Types of special enhancements. */
export interface SpecialEnhancementType {
  position: number;
  name: string | null;
  short_name: string | null;
  description: string | null;
  created_at: string;
  updated_at: string;
  release_id: number;
  source_position: number;
}

/** Origins of characters, with the names of their dual and single origin enhancements. */
export interface Origin {
  position: number;
  name: string | null;
  dual_graphic: string | null;
  single_graphic: string | null;
  created_at: string;
  updated_at: string;
  release_id: number;
  source_position: number;
}

/** Tables that turn an effect's scale into a value by level and class. */
export interface AttributeModifierTable {
  name: string;
  base_index: number | null;
  created_at: string;
  updated_at: string;
  release_id: number;
  source_position: number;
}

/** Tags that global chance modifiers address; spellings that differ in case are different tags. */
export interface EffectTag {
  name: string;
  position: number | null;
  created_at: string;
  updated_at: string;
  release_id: number;
  source_position: number;
}

/** What a character gains at each level: kind N when levelling, kind R when respecifying. */
export interface LevelSchedule {
  kind: string;
  level: number;
  powers: number | null;
  slots: number | null;
  inspirations: number | null;
  note: string | null;
  created_at: string;
  updated_at: string;
  release_id: number;
  source_position: number;
}

/** Where enhancement of an aspect begins to count less, per schedule. */
export interface DiversificationThreshold {
  schedule: string;
  threshold: number;
  value: number | null;
  created_at: string;
  updated_at: string;
  release_id: number;
  source_position: number;
}

/** How strong an enhancement of a grade is, per schedule; inventions also per level. */
export interface EnhancementStrength {
  grade: string;
  level: number;
  schedule: string;
  value: number | null;
  created_at: string;
  updated_at: string;
  release_id: number;
  source_position: number;
}

/** Settings of the game server, such as base speeds and the number of slots. */
export interface ServerSetting {
  key: string;
  value: string | null;
  type: string | null;
  created_at: string;
  updated_at: string;
  release_id: number;
  source_position: number;
}

/** Names under which the source program compares powers. */
export interface ComparisonOverride {
  position: number;
  powerset: string | null;
  power: string | null;
  override: string | null;
  created_at: string;
  updated_at: string;
  release_id: number;
  source_position: number;
}

/** Powers under another identity: an old number and its successor (index), or a name here and on Cryptic's server. */
export interface PowerReplacement {
  kind: string;
  archetype: string;
  old: string;
  new: string | null;
  new_power_id: number | null;
  created_at: string;
  updated_at: string;
  release_id: number;
  source_position: number;
}

/** Powers that exclude each other while they run, and powers that recharge together. */
export interface PowerGroupMember {
  kind: string;
  group_name: string;
  position: number;
  power_name: string;
  power_id: number | null;
  display_path: string | null;
  created_at: string;
  updated_at: string;
  release_id: number;
  source_position: number;
}

/** Which powers have effects under a tag (relation bears), and which change what effects under it do (affects). */
export interface EffectTagPower {
  tag: string;
  relation: string;
  position: number;
  power_name: string;
  power_id: number | null;
  display_path: string | null;
  created_at: string;
  updated_at: string;
  release_id: number;
  source_position: number;
}

/** How each boost of a set behaves. A piece of a set is one enhancement and one or two boosts: the crafted one, and the attuned or superior one that it becomes. */
export interface EnhancementTrait {
  uid: string;
  piece_uid: string;
  enhancement_id: number | null;
  display_name: string | null;
  attuned: boolean | null;
  boostable: boolean | null;
  superior: boolean | null;
  catalyzes_to_uid: string | null;
  catalyzes_to: string | null;
  max_level: number | null;
  min_slot_level: number | null;
  min_bonus_level: number | null;
  is_proc: boolean | null;
  only_at_50: boolean | null;
  unique_group: string[] | null;
  slot_requires: string | null;
  restricted_classes: string[] | null;
  aspects: string[] | null;
  created_at: string;
  updated_at: string;
  release_id: number;
  source_position: number;
}

/** Conditions and formulas of powers: the text, and its tree where the text is sound. They are never evaluated. */
export interface PowerExpression {
  power_name: string;
  place: string;
  power_id: number | null;
  first_effect: number | null;
  last_effect: number | null;
  text: string | null;
  kind: string | null;
  tree: unknown;
  unknown: string[] | null;
  fault: string | null;
  created_at: string;
  updated_at: string;
  release_id: number;
  source_position: number;
}

/** Which powersets a class may choose in which role; derived, the source holds only group names. Primary and secondary: the powerset's group is the class's; ancillary: group EPIC and the first power admits the class. */
export interface ArchetypePowerset {
  powerset_id: number;
  role: string;
  powerset: Named;
}

/** A character class: the playable archetypes and the classes of henchmen, pets and foes. */
export interface Archetype {
  id: number;
  name: string;
  display_name: string | null;
  class_type: ClassTypeName | null;
  class_type_code: number | null;
  playable: boolean | null;
  description_short: string | null;
  description_long: string | null;
  origins: string[] | null;
  primary_group: string | null;
  secondary_group: string | null;
  hit_points_base: number | null;
  hitpoint_cap: number | null;
  resistance_cap: number | null;
  resistance_cap_fraction: number | null;
  recharge_cap: number | null;
  damage_cap: number | null;
  recovery_cap: number | null;
  regeneration_cap: number | null;
  base_recovery: number | null;
  base_regeneration: number | null;
  base_threat: number | null;
  perception_cap: number | null;
  modifier_column: number | null;
  modifiers: unknown;
  extra: unknown;
  created_at: string;
  updated_at: string;
  release_id: number;
  source_position: number;
}

/** A character class: the playable archetypes and the classes of henchmen, pets and foes. With all that belongs to it. */
export interface WholeArchetype extends Archetype {
  archetype_powerset: ArchetypePowerset[];
  powersets: (Named & Pick<Powerset, "set_type">)[];
}

/** Powersets that cannot be combined with a powerset. */
export interface PowersetMutex {
  position: number;
  excluded_powerset_name: string | null;
  excluded_powerset_id: number | null;
  excluded_powerset: Named | null;
}

/** A named set of powers: primary, secondary, pool, epic, inherent, set bonuses, pets and the like. */
export interface Powerset {
  id: number;
  full_name: string;
  set_name: string | null;
  display_name: string | null;
  sub_name: string | null;
  description: string | null;
  set_type: PowerSetTypeName | null;
  set_type_code: number | null;
  image_name: string | null;
  archetype_class: string | null;
  archetype_id: number | null;
  trunk_set_name: string | null;
  trunk_set_id: number | null;
  link_secondary_name: string | null;
  link_secondary_id: number | null;
  extra: unknown;
  created_at: string;
  updated_at: string;
  release_id: number;
  source_position: number;
}

/** A named set of powers: primary, secondary, pool, epic, inherent, set bonuses, pets and the like. With all that belongs to it. */
export interface WholePowerset extends Powerset {
  archetype: Named | null;
  trunk_set: Named | null;
  link_secondary: Named | null;
  powerset_mutex: PowersetMutex[];
  powers: (Named & Pick<Power, "position" | "level_available" | "description_short">)[];
}

/** One effect of a power, complete. */
export interface PowerEffect {
  position: number;
  power_full_name: string | null;
  unique_id: number | null;
  effect_class: EffectClassName | null;
  effect_class_code: number | null;
  effect_type: EffectTypeName | null;
  effect_type_code: number | null;
  damage_type: DamageName | null;
  damage_type_code: number | null;
  mez_type: MezName | null;
  mez_type_code: number | null;
  modifies_effect_type: EffectTypeName | null;
  modifies_effect_type_code: number | null;
  summon: string | null;
  summoned_entity_id: number | null;
  granted_power_id: number | null;
  delayed_time: number | null;
  ticks: number | null;
  stacking: StackingName | null;
  stacking_code: number | null;
  base_probability: number | null;
  suppression: SuppressName[] | null;
  suppression_code: number | null;
  buffable: boolean | null;
  resistible: boolean | null;
  special_case: SpecialCaseName | null;
  special_case_code: number | null;
  variable_modified_override: boolean | null;
  ignore_scaling: boolean | null;
  pv_mode: PvxName | null;
  pv_mode_code: number | null;
  to_who: ToWhoName | null;
  to_who_code: number | null;
  display_percentage_override: OverrideBooleanName | null;
  display_percentage_override_code: number | null;
  scale: number | null;
  magnitude: number | null;
  duration: number | null;
  attrib_type: AttribTypeName | null;
  attrib_type_code: number | null;
  aspect: AspectName | null;
  aspect_code: number | null;
  modifier_table: string | null;
  attribute_modifier_table: string | null;
  near_ground: boolean | null;
  cancel_on_miss: boolean | null;
  requires_to_hit_check: boolean | null;
  class_name: string | null;
  archetype_id: number | null;
  duration_expression: string | null;
  magnitude_expression: string | null;
  probability_expression: string | null;
  reward: string | null;
  effect_id: string | null;
  effect_tag: string | null;
  ignore_ed: boolean | null;
  override: string | null;
  redirect_power_id: number | null;
  procs_per_minute: number | null;
  power_attrib: PowerAttribsName | null;
  power_attrib_code: number | null;
  attrib_original_accuracy: number | null;
  attrib_original_activate_period: number | null;
  attrib_original_arc: number | null;
  attrib_original_cast_time: number | null;
  attrib_original_effect_area: EffectAreaName | null;
  attrib_original_effect_area_code: number | null;
  attrib_original_endurance_cost: number | null;
  attrib_original_interrupt_time: number | null;
  attrib_original_max_targets: number | null;
  attrib_original_radius: number | null;
  attrib_original_range: number | null;
  attrib_original_recharge_time: number | null;
  attrib_original_secondary_range: number | null;
  attrib_modified_accuracy: number | null;
  attrib_modified_activate_period: number | null;
  attrib_modified_arc: number | null;
  attrib_modified_cast_time: number | null;
  attrib_modified_effect_area: EffectAreaName | null;
  attrib_modified_effect_area_code: number | null;
  attrib_modified_endurance_cost: number | null;
  attrib_modified_interrupt_time: number | null;
  attrib_modified_max_targets: number | null;
  attrib_modified_radius: number | null;
  attrib_modified_range: number | null;
  attrib_modified_recharge_time: number | null;
  attrib_modified_secondary_range: number | null;
  summoned_entity: Named | null;
  granted_power: Named | null;
  archetype: Named | null;
  redirect_power: Named | null;
}

/** Conditions under which an effect counts. */
export interface PowerEffectCondition {
  effect_position: number;
  position: number;
  condition_key: string | null;
  value: string | null;
  connector: string | null;
  kind: string | null;
  subject: string | null;
  subject_power_id: number | null;
  subject_power: Named | null;
}

/** Powers that must, or must not, be owned. Not negated: one alternative must hold whole (OR between alternatives, AND inside one). Negated: any single name excludes. A name that resolves to nothing restricts nothing, as in the source program. */
export interface PowerPrerequisite {
  negated: boolean;
  alternative: number;
  position: number;
  required_name: string;
  kind: string;
  required_power_id: number | null;
  required_powerset_id: number | null;
  required_power: Named | null;
  required_powerset: Named | null;
}

/** Classes that alone may, or must not, have a power. No row of a power = open to all. */
export interface PowerArchetypeRule {
  archetype_id: number | null;
  excluded: boolean;
  class_name: string;
  archetype: Named | null;
}

/** Enhancement classes that a power accepts. */
export interface PowerAllowedEnhancement {
  enhancement_class_id: number;
  enhancement_class: { id: number; name: string | null; short_name: string | null };
}

/** Types of enhancement sets that a power accepts. */
export interface PowerAllowedSetType {
  set_type: number;
  set_type_name: string;
}

/** Powers that come with a power, such as those of a form. */
export interface PowerSubPower {
  position: number;
  sub_power_name: string | null;
  sub_power_id: number | null;
  sub_power: Named | null;
}

/** Groups of powers that exclude each other; free names, compared without case. */
export interface PowerGroup {
  position: number;
  group_membership: string | null;
}

/** Aspects of a power that enhancements, or global buffs, do not change. */
export interface PowerIgnoredAspect {
  kind: string;
  position: number;
  aspect: EnhanceName | null;
  aspect_code: number | null;
}

/** A power: everything a character, pet, enhancement or set bonus can do. */
export interface Power {
  id: number;
  full_name: string;
  powerset_id: number;
  position: number;
  name: string | null;
  group_name: string | null;
  set_name: string | null;
  display_name: string | null;
  static_index: number | null;
  level_available: number | null;
  game_level_zero_based: number | null;
  description_short: string | null;
  description_long: string | null;
  power_type: PowerTypeName | null;
  power_type_code: number | null;
  modes_required: ModeFlagsName[] | null;
  modes_required_code: number | null;
  modes_disallowed: ModeFlagsName[] | null;
  modes_disallowed_code: number | null;
  accuracy: number | null;
  attack_types: AttackVectorName[] | null;
  attack_types_code: number | null;
  entities_affected: EntityName[] | null;
  entities_affected_code: number | null;
  entities_auto_hit: EntityName[] | null;
  entities_auto_hit_code: number | null;
  target: EntityName[] | null;
  target_code: number | null;
  target_line_of_sight: boolean | null;
  range: number | null;
  target_secondary: EntityName[] | null;
  target_secondary_code: number | null;
  range_secondary: number | null;
  endurance_cost: number | null;
  interrupt_time: number | null;
  cast_time: number | null;
  recharge_time: number | null;
  base_recharge_time: number | null;
  activate_period: number | null;
  effect_area: EffectAreaName | null;
  effect_area_code: number | null;
  radius: number | null;
  arc: number | null;
  max_targets: number | null;
  max_boosts: string | null;
  cast_flags: CastFlagsName[] | null;
  cast_flags_code: number | null;
  ai_report: NotifyName | null;
  ai_report_code: number | null;
  num_charges: number | null;
  usage_time: number | null;
  life_time: number | null;
  life_time_in_game: number | null;
  num_allowed: number | null;
  do_not_save: boolean | null;
  boosts_allowed: string[] | null;
  cast_through_hold: boolean | null;
  ignore_strength: boolean | null;
  click_buff: boolean | null;
  always_toggle: boolean | null;
  allow_front_loading: boolean | null;
  variable_enabled: boolean | null;
  variable_override: boolean | null;
  variable_name: string | null;
  variable_min: number | null;
  variable_max: number | null;
  variable_start: number | null;
  skip_max: boolean | null;
  inherent_type: GridTypeName | null;
  inherent_type_code: number | null;
  display_location: number | null;
  mutex_auto: boolean | null;
  mutex_ignore: boolean | null;
  absorb_summon_effects: boolean | null;
  absorb_summon_attributes: boolean | null;
  show_summon_anyway: boolean | null;
  never_auto_update: boolean | null;
  never_auto_update_requirements: boolean | null;
  include_flag: boolean | null;
  forced_class_name: string | null;
  forced_class_id: number | null;
  sort_override: boolean | null;
  boost_boostable: boolean | null;
  boost_use_player_level: boolean | null;
  hidden_power: boolean | null;
  effects: unknown;
  allowed_enhancements: unknown;
  extra: unknown;
  created_at: string;
  updated_at: string;
  release_id: number;
  source_position: number;
}

/** A power: everything a character, pet, enhancement or set bonus can do. With all that belongs to it. */
export interface WholePower extends Power {
  powerset: Named;
  forced_class: Named | null;
  power_effect: PowerEffect[];
  power_effect_condition: PowerEffectCondition[];
  power_prerequisite: PowerPrerequisite[];
  power_archetype_rule: PowerArchetypeRule[];
  power_allowed_enhancement: PowerAllowedEnhancement[];
  power_allowed_set_type: PowerAllowedSetType[];
  power_sub_power: PowerSubPower[];
  power_group: PowerGroup[];
  power_ignored_aspect: PowerIgnoredAspect[];
}

/** Powersets of an entity, each with the power of its owner that unlocks it. */
export interface SummonedEntityPowerset {
  position: number;
  powerset_name: string | null;
  powerset_id: number | null;
  upgrade_power_name: string | null;
  upgrade_power_id: number | null;
  powerset: Named | null;
  upgrade_power: Named | null;
}

/** A pet or henchman that an effect can call. */
export interface SummonedEntity {
  id: number;
  uid: string;
  display_name: string | null;
  entity_type: SummonEntityName | null;
  entity_type_code: number | null;
  class_name: string | null;
  archetype_id: number | null;
  extra: unknown;
  created_at: string;
  updated_at: string;
  release_id: number;
  source_position: number;
}

/** A pet or henchman that an effect can call. With all that belongs to it. */
export interface WholeSummonedEntity extends SummonedEntity {
  archetype: Named | null;
  summoned_entity_powerset: SummonedEntityPowerset[];
}

/** A material that recipes consume. */
export interface Salvage {
  id: number;
  internal_name: string;
  external_name: string | null;
  rarity: RarityName | null;
  rarity_code: number | null;
  level_min: number | null;
  level_max: number | null;
  origin: SalvageOriginName | null;
  origin_code: number | null;
  extra: unknown;
  created_at: string;
  updated_at: string;
  release_id: number;
  source_position: number;
}

/** A material that recipes consume. With all that belongs to it. */
export interface WholeSalvage extends Salvage {
}

/** What crafting a recipe costs at one level. */
export interface RecipeLevel {
  level: number;
  buy_cost: number | null;
  craft_cost: number | null;
  buy_cost_memorized: number | null;
  craft_cost_memorized: number | null;
}

/** Salvage that a recipe consumes at one level; places without a name give no row. */
export interface RecipeSalvage {
  level: number;
  position: number;
  salvage_name: string | null;
  salvage_id: number | null;
  count: number | null;
  salvage: Named | null;
}

/** A recipe for an enhancement or another good. */
export interface Recipe {
  id: number;
  internal_name: string;
  external_name: string | null;
  rarity: RarityName | null;
  rarity_code: number | null;
  enhancement_uid: string | null;
  enhancement_id: number | null;
  is_generic: boolean | null;
  is_virtual: boolean | null;
  is_hidden: boolean | null;
  extra: unknown;
  created_at: string;
  updated_at: string;
  release_id: number;
  source_position: number;
}

/** A recipe for an enhancement or another good. With all that belongs to it. */
export interface WholeRecipe extends Recipe {
  enhancement: Named | null;
  recipe_level: RecipeLevel[];
  recipe_salvage: RecipeSalvage[];
}

/** A power that a set grants. kind set: for `slotted` pieces; kind special: for the piece number row + 1. Rows of the source without a power give none here but count in `row`. */
export interface EnhancementSetBonus {
  kind: string;
  row: number;
  position: number;
  power_name: string | null;
  power_id: number | null;
  special: number | null;
  alt_string: string | null;
  pv_mode: PvxName | null;
  pv_mode_code: number | null;
  slotted: number | null;
  enhancement_id: number | null;
  power: Named | null;
  enhancement: Named | null;
}

/** A set of enhancements with bonuses for slotting several of its pieces. */
export interface EnhancementSet {
  id: number;
  uid: string;
  display_name: string | null;
  short_name: string | null;
  description: string | null;
  set_type: number;
  image: string | null;
  level_min: number | null;
  level_max: number | null;
  extra: unknown;
  created_at: string;
  updated_at: string;
  release_id: number;
  source_position: number;
}

/** A set of enhancements with bonuses for slotting several of its pieces. With all that belongs to it. */
export interface WholeEnhancementSet extends EnhancementSet {
  set_type_name: string;
  enhancement_set_bonus: EnhancementSetBonus[];
  enhancements: (Named & Pick<Enhancement, "short_name">)[];
}

/** Classes of an enhancement. The source counts rows here: joined by the class's position, not its id. */
export interface EnhancementClassMember {
  enhancement_class_id: number;
  enhancement_class: { id: number; name: string | null; short_name: string | null };
}

/** What an enhancement does: boosts an aspect of its power, or carries an effect record (has_fx). */
export interface EnhancementEffect {
  position: number;
  mode: EnhancementModeName | null;
  mode_code: number | null;
  buff_mode: BuffDebuffName | null;
  buff_mode_code: number | null;
  enhance_id: EnhanceName | null;
  enhance_id_code: number | null;
  enhance_sub_id: number | null;
  schedule: ScheduleName | null;
  schedule_code: number | null;
  multiplier: number | null;
  has_fx: boolean | null;
  power_full_name: string | null;
  unique_id: number | null;
  effect_class: EffectClassName | null;
  effect_class_code: number | null;
  effect_type: EffectTypeName | null;
  effect_type_code: number | null;
  damage_type: DamageName | null;
  damage_type_code: number | null;
  mez_type: MezName | null;
  mez_type_code: number | null;
  modifies_effect_type: EffectTypeName | null;
  modifies_effect_type_code: number | null;
  summon: string | null;
  summoned_entity_id: number | null;
  granted_power_id: number | null;
  delayed_time: number | null;
  ticks: number | null;
  stacking: StackingName | null;
  stacking_code: number | null;
  base_probability: number | null;
  suppression: SuppressName[] | null;
  suppression_code: number | null;
  buffable: boolean | null;
  resistible: boolean | null;
  special_case: SpecialCaseName | null;
  special_case_code: number | null;
  variable_modified_override: boolean | null;
  ignore_scaling: boolean | null;
  pv_mode: PvxName | null;
  pv_mode_code: number | null;
  to_who: ToWhoName | null;
  to_who_code: number | null;
  display_percentage_override: OverrideBooleanName | null;
  display_percentage_override_code: number | null;
  scale: number | null;
  magnitude: number | null;
  duration: number | null;
  attrib_type: AttribTypeName | null;
  attrib_type_code: number | null;
  aspect: AspectName | null;
  aspect_code: number | null;
  modifier_table: string | null;
  attribute_modifier_table: string | null;
  near_ground: boolean | null;
  cancel_on_miss: boolean | null;
  requires_to_hit_check: boolean | null;
  class_name: string | null;
  archetype_id: number | null;
  duration_expression: string | null;
  magnitude_expression: string | null;
  probability_expression: string | null;
  reward: string | null;
  effect_id: string | null;
  effect_tag: string | null;
  ignore_ed: boolean | null;
  override: string | null;
  redirect_power_id: number | null;
  procs_per_minute: number | null;
  power_attrib: PowerAttribsName | null;
  power_attrib_code: number | null;
  attrib_original_accuracy: number | null;
  attrib_original_activate_period: number | null;
  attrib_original_arc: number | null;
  attrib_original_cast_time: number | null;
  attrib_original_effect_area: EffectAreaName | null;
  attrib_original_effect_area_code: number | null;
  attrib_original_endurance_cost: number | null;
  attrib_original_interrupt_time: number | null;
  attrib_original_max_targets: number | null;
  attrib_original_radius: number | null;
  attrib_original_range: number | null;
  attrib_original_recharge_time: number | null;
  attrib_original_secondary_range: number | null;
  attrib_modified_accuracy: number | null;
  attrib_modified_activate_period: number | null;
  attrib_modified_arc: number | null;
  attrib_modified_cast_time: number | null;
  attrib_modified_effect_area: EffectAreaName | null;
  attrib_modified_effect_area_code: number | null;
  attrib_modified_endurance_cost: number | null;
  attrib_modified_interrupt_time: number | null;
  attrib_modified_max_targets: number | null;
  attrib_modified_radius: number | null;
  attrib_modified_range: number | null;
  attrib_modified_recharge_time: number | null;
  attrib_modified_secondary_range: number | null;
  conditionals: unknown;
  summoned_entity: Named | null;
  granted_power: Named | null;
  archetype: Named | null;
  redirect_power: Named | null;
}

/** An enhancement: training to single origin, invention, special, or a piece of a set. */
export interface Enhancement {
  id: number;
  uid: string;
  occurrence: number;
  static_index: number | null;
  name: string | null;
  short_name: string | null;
  description: string | null;
  type_id: EnhancementTypeName | null;
  type_id_code: number | null;
  sub_type_id: number | null;
  special_enhancement_type: number | null;
  image: string | null;
  set_uid: string | null;
  enhancement_set_id: number | null;
  set_position: number | null;
  effect_chance: number | null;
  level_min: number | null;
  level_max: number | null;
  unique: boolean | null;
  mutex_id: EnhancementMutexName | null;
  mutex_id_code: number | null;
  buff_mode: BuffDebuffName | null;
  buff_mode_code: number | null;
  recipe_name: string | null;
  recipe_id: number | null;
  boost_power_id: number | null;
  superior: boolean | null;
  is_proc: boolean | null;
  is_scalable: boolean | null;
  extra: unknown;
  created_at: string;
  updated_at: string;
  release_id: number;
  source_position: number;
}

/** An enhancement: training to single origin, invention, special, or a piece of a set. With all that belongs to it. */
export interface WholeEnhancement extends Enhancement {
  special_enhancement_type_name: string | null;
  enhancement_set: Named | null;
  recipe: Named | null;
  boost_power: Named | null;
  enhancement_class_member: EnhancementClassMember[];
  enhancement_effect: EnhancementEffect[];
}

/** Under which path an entity is served, by its table. */
export const PATHS = {
  archetype: "archetypes",
  powerset: "powersets",
  power: "powers",
  summoned_entity: "summoned-entities",
  salvage: "salvage",
  recipe: "recipes",
  enhancement_set: "enhancement-sets",
  enhancement: "enhancements",
} as const;

/** Tables whose rows belong to an entity: whose, and what tells one of its rows from the next. */
export const CHILDREN: Record<string, { of: EntityTable; key: string[] }> = {
  archetype_powerset: { of: "archetype", key: ["powerset_id", "role"] },
  powerset_mutex: { of: "powerset", key: ["position"] },
  power_effect: { of: "power", key: ["position"] },
  power_effect_condition: { of: "power", key: ["effect_position", "position"] },
  power_prerequisite: { of: "power", key: ["negated", "alternative", "position"] },
  power_archetype_rule: { of: "power", key: ["class_name", "excluded"] },
  power_allowed_enhancement: { of: "power", key: ["enhancement_class_id"] },
  power_allowed_set_type: { of: "power", key: ["set_type"] },
  power_sub_power: { of: "power", key: ["position"] },
  power_group: { of: "power", key: ["position"] },
  power_ignored_aspect: { of: "power", key: ["kind", "position"] },
  summoned_entity_powerset: { of: "summoned_entity", key: ["position"] },
  recipe_level: { of: "recipe", key: ["level"] },
  recipe_salvage: { of: "recipe", key: ["level", "position"] },
  enhancement_set_bonus: { of: "enhancement_set", key: ["kind", "row", "position"] },
  enhancement_class_member: { of: "enhancement", key: ["enhancement_class_id"] },
  enhancement_effect: { of: "enhancement", key: ["position"] },
};

export type EntityTable = keyof typeof PATHS;

/** Unit and meaning of the fields, by table. */
export const FIELDS: Record<string, Record<string, Field>> = {
  archetype: {
    name: {"meaning": "Class name such as Class_Blaster; compared without case."},
    display_name: {"meaning": "Name shown to a player."},
    class_type: {"meaning": "Hero, villain, epic, henchman or pet."},
    playable: {"meaning": "Whether a player can choose the class."},
    description_short: {"meaning": "One line about the class."},
    description_long: {"meaning": "The full text about the class."},
    origins: {"meaning": "Origins that a character of the class may have, as the file lists them."},
    primary_group: {"meaning": "Group name of its primary powersets; empty for classes nobody plays."},
    secondary_group: {"meaning": "Group name of its secondary powersets; empty for classes nobody plays."},
    hit_points_base: {"unit": "hit points", "meaning": "Hit points at the reference level 50, before any bonus."},
    hitpoint_cap: {"unit": "hit points", "meaning": "Most hit points that bonuses can reach."},
    resistance_cap: {"unit": "fraction or percent", "meaning": "Cap of damage resistance as stored: a fraction for playable classes, percent (90.0) for most others."},
    resistance_cap_fraction: {"unit": "fraction", "meaning": "The same cap always as a fraction: the stored value if playable, else a hundredth of it."},
    recharge_cap: {"unit": "multiple of base", "meaning": "Cap of recharge speed."},
    damage_cap: {"unit": "multiple of base", "meaning": "Cap of damage."},
    recovery_cap: {"unit": "multiple of base", "meaning": "Cap of endurance recovery."},
    regeneration_cap: {"unit": "multiple of base", "meaning": "Cap of hit point regeneration."},
    base_recovery: {"unit": "multiplier", "meaning": "Endurance recovery before bonuses."},
    base_regeneration: {"unit": "multiplier", "meaning": "Hit point regeneration before bonuses."},
    base_threat: {"unit": "multiplier", "meaning": "How strongly foes are drawn to the class."},
    perception_cap: {"unit": "feet", "meaning": "Farthest perception radius."},
    modifier_column: {"meaning": "0-based column of the class in every attribute modifier table."},
    modifiers: {"meaning": "All caps, bases and the modifier column in one object, by column name."},
    extra: {"meaning": "Values of the source that no other column holds, by their place in the record, such as effects[3].NewKey; null where there are none."},
  },
  archetype_powerset: {
    archetype_id: {"meaning": "The class that may choose."},
    powerset_id: {"meaning": "The powerset that may be chosen."},
    role: {"meaning": "primary, secondary or ancillary."},
  },
  powerset: {
    full_name: {"meaning": "Group.Set."},
    set_name: {"meaning": "The part after the dot, as stored beside the full name."},
    display_name: {"meaning": "Name shown to a player; not unique."},
    sub_name: {"meaning": "Alternate short title; often equal to the shown name or empty."},
    description: {"meaning": "Text about the set; may be empty."},
    set_type: {"meaning": "What kind of set it is."},
    image_name: {"meaning": "File name of the icon."},
    archetype_class: {"meaning": "Class that owns the set, as written; empty for shared sets."},
    archetype_id: {"meaning": "Class that owns the set."},
    trunk_set_name: {"meaning": "Parent of a branching set, as written; mostly empty."},
    trunk_set_id: {"meaning": "Parent of a branching set."},
    link_secondary_name: {"meaning": "Secondary set forced with this one, as written."},
    link_secondary_id: {"meaning": "Secondary set forced with this one."},
    extra: {"meaning": "Values of the source that no other column holds, by their place in the record, such as effects[3].NewKey; null where there are none."},
  },
  powerset_mutex: {
    powerset_id: {"meaning": "The set that excludes."},
    position: {"meaning": "Place in the set's list."},
    excluded_powerset_name: {"meaning": "The excluded set, as written."},
    excluded_powerset_id: {"meaning": "The excluded set."},
  },
  power: {
    full_name: {"meaning": "Group.Set.Power."},
    powerset_id: {"meaning": "Set that the first two parts of the full name name."},
    position: {"meaning": "Order inside its powerset, 0-based."},
    name: {"meaning": "The third part of the full name, as stored beside it."},
    group_name: {"meaning": "The first part, as stored; may be stale."},
    set_name: {"meaning": "The second part, as stored; may be stale."},
    display_name: {"meaning": "Name shown to a player; not unique."},
    static_index: {"meaning": "Number that saved builds use; -1 = none; meant to be unique."},
    level_available: {"meaning": "Level at which it can be chosen, 1-based; 0 = granted."},
    game_level_zero_based: {"meaning": "The game's own level; 0 in nearly all data."},
    description_short: {"meaning": "One line about the power."},
    description_long: {"meaning": "The full text; may hold markup such as <br>."},
    power_type: {"meaning": "Click, auto, toggle, boost and so on."},
    modes_required: {"meaning": "Modes that must be on."},
    modes_disallowed: {"meaning": "Modes that must be off."},
    accuracy: {"unit": "multiplier", "meaning": "Accuracy before bonuses."},
    attack_types: {"meaning": "Ways in which it attacks."},
    entities_affected: {"meaning": "Who is affected."},
    entities_auto_hit: {"meaning": "Who is hit without a roll."},
    target: {"meaning": "What may be targeted."},
    target_line_of_sight: {"meaning": "Whether the target must be in sight."},
    range: {"unit": "feet", "meaning": "How far it reaches."},
    target_secondary: {"meaning": "What may be the second target."},
    range_secondary: {"unit": "feet", "meaning": "How far the second target may be."},
    endurance_cost: {"unit": "endurance", "meaning": "Cost per activation; for toggles per activate_period."},
    interrupt_time: {"unit": "seconds", "meaning": "How long it can be interrupted."},
    cast_time: {"unit": "seconds", "meaning": "Animation before rounding to server ticks."},
    recharge_time: {"unit": "seconds", "meaning": "Recharge."},
    base_recharge_time: {"unit": "seconds", "meaning": "Recharge before the planner's changes."},
    activate_period: {"unit": "seconds", "meaning": "Interval of a toggle or auto power."},
    effect_area: {"meaning": "Shape of the area."},
    radius: {"unit": "feet", "meaning": "Radius of a sphere or length of a cone."},
    arc: {"unit": "degrees", "meaning": "Angle of a cone; 0 = no cone."},
    max_targets: {"meaning": "0 = no stated limit."},
    max_boosts: {"meaning": "Text of the source, nearly always empty."},
    cast_flags: {"meaning": "Conditions for casting."},
    ai_report: {"meaning": "When foes notice it."},
    num_charges: {"meaning": "0 = unlimited."},
    usage_time: {"unit": "seconds", "meaning": "Life while in use."},
    life_time: {"unit": "seconds", "meaning": "Life in real time."},
    life_time_in_game: {"unit": "seconds", "meaning": "Life while logged in."},
    num_allowed: {"meaning": "How many copies one may own."},
    do_not_save: {"meaning": "Whether the game forgets it."},
    boosts_allowed: {"meaning": "Boost identifiers such as Damage_Boost; origin boosts are no classes."},
    cast_through_hold: {"meaning": "Whether a held character can use it."},
    ignore_strength: {"meaning": "Whether buffs and enhancements leave it alone."},
    click_buff: {"meaning": "Whether a click counts as a buff in totals."},
    always_toggle: {"meaning": "Whether it is shown with a toggle."},
    allow_front_loading: {"meaning": "Whether slots may be placed early."},
    variable_enabled: {"meaning": "Whether a slider sets its strength."},
    variable_override: {"meaning": "Whether the slider keeps rules of its own."},
    variable_name: {"meaning": "Label of the slider."},
    variable_min: {"meaning": "Least value of the slider."},
    variable_max: {"meaning": "Greatest value of the slider."},
    variable_start: {"meaning": "First value of the slider."},
    skip_max: {"meaning": "Whether the class's maximum is not applied."},
    inherent_type: {"meaning": "Where the grid of inherent powers shows it."},
    display_location: {"meaning": "Place in that grid."},
    mutex_auto: {"meaning": "Whether exclusion is handled by itself."},
    mutex_ignore: {"meaning": "Whether it is exempt from exclusion."},
    absorb_summon_effects: {"meaning": "Whether it shows the effects of what it summons as its own."},
    absorb_summon_attributes: {"meaning": "Whether it takes radius, targets and so on from what it summons."},
    show_summon_anyway: {"meaning": "Whether the summon is shown although absorbed."},
    never_auto_update: {"meaning": "Whether import tools must leave it alone."},
    never_auto_update_requirements: {"meaning": "Whether import tools must leave its requirements alone."},
    include_flag: {"meaning": "Whether it counts in totals from the start."},
    forced_class_name: {"meaning": "Class whose modifiers always count, as written."},
    forced_class_id: {"meaning": "Class whose modifiers always count."},
    sort_override: {"meaning": "Planner state that may have been saved."},
    boost_boostable: {"meaning": "Of boost powers: whether boosters work."},
    boost_use_player_level: {"meaning": "Of boost powers: whether it is attuned."},
    hidden_power: {"meaning": "Whether it is kept from the user."},
    effects: {"meaning": "Its effects in file order, each with the eight values that a planner reads first."},
    allowed_enhancements: {"meaning": "Ids of the enhancement classes it accepts, in file order."},
    extra: {"meaning": "Values of the source that no other column holds, by their place in the record, such as effects[3].NewKey; null where there are none."},
  },
  power_effect: {
    power_id: {"meaning": "The power."},
    position: {"meaning": "Place in the power's list."},
    power_full_name: {"meaning": "Owner as written in the record; informational, often stale or empty."},
    unique_id: {"meaning": "Number given by the source's import; not unique."},
    effect_class: {"meaning": "Rank in the display."},
    effect_type: {"meaning": "What the effect does."},
    damage_type: {"meaning": "Kind of damage, defence or resistance."},
    mez_type: {"meaning": "Status effect."},
    modifies_effect_type: {"meaning": "Effect type that is changed, for Enhancement, ResEffect and the like."},
    summon: {"meaning": "Summoned entity or granted power, as written."},
    summoned_entity_id: {"meaning": "Entity that an EntCreate effect calls."},
    granted_power_id: {"meaning": "Power that any other effect names in `summon`."},
    delayed_time: {"unit": "seconds", "meaning": "Delay before the effect applies."},
    ticks: {"meaning": "Number of applications; 0 or 1 = once."},
    stacking: {"meaning": "Whether it stacks with itself."},
    base_probability: {"unit": "fraction", "meaning": "Chance to apply; whole numbers above 1 occur in good files."},
    suppression: {"meaning": "Events that suspend the effect."},
    buffable: {"meaning": "Whether buffs change it."},
    resistible: {"meaning": "Whether resistance reduces it."},
    special_case: {"meaning": "Condition code of older data."},
    variable_modified_override: {"meaning": "Whether the power's slider leaves it alone."},
    ignore_scaling: {"meaning": "Whether it never scales."},
    pv_mode: {"meaning": "Against whom it works: any, PvE or PvP."},
    to_who: {"meaning": "Who is affected."},
    display_percentage_override: {"meaning": "Forces or forbids display in percent."},
    scale: {"unit": "multiplier", "meaning": "Factor on the modifier table's value."},
    magnitude: {"meaning": "Magnitude before scale and modifier."},
    duration: {"unit": "seconds", "meaning": "Duration before scale and modifier."},
    attrib_type: {"meaning": "Which quantity the modifier table scales."},
    aspect: {"meaning": "Which aspect of the attribute changes."},
    modifier_table: {"meaning": "Attribute modifier table, as written."},
    attribute_modifier_table: {"meaning": "Attribute modifier table."},
    near_ground: {"meaning": "Whether the target must be near the ground."},
    cancel_on_miss: {"meaning": "Whether a miss stops the effects that follow."},
    requires_to_hit_check: {"meaning": "Whether it makes a to-hit roll of its own."},
    class_name: {"meaning": "Class that the effect is restricted to, as written; mostly empty."},
    archetype_id: {"meaning": "Class that the effect is restricted to."},
    duration_expression: {"meaning": "Formula for the duration; counts when attrib_type is Expression."},
    magnitude_expression: {"meaning": "Formula for the magnitude; counts when attrib_type is Expression."},
    probability_expression: {"meaning": "Formula for the probability; counts when attrib_type is Expression."},
    reward: {"meaning": "Reward or token; mostly empty."},
    effect_id: {"meaning": "Tag that global chance modifiers address, as written."},
    effect_tag: {"meaning": "Tag that global chance modifiers address."},
    ignore_ed: {"meaning": "Whether enhancement diversification is left out."},
    override: {"meaning": "PowerRedirect: the power that takes over, as written."},
    redirect_power_id: {"meaning": "Power that takes over."},
    procs_per_minute: {"unit": "1/minute", "meaning": "0 = no proc; above 0 it replaces the probability."},
    power_attrib: {"meaning": "ModifyAttrib: which attribute of the power changes."},
    attrib_original_accuracy: {"unit": "multiplier", "meaning": "ModifyAttrib: old accuracy; -1 = unset."},
    attrib_original_activate_period: {"unit": "seconds", "meaning": "ModifyAttrib: old activate period; -1 = unset."},
    attrib_original_arc: {"unit": "degrees", "meaning": "ModifyAttrib: old arc; -1 = unset."},
    attrib_original_cast_time: {"unit": "seconds", "meaning": "ModifyAttrib: old cast time; -1 = unset."},
    attrib_original_effect_area: {"meaning": "ModifyAttrib: old effect area; None = unset."},
    attrib_original_endurance_cost: {"unit": "endurance", "meaning": "ModifyAttrib: old endurance cost; -1 = unset."},
    attrib_original_interrupt_time: {"unit": "seconds", "meaning": "ModifyAttrib: old interrupt time; -1 = unset."},
    attrib_original_max_targets: {"meaning": "ModifyAttrib: old max targets; -1 = unset."},
    attrib_original_radius: {"unit": "feet", "meaning": "ModifyAttrib: old radius; -1 = unset."},
    attrib_original_range: {"unit": "feet", "meaning": "ModifyAttrib: old range; -1 = unset."},
    attrib_original_recharge_time: {"unit": "seconds", "meaning": "ModifyAttrib: old recharge time; -1 = unset."},
    attrib_original_secondary_range: {"unit": "feet", "meaning": "ModifyAttrib: old secondary range; -1 = unset."},
    attrib_modified_accuracy: {"unit": "multiplier", "meaning": "ModifyAttrib: new accuracy; -1 = unset."},
    attrib_modified_activate_period: {"unit": "seconds", "meaning": "ModifyAttrib: new activate period; -1 = unset."},
    attrib_modified_arc: {"unit": "degrees", "meaning": "ModifyAttrib: new arc; -1 = unset."},
    attrib_modified_cast_time: {"unit": "seconds", "meaning": "ModifyAttrib: new cast time; -1 = unset."},
    attrib_modified_effect_area: {"meaning": "ModifyAttrib: new effect area; None = unset."},
    attrib_modified_endurance_cost: {"unit": "endurance", "meaning": "ModifyAttrib: new endurance cost; -1 = unset."},
    attrib_modified_interrupt_time: {"unit": "seconds", "meaning": "ModifyAttrib: new interrupt time; -1 = unset."},
    attrib_modified_max_targets: {"meaning": "ModifyAttrib: new max targets; -1 = unset."},
    attrib_modified_radius: {"unit": "feet", "meaning": "ModifyAttrib: new radius; -1 = unset."},
    attrib_modified_range: {"unit": "feet", "meaning": "ModifyAttrib: new range; -1 = unset."},
    attrib_modified_recharge_time: {"unit": "seconds", "meaning": "ModifyAttrib: new recharge time; -1 = unset."},
    attrib_modified_secondary_range: {"unit": "feet", "meaning": "ModifyAttrib: new secondary range; -1 = unset."},
  },
  power_effect_condition: {
    power_id: {"meaning": "The power."},
    effect_position: {"meaning": "Place of the effect in the power's list."},
    position: {"meaning": "Place in the effect's list."},
    condition_key: {"meaning": "Kind:Subject as written, perhaps after AND or OR."},
    value: {"meaning": "True or False, or an operator and a number."},
    connector: {"meaning": "AND or OR where the key states it."},
    kind: {"meaning": "Active, Taken, Stacks, Team, or as written."},
    subject: {"meaning": "What the condition is about, as written."},
    subject_power_id: {"meaning": "Power that it is about; Team has none."},
  },
  power_prerequisite: {
    power_id: {"meaning": "The power."},
    negated: {"meaning": "Whether the name excludes."},
    alternative: {"meaning": "Number of the alternative."},
    position: {"meaning": "Place inside the alternative: 0 or 1."},
    required_name: {"meaning": "The name as written, a leading ! included."},
    kind: {"meaning": "power, powerset, expression or unknown."},
    required_power_id: {"meaning": "The power named."},
    required_powerset_id: {"meaning": "The powerset named."},
  },
  power_archetype_rule: {
    power_id: {"meaning": "The power."},
    archetype_id: {"meaning": "The class; null where the release does not hold it, and then nobody is of it."},
    excluded: {"meaning": "Whether the class is shut out."},
    class_name: {"meaning": "The class as written."},
  },
  power_allowed_enhancement: {
    power_id: {"meaning": "The power."},
    enhancement_class_id: {"meaning": "The class, by its id column."},
  },
  power_allowed_set_type: {
    power_id: {"meaning": "The power."},
    set_type: {"meaning": "The set type, by its position."},
  },
  power_sub_power: {
    power_id: {"meaning": "The power."},
    position: {"meaning": "Place in the power's list."},
    sub_power_name: {"meaning": "The power as written."},
    sub_power_id: {"meaning": "The power that comes with it."},
  },
  power_group: {
    power_id: {"meaning": "The power."},
    position: {"meaning": "Place in the power's list."},
    group_membership: {"meaning": "Name of the group."},
  },
  power_ignored_aspect: {
    power_id: {"meaning": "The power."},
    kind: {"meaning": "enhancement or buff: what does not change the aspect."},
    position: {"meaning": "Place in the power's list."},
    aspect: {"meaning": "The aspect."},
  },
  summoned_entity: {
    uid: {"meaning": "Identifier such as Pets_Name; compared without case."},
    display_name: {"meaning": "Name shown to a player."},
    entity_type: {"meaning": "Pet or henchman."},
    class_name: {"meaning": "Its class, as written."},
    archetype_id: {"meaning": "Its class."},
    extra: {"meaning": "Values of the source that no other column holds, by their place in the record, such as effects[3].NewKey; null where there are none."},
  },
  summoned_entity_powerset: {
    entity_id: {"meaning": "The entity."},
    position: {"meaning": "Place in the entity's list."},
    powerset_name: {"meaning": "The powerset, as written."},
    powerset_id: {"meaning": "The powerset."},
    upgrade_power_name: {"meaning": "Power that unlocks it, as written; the first set needs none."},
    upgrade_power_id: {"meaning": "Power that unlocks it."},
  },
  salvage: {
    internal_name: {"meaning": "Identifier; compared without case."},
    external_name: {"meaning": "Name shown to a player."},
    rarity: {"meaning": "Rarity."},
    level_min: {"unit": "0-based level", "meaning": "Lowest level at which it drops. 0-based (shown level minus one); -1 means none."},
    level_max: {"unit": "0-based level", "meaning": "Highest level at which it drops. 0-based (shown level minus one); -1 means none."},
    origin: {"meaning": "Tech, magic or special."},
    extra: {"meaning": "Values of the source that no other column holds, by their place in the record, such as effects[3].NewKey; null where there are none."},
  },
  recipe: {
    internal_name: {"meaning": "Identifier."},
    external_name: {"meaning": "Name shown to a player."},
    rarity: {"meaning": "Rarity."},
    enhancement_uid: {"meaning": "Enhancement it makes, as stored: the last one that names it."},
    enhancement_id: {"meaning": "Enhancement it makes."},
    is_generic: {"meaning": "Flag of the source; in some realms true where no enhancement is made."},
    is_virtual: {"meaning": "Flag of the source."},
    is_hidden: {"meaning": "Flag of the source."},
    extra: {"meaning": "Values of the source that no other column holds, by their place in the record, such as effects[3].NewKey; null where there are none."},
  },
  recipe_level: {
    recipe_id: {"meaning": "The recipe."},
    level: {"unit": "0-based level", "meaning": "Level. 0-based (shown level minus one); -1 means none."},
    buy_cost: {"unit": "influence", "meaning": "Price of the recipe."},
    craft_cost: {"unit": "influence", "meaning": "Price of crafting."},
    buy_cost_memorized: {"unit": "influence", "meaning": "Price of the memorized recipe."},
    craft_cost_memorized: {"unit": "influence", "meaning": "Price of crafting the memorized recipe."},
  },
  recipe_salvage: {
    recipe_id: {"meaning": "The recipe."},
    level: {"unit": "0-based level", "meaning": "Level of the recipe, 0-based; -1 means none."},
    position: {"meaning": "Place in the list of ingredients."},
    salvage_name: {"meaning": "The salvage, as written."},
    salvage_id: {"meaning": "The salvage."},
    count: {"unit": "pieces", "meaning": "How many are consumed."},
  },
  enhancement_set: {
    uid: {"meaning": "Identifier of the set."},
    display_name: {"meaning": "Name shown to a player."},
    short_name: {"meaning": "Abbreviation."},
    description: {"meaning": "Text about the set."},
    set_type: {"meaning": "Which powers take it, by the type's position."},
    image: {"meaning": "File name of the icon."},
    level_min: {"unit": "0-based level", "meaning": "Lowest level of its pieces. 0-based (shown level minus one); -1 means none."},
    level_max: {"unit": "0-based level", "meaning": "Highest level of its pieces. 0-based (shown level minus one); -1 means none."},
    extra: {"meaning": "Values of the source that no other column holds, by their place in the record, such as effects[3].NewKey; null where there are none."},
  },
  enhancement_set_bonus: {
    enhancement_set_id: {"meaning": "The set."},
    kind: {"meaning": "set or special."},
    row: {"meaning": "0-based row of the source's list of bonuses."},
    position: {"meaning": "Place among the row's powers."},
    power_name: {"meaning": "The granted power, as written."},
    power_id: {"meaning": "The granted power."},
    special: {"meaning": "Number kept for the source program."},
    alt_string: {"meaning": "Text shown instead of the power's own."},
    pv_mode: {"meaning": "PvE, PvP or any; null for special rows."},
    slotted: {"unit": "pieces", "meaning": "Pieces that must be slotted; null for special rows."},
    enhancement_id: {"meaning": "Special rows: the piece that carries the bonus."},
  },
  enhancement: {
    uid: {"meaning": "Internal name; its boost power is Boosts.<uid>.<uid>."},
    occurrence: {"meaning": "1, 2.. among equal uids in file order."},
    static_index: {"meaning": "Number that saved builds use; not unique in every realm."},
    name: {"meaning": "Name shown to a player, without the set's."},
    short_name: {"meaning": "Abbreviation."},
    description: {"meaning": "Text shown to a player."},
    type_id: {"meaning": "Normal, invention, special or set piece."},
    sub_type_id: {"meaning": "Position of the special type; 0 unless special, -1 occurs."},
    special_enhancement_type: {"meaning": "Special type, of special enhancements."},
    image: {"meaning": "File name of the icon."},
    set_uid: {"meaning": "Its set, as written; empty without one."},
    enhancement_set_id: {"meaning": "Its set."},
    set_position: {"meaning": "0-based number of the piece among those of its set."},
    effect_chance: {"unit": "fraction", "meaning": "Chance of its effect."},
    level_min: {"unit": "0-based level", "meaning": "Lowest level. 0-based (shown level minus one); -1 means none."},
    level_max: {"unit": "0-based level", "meaning": "Highest level; -1 on attuned ones of some realms. 0-based (shown level minus one); -1 means none."},
    unique: {"meaning": "Whether a build may hold only one."},
    mutex_id: {"meaning": "Group of enhancements that exclude each other."},
    buff_mode: {"meaning": "Whether it works on buffs, debuffs or both."},
    recipe_name: {"meaning": "Its recipe, as written; empty without one."},
    recipe_id: {"meaning": "Its recipe."},
    boost_power_id: {"meaning": "The power Boosts.<uid>.<uid> that it grants."},
    superior: {"meaning": "Whether it is the superior version."},
    is_proc: {"meaning": "Whether it is a proc."},
    is_scalable: {"meaning": "Whether it scales with level."},
    extra: {"meaning": "Values of the source that no other column holds, by their place in the record, such as effects[3].NewKey; null where there are none."},
  },
  enhancement_class_member: {
    enhancement_id: {"meaning": "The enhancement."},
    enhancement_class_id: {"meaning": "The class."},
  },
  enhancement_effect: {
    enhancement_id: {"meaning": "The enhancement."},
    position: {"meaning": "Place in the enhancement's list."},
    mode: {"meaning": "Boosts an aspect, or carries an effect; trust has_fx, not this."},
    buff_mode: {"meaning": "Whether it works on buffs, debuffs or both."},
    enhance_id: {"meaning": "Aspect that is boosted; no member (-1) in mode FX."},
    enhance_sub_id: {"meaning": "Number of the status effect when the aspect is Mez, else -1."},
    schedule: {"meaning": "Strength column A to D."},
    multiplier: {"unit": "multiplier", "meaning": "Factor on the schedule's strength."},
    has_fx: {"meaning": "Whether an effect record follows; without one its columns are null."},
    power_full_name: {"meaning": "Owner as written in the record; informational, often stale or empty."},
    unique_id: {"meaning": "Number given by the source's import; not unique."},
    effect_class: {"meaning": "Rank in the display."},
    effect_type: {"meaning": "What the effect does."},
    damage_type: {"meaning": "Kind of damage, defence or resistance."},
    mez_type: {"meaning": "Status effect."},
    modifies_effect_type: {"meaning": "Effect type that is changed, for Enhancement, ResEffect and the like."},
    summon: {"meaning": "Summoned entity or granted power, as written."},
    summoned_entity_id: {"meaning": "Entity that an EntCreate effect calls."},
    granted_power_id: {"meaning": "Power that any other effect names in `summon`."},
    delayed_time: {"unit": "seconds", "meaning": "Delay before the effect applies."},
    ticks: {"meaning": "Number of applications; 0 or 1 = once."},
    stacking: {"meaning": "Whether it stacks with itself."},
    base_probability: {"unit": "fraction", "meaning": "Chance to apply; whole numbers above 1 occur in good files."},
    suppression: {"meaning": "Events that suspend the effect."},
    buffable: {"meaning": "Whether buffs change it."},
    resistible: {"meaning": "Whether resistance reduces it."},
    special_case: {"meaning": "Condition code of older data."},
    variable_modified_override: {"meaning": "Whether the power's slider leaves it alone."},
    ignore_scaling: {"meaning": "Whether it never scales."},
    pv_mode: {"meaning": "Against whom it works: any, PvE or PvP."},
    to_who: {"meaning": "Who is affected."},
    display_percentage_override: {"meaning": "Forces or forbids display in percent."},
    scale: {"unit": "multiplier", "meaning": "Factor on the modifier table's value."},
    magnitude: {"meaning": "Magnitude before scale and modifier."},
    duration: {"unit": "seconds", "meaning": "Duration before scale and modifier."},
    attrib_type: {"meaning": "Which quantity the modifier table scales."},
    aspect: {"meaning": "Which aspect of the attribute changes."},
    modifier_table: {"meaning": "Attribute modifier table, as written."},
    attribute_modifier_table: {"meaning": "Attribute modifier table."},
    near_ground: {"meaning": "Whether the target must be near the ground."},
    cancel_on_miss: {"meaning": "Whether a miss stops the effects that follow."},
    requires_to_hit_check: {"meaning": "Whether it makes a to-hit roll of its own."},
    class_name: {"meaning": "Class that the effect is restricted to, as written; mostly empty."},
    archetype_id: {"meaning": "Class that the effect is restricted to."},
    duration_expression: {"meaning": "Formula for the duration; counts when attrib_type is Expression."},
    magnitude_expression: {"meaning": "Formula for the magnitude; counts when attrib_type is Expression."},
    probability_expression: {"meaning": "Formula for the probability; counts when attrib_type is Expression."},
    reward: {"meaning": "Reward or token; mostly empty."},
    effect_id: {"meaning": "Tag that global chance modifiers address, as written."},
    effect_tag: {"meaning": "Tag that global chance modifiers address."},
    ignore_ed: {"meaning": "Whether enhancement diversification is left out."},
    override: {"meaning": "PowerRedirect: the power that takes over, as written."},
    redirect_power_id: {"meaning": "Power that takes over."},
    procs_per_minute: {"unit": "1/minute", "meaning": "0 = no proc; above 0 it replaces the probability."},
    power_attrib: {"meaning": "ModifyAttrib: which attribute of the power changes."},
    attrib_original_accuracy: {"unit": "multiplier", "meaning": "ModifyAttrib: old accuracy; -1 = unset."},
    attrib_original_activate_period: {"unit": "seconds", "meaning": "ModifyAttrib: old activate period; -1 = unset."},
    attrib_original_arc: {"unit": "degrees", "meaning": "ModifyAttrib: old arc; -1 = unset."},
    attrib_original_cast_time: {"unit": "seconds", "meaning": "ModifyAttrib: old cast time; -1 = unset."},
    attrib_original_effect_area: {"meaning": "ModifyAttrib: old effect area; None = unset."},
    attrib_original_endurance_cost: {"unit": "endurance", "meaning": "ModifyAttrib: old endurance cost; -1 = unset."},
    attrib_original_interrupt_time: {"unit": "seconds", "meaning": "ModifyAttrib: old interrupt time; -1 = unset."},
    attrib_original_max_targets: {"meaning": "ModifyAttrib: old max targets; -1 = unset."},
    attrib_original_radius: {"unit": "feet", "meaning": "ModifyAttrib: old radius; -1 = unset."},
    attrib_original_range: {"unit": "feet", "meaning": "ModifyAttrib: old range; -1 = unset."},
    attrib_original_recharge_time: {"unit": "seconds", "meaning": "ModifyAttrib: old recharge time; -1 = unset."},
    attrib_original_secondary_range: {"unit": "feet", "meaning": "ModifyAttrib: old secondary range; -1 = unset."},
    attrib_modified_accuracy: {"unit": "multiplier", "meaning": "ModifyAttrib: new accuracy; -1 = unset."},
    attrib_modified_activate_period: {"unit": "seconds", "meaning": "ModifyAttrib: new activate period; -1 = unset."},
    attrib_modified_arc: {"unit": "degrees", "meaning": "ModifyAttrib: new arc; -1 = unset."},
    attrib_modified_cast_time: {"unit": "seconds", "meaning": "ModifyAttrib: new cast time; -1 = unset."},
    attrib_modified_effect_area: {"meaning": "ModifyAttrib: new effect area; None = unset."},
    attrib_modified_endurance_cost: {"unit": "endurance", "meaning": "ModifyAttrib: new endurance cost; -1 = unset."},
    attrib_modified_interrupt_time: {"unit": "seconds", "meaning": "ModifyAttrib: new interrupt time; -1 = unset."},
    attrib_modified_max_targets: {"meaning": "ModifyAttrib: new max targets; -1 = unset."},
    attrib_modified_radius: {"unit": "feet", "meaning": "ModifyAttrib: new radius; -1 = unset."},
    attrib_modified_range: {"unit": "feet", "meaning": "ModifyAttrib: new range; -1 = unset."},
    attrib_modified_recharge_time: {"unit": "seconds", "meaning": "ModifyAttrib: new recharge time; -1 = unset."},
    attrib_modified_secondary_range: {"unit": "feet", "meaning": "ModifyAttrib: new secondary range; -1 = unset."},
    conditionals: {"meaning": "Conditions of the effect: array of {key, value}."},
  },
};
