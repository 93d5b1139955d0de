// The shopping list: recipes at levels, so many of each. Kept in the browser, one a realm, and written into addresses.
// Does not belong here: what it costs (totals.ts).

export interface Item {
  /** Id of the recipe: it survives renames. */
  recipe: number;
  /** 0-based as stored; -1 = none. */
  level: number;
  quantity: number;
}

const MOST = 999;
const LONGEST = 200;

/** "843.29.2_1546.-1.1": recipe, level and quantity of each. */
export function written(items: Item[]): string {
  return items.map(({ recipe, level, quantity }) => `${recipe}.${level}.${quantity}`).join("_");
}

/** The items of a text; what is none is left out. */
export function read(text: string): Item[] {
  const found: Item[] = [];
  for (const part of text.split("_").slice(0, LONGEST)) {
    const match = /^(\d{1,15})\.(-1|\d{1,3})\.(\d{1,3})$/.exec(part);
    if (!match) continue;
    const [recipe, level, quantity] = match.slice(1).map(Number) as [number, number, number];
    if (quantity > 0) found.push({ recipe, level, quantity });
  }
  return found;
}

export function kept(realm: string): Item[] {
  return read(localStorage.getItem(place(realm)) ?? "");
}

export function keep(realm: string, items: Item[]): void {
  if (items.length) localStorage.setItem(place(realm), written(items));
  else localStorage.removeItem(place(realm));
}

/** The list with one more; the same recipe at the same level is counted up. */
export function added(items: Item[], item: Item): Item[] {
  const there = items.find((each) => each.recipe === item.recipe && each.level === item.level);
  if (!there) return [...items, item].slice(0, LONGEST);
  return items.map((each) =>
    each === there ? { ...each, quantity: Math.min(MOST, each.quantity + item.quantity) } : each,
  );
}

/** The list with the item at `index` changed, or without it where `item` is null. */
export function changed(items: Item[], index: number, item: Item | null): Item[] {
  return items.flatMap((each, at) => (at === index ? (item ? [item] : []) : [each]));
}

function place(realm: string): string {
  return `mids-shopping-${realm}`;
}
