// Where the pages of things are. Does not belong here: the pages.

import { createContext, type ReactNode, useContext } from "react";
import { Link } from "wouter";
import { type EntityTable, type Named, PATHS } from "./model";

const Realm = createContext("");
export const RealmProvider = Realm.Provider;

/** The realm that the address names. */
export function useRealm(): string {
  return useContext(Realm);
}

/** How an entity is named in an address: by its key, or by its id where the key would not read well. */
export function placeOf(thing: { id?: number; key: string }): string {
  const readsWell = /^[\w.' -]+$/.test(thing.key) && /\D/.test(thing.key);
  return readsWell || thing.id === undefined ? encodeURIComponent(thing.key) : String(thing.id);
}

export function addressOf(realm: string, kind: EntityTable, thing: { id?: number; key: string }): string {
  return `/${encodeURIComponent(realm)}/${PATHS[kind]}/${placeOf(thing)}`;
}

export function nameOf(thing: { key: string; display_name: string | null }): string {
  return thing.display_name || thing.key;
}

/** A link to an entity's page. `written` is shown where it led nowhere. */
export function To(props: {
  kind: EntityTable;
  thing: (Omit<Named, "id"> & { id?: number }) | null;
  written?: string | null;
}): ReactNode {
  const realm = useRealm();
  if (!props.thing) return <span className="dead">{props.written || "unknown"}</span>;
  return (
    <Link href={addressOf(realm, props.kind, props.thing)} title={props.thing.key}>
      {nameOf(props.thing)}
    </Link>
  );
}

export function useHref(path: string): string {
  return `/${encodeURIComponent(useRealm())}${path}`;
}
