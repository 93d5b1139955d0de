// Which entity a change is about: a child's key begins with its parent's.

import type { Change } from "../../api/answers";
import { type EntityTable, PARENTS, PATHS } from "../../model";

const BETWEEN = " / ";

export function tableAbout(change: Change): string {
  return PARENTS[change.table] ?? change.table;
}

export function isEntity(table: string): table is EntityTable {
  return table in PATHS;
}

/** First part of the entity's key; of a small table the whole key of the row. */
export function keyAbout(change: Change): string {
  return isEntity(tableAbout(change)) ? (change.key.split(BETWEEN)[0] ?? change.key) : change.key;
}

/** What tells one entity from another: table and key, without regard to case. */
export function about(change: Change): string {
  return `${tableAbout(change)} ${keyAbout(change).toLowerCase()}`;
}
