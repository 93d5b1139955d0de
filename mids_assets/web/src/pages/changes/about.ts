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
  return own ? change.key.split(BETWEEN).slice(0, -own).join(BETWEEN) : change.key;
}

/** What an address names the entity by: of a key of several parts the first. */
export function addressKey(key: string): string {
  return key.split(BETWEEN)[0] ?? key;
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
