// What a shopping list takes in all: influence, and pieces of salvage.

import type { Named, WholeRecipe } from "../../model";
import type { Item } from "./list";

export interface Needed {
  name: string;
  thing: Named | null;
  count: number;
}

export interface Totals {
  buying: number;
  crafting: number;
  salvage: Needed[];
}

/** `recipes` by id. An item whose recipe or level the release does not have costs nothing here. */
export function totals(items: Item[], recipes: Map<number, WholeRecipe>): Totals {
  const all: Totals = { buying: 0, crafting: 0, salvage: [] };
  const salvage = new Map<string, Needed>();
  for (const item of items) {
    const recipe = recipes.get(item.recipe);
    const level = recipe?.recipe_level.find((row) => row.level === item.level);
    all.buying += (level?.buy_cost ?? 0) * item.quantity;
    all.crafting += (level?.craft_cost ?? 0) * item.quantity;
    for (const row of recipe?.recipe_salvage ?? []) {
      if (row.level !== item.level) continue;
      const key = row.salvage ? String(row.salvage.id) : (row.salvage_name ?? "").toLowerCase();
      const name = row.salvage?.display_name || row.salvage?.key || row.salvage_name || "unknown";
      const needed = salvage.get(key) ?? { name, thing: row.salvage, count: 0 };
      needed.count += (row.count ?? 0) * item.quantity;
      salvage.set(key, needed);
    }
  }
  all.salvage = [...salvage.values()].sort((a, b) => a.name.localeCompare(b.name, "en"));
  return all;
}
