// Effects that differ in their damage type or status effect alone are told in one sentence.

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

/** `mark` tells apart what the row itself does not say: the effect's conditions. */
export function alike(effects: Effect[], mark: (effect: Effect) => string): Alike[] {
  const groups = new Map<string, Alike>();
  for (const effect of effects) {
    const same = Object.entries(effect).filter(([name]) => !APART.has(name));
    const key = `${JSON.stringify(same)} ${mark(effect)}`;
    const group = groups.get(key);
    if (group) group.push(effect);
    else groups.set(key, [effect]);
  }
  return [...groups.values()];
}
