// Effects that differ in their damage type or status effect alone are told in one sentence.

import type { PowerEffectCondition } from "../model";
import type { Effect } from "./value";

/** Effects of one sentence, in the order of the source. */
export type Alike = [Effect, ...Effect[]];

const APART = new Set([
  "position",
  "unique_id",
  "power_full_name",
  "damage_type",
  "damage_type_code",
  "mez_type",
  "mez_type_code",
]);

export interface Told {
  effects: Alike;
  conditions: PowerEffectCondition[];
}

/** Effects with the conditions that they share, in the order of the first of each. */
export function together(effects: Effect[], conditions: PowerEffectCondition[]): Told[] {
  const groups = new Map<string, Told>();
  for (const effect of effects) {
    const own = conditions.filter((row) => row.effect_position === effect.position);
    const same = Object.entries(effect).filter(([name]) => !APART.has(name));
    const key = JSON.stringify([same, own.map((row) => [row.condition_key, row.value])]);
    const group = groups.get(key);
    if (group) group.effects.push(effect);
    else groups.set(key, { effects: [effect], conditions: own });
  }
  return [...groups.values()];
}
