// Which entity a change is about, and which of its rows: a child's key is its parent's and then its own.

import type { Change } from "../../api/answers";
import { CHILDREN, type EntityTable, PATHS } from "../../model";

const BETWEEN = " / ";

export function tableAbout(change: Change): string {
  return CHILDREN[change.table]?.of ?? change.table;
}

export function isEntity(table: string): table is EntityTable {
  return table in PATHS;
}

/** Key of the entity; of a small table the key of the row. */
export function keyAbout(change: Change): string {
  const own = CHILDREN[change.table]?.key.length ?? 0;
  if (!own) return change.key;
  // Inside a child's key, what looks like the mark between two parts is written with a backslash.
  return change.key.split(BETWEEN).slice(0, -own).join(BETWEEN).replaceAll(" \\/ ", BETWEEN);
}

/** What an address names the entity by: without the number that tells apart those of equal names. */
export function addressKey(key: string): string {
  return key.replace(/ \/ \d+$/, "");
}

/** Name and value of each part of a child's own key; none of other tables. */
export function partsOf(change: Change): [string, string][] {
  const names = CHILDREN[change.table]?.key ?? [];
  const values = change.key.split(BETWEEN).slice(-names.length);
  return names.map((name, place) => [name, values[place] ?? ""]);
}

/** What tells one entity from another: table and key, without regard to case. */
export function about(change: Change): string {
  return `${tableAbout(change)} ${keyAbout(change).toLowerCase()}`;
}
