// Which archetype and level numbers are shown at: chosen on the page, kept in its address.

import { type ReactNode, useMemo } from "react";
import { useSearchParams } from "wouter";
import type { Modifiers } from "../api/answers";
import { useAll, useAnswer } from "../api/hooks";
import { nameOf, placeOf, useRealm } from "../links";
import type { Archetype, Named } from "../model";
import { ModifierTables } from "./value";

const TOP_LEVEL = 50;
const NONE = new ModifierTables({});

export interface At {
  tables: ModifierTables;
  /** Whether the tables have come, or never will. */
  settled: boolean;
  error: Error | undefined;
  /** The fields in which both are chosen. */
  fields: ReactNode;
}

/** `owner` is the class that the thing belongs to, undefined while it is not known; without one the first playable. */
export function useTables(owner: Named | null | undefined): At {
  const realm = useRealm();
  const [search, setSearch] = useSearchParams();
  const classes = useAll<Archetype>(
    realm,
    "/archetypes?fields=id,name,display_name,playable,modifier_column&sort=display_name",
  );
  const all = classes.state === "done" ? classes.data : [];
  const wanted = search.get("archetype")?.toLowerCase();
  const chosen =
    all.find((each) => each.name.toLowerCase() === wanted) ??
    all.find((each) => each.id === owner?.id) ??
    first(all.filter((each) => each.playable)) ??
    first(all);
  const level = Number(search.get("level")) || TOP_LEVEL;
  const known = chosen && owner !== undefined;
  const place = chosen && placeOf({ id: chosen.id, key: chosen.name });
  const answer = useAnswer<Modifiers>(realm, known ? `/archetypes/${place}/modifiers?level=${level}` : null);
  const tables = useMemo(() => (answer.state === "done" ? new ModifierTables(answer.data.modifiers) : NONE), [answer]);
  const set = (name: string, value: string) =>
    setSearch(
      (before) => {
        before.set(name, value);
        return before;
      },
      { replace: true },
    );

  const fields = (
    <fieldset className="at">
      <legend>Numbers for</legend>
      <label>
        Archetype{" "}
        <select value={chosen?.name ?? ""} onChange={(event) => set("archetype", event.target.value)}>
          {all
            .filter((each) => each.playable || each === chosen)
            .map((each) => (
              <option key={each.id} value={each.name}>
                {nameOf({ key: each.name, display_name: each.display_name })}
              </option>
            ))}
        </select>
      </label>{" "}
      <label>
        Level{" "}
        <input
          type="number"
          min={1}
          max={TOP_LEVEL}
          value={level}
          onChange={(event) => event.target.validity.valid && set("level", event.target.value)}
        />
      </label>
      {answer.state === "done" && tables.empty && (
        <p>This release holds no modifier tables: numbers are shown as scale times the table's name.</p>
      )}
    </fieldset>
  );
  const failed = [classes, answer].find((each) => each.state === "failed");
  return {
    tables,
    settled: answer.state === "done" || failed !== undefined,
    error: failed?.state === "failed" ? failed.error : undefined,
    fields,
  };
}

/** The class that the modifier tables begin with. */
function first(classes: Archetype[]): Archetype | undefined {
  const column = ({ modifier_column }: Archetype) => modifier_column ?? Number.POSITIVE_INFINITY;
  return [...classes].sort((a, b) => column(a) - column(b))[0];
}
