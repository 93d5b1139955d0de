// What an effect amounts to at an archetype and a level: scale x magnitude x modifier, as the source program has it.
// Does not belong here: words (sentence.tsx).

import type { EnhancementEffect, PowerEffect } from "../model";

/** An effect of a power, or one that an enhancement carries. */
export type Effect = PowerEffect | EnhancementEffect;

/** The modifier tables at one level and class, by name without regard to case. */
export class ModifierTables {
  private values: Map<string, number | null>;

  constructor(values: Record<string, number | null>) {
    this.values = new Map(Object.entries(values).map(([name, value]) => [name.toLowerCase(), value]));
  }

  get empty(): boolean {
    return this.values.size === 0;
  }

  of(effect: Effect): number | null {
    const name = effect.attribute_modifier_table ?? effect.modifier_table;
    return name ? (this.values.get(name.toLowerCase()) ?? null) : null;
  }
}

export interface Amount {
  /** Strength of the effect; a fraction where it is shown in percent. Null where it cannot be computed. */
  strength: number | null;
  /** How long it lasts; null where that cannot be computed. */
  seconds: number | null;
}

/**
 * `Magnitude`: the table scales the strength. `Duration`: it scales the seconds. `Expression`: a formula of the game
 * decides, which nothing here computes. The tables hold damage with a minus.
 */
export function amountOf(effect: Effect, tables: ModifierTables): Amount {
  const modifier = tables.of(effect);
  const scaled = modifier === null || effect.scale === null ? null : effect.scale * modifier;
  const sign = effect.effect_type === "Damage" ? -1 : 1;
  const { magnitude, duration } = effect;
  switch (effect.attrib_type) {
    case "Magnitude":
      return { strength: scaled === null || magnitude === null ? null : sign * scaled * magnitude, seconds: duration };
    case "Duration":
      return { strength: magnitude === null ? null : sign * magnitude, seconds: scaled };
    default:
      return { strength: null, seconds: null };
  }
}

const COUNTED_AT_MOST = ["HitPoints", "Endurance", "SpeedRunning", "SpeedJumping", "SpeedFlying"];
const COUNTED_NOW = ["Mez", "StealthRadius", "StealthRadiusPlayer"];

/** Whether the strength is a fraction that is shown in percent. */
export function isPercent(effect: Effect): boolean {
  const type = effect.effect_type ?? "";
  if (effect.display_percentage_override === "TrueOverride") return true;
  if (effect.display_percentage_override === "FalseOverride" || type === "SilentKill") return false;
  switch (effect.aspect) {
    case "Max":
      return !COUNTED_AT_MOST.includes(type);
    case "Abs":
      return false;
    case "Cur":
      return !COUNTED_NOW.includes(type);
    default:
      return true;
  }
}

/** Formulas that decide about the effect, by what they give. */
export function formulasOf(effect: Effect): [string, string][] {
  if (effect.attrib_type !== "Expression") return [];
  const all: [string, string | null][] = [
    ["strength", effect.magnitude_expression],
    ["duration", effect.duration_expression],
    ["chance", effect.probability_expression],
  ];
  return all.filter((each): each is [string, string] => Boolean(each[1]));
}
