// What the server says about itself, for the parts that need it.

import { createContext, useContext } from "react";
import type { Meta } from "./api/answers";

const Context = createContext<Meta>({ dagster_url: null, version: "", realms: [], login: "none" });
export const MetaProvider = Context.Provider;

export function useMeta(): Meta {
  return useContext(Context);
}

/** Address of a table's lineage in the Dagster UI; null where none is set. */
export function useLineage(realm: string, table: string): string | null {
  const { dagster_url: base } = useMeta();
  if (!base) return null;
  return `${base.replace(/\/+$/, "")}/assets/${encodeURIComponent(realm)}/tables/${table}?view=lineage`;
}
