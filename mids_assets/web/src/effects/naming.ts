// Names of what effects do, in plain words. Does not belong here: amounts (value.ts), sentences (sentence.tsx).

import { series, words } from "../format";
import type { Alike } from "./alike";
import type { Effect } from "./value";

const DAMAGES = ["Smashing", "Lethal", "Fire", "Cold", "Energy", "Negative", "Toxic", "Psionic"];
const DEFENSES = [...DAMAGES, "Melee", "Ranged", "AoE"];

const NAMES: Record<string, string> = {
  Accuracy: "accuracy",
  DamageBuff: "damage",
  Elusivity: "elusivity",
  Endurance: "endurance",
  EnduranceDiscount: "endurance discount",
  Fly: "flight",
  HitPoints: "hit points",
  InterruptTime: "interrupt time",
  JumpHeight: "jump height",
  LevelShift: "level shift",
  PerceptionRadius: "perception radius",
  RechargeTime: "recharge speed",
  SpeedFlying: "flying speed",
  SpeedJumping: "jumping speed",
  SpeedRunning: "running speed",
  StealthRadius: "stealth radius towards foes",
  StealthRadiusPlayer: "stealth radius towards players",
  ThreatLevel: "threat",
  ToHit: "chance to hit",
  XPDebtProtection: "protection from experience debt",
  XPDebt: "experience debt",
};

/** "fire and cold", "all types": the damage types of effects that are told together; empty without one. */
export function damageTypes(effects: Alike): string {
  const types = effects.map((effect) => effect.damage_type).filter((type) => type && type !== "None") as string[];
  if (DEFENSES.every((type) => types.includes(type))) return "all types of";
  if (types.length === DAMAGES.length && DAMAGES.every((type) => types.includes(type))) return "all types of";
  return series(types.map((type) => (type === "AoE" ? "area" : words(type))));
}

export function statusEffects(effects: Alike): string {
  const types = effects.map((effect) => effect.mez_type).filter((type) => type && type !== "None") as string[];
  return series(types.map(words)) || "status effects";
}

/** The attribute that an effect changes, such as "maximum hit points". */
export function attribute(effects: Alike): string {
  const [effect] = effects;
  const type = effect.effect_type ?? "";
  return aspect(effect, typed(type, effects));
}

/** The attribute that an Enhancement or ResEffect is about. */
export function modified(effects: Alike): string {
  const type = effects[0].modifies_effect_type ?? "";
  return type === "Mez" ? statusEffects(effects) : typed(type, effects);
}

function typed(type: string, effects: Alike): string {
  const name = NAMES[type] ?? words(type);
  return ["DamageBuff", "Damage", "Defense", "Resistance", "Elusivity"].includes(type)
    ? `${damageTypes(effects)} ${name}`.trim()
    : name;
}

function aspect(effect: Effect, name: string): string {
  const itself = ["DamageBuff", "Enhancement", "Elusivity", "Resistance", "MezResist", "ResEffect"];
  if (itself.includes(effect.effect_type ?? "")) return name;
  if (effect.aspect === "Max") return `maximum ${name}`;
  if (effect.aspect === "Str") return `strength of ${name}`;
  if (effect.aspect === "Res") return `resistance to changes of ${name}`;
  return name;
}

/** Headings and phrases for whom an effect reaches. */
export const WHOM: Record<string, string> = {
  Target: "to the target",
  Self: "to the caster",
  All: "to all in reach",
  Unspecified: "to nobody in particular",
};

export const MODES: Record<string, string> = {
  Any: "Everywhere",
  PvE: "Only against the game's foes (PvE)",
  PvP: "Only against players (PvP)",
};

/** "only when hidden", of the condition codes of older data. */
export function specialCase(name: string): string {
  return name.startsWith("Not") ? `not with ${words(name.slice(3))}` : `only with ${words(name)}`;
}
