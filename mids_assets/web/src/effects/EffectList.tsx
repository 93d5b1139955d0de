// The effects of a power or enhancement: grouped by PvE and PvP and by whom they reach, each as a sentence, with the
// raw values behind it.

import { type ReactNode, useMemo, useState } from "react";
import { capital } from "../format";
import type { PowerEffectCondition } from "../model";
import { FieldTable } from "../parts/FieldTable";
import { type Alike, alike } from "./alike";
import { MODES, WHOM } from "./naming";
import { type Of, Sentence } from "./sentence";
import type { Effect, ModifierTables } from "./value";

const MODE_ORDER = ["Any", "PvE", "PvP"];
const WHOM_ORDER = ["Target", "All", "Self", "Unspecified"];

export function EffectList(props: {
  table: "power_effect" | "enhancement_effect";
  effects: Effect[];
  conditions?: PowerEffectCondition[];
  tables: ModifierTables;
  of?: Of;
}): ReactNode {
  const { effects, conditions } = props;
  const groups = useMemo(() => {
    const of = conditionsOf(conditions ?? []);
    const all = alike(effects, (effect) => JSON.stringify(of(effect).map((row) => [row.condition_key, row.value])));
    return grouped(all).map((group) => ({
      ...group,
      effects: group.effects.map((one) => ({ one, rows: of(one[0]) })),
    }));
  }, [effects, conditions]);
  if (groups.length === 0) return <p>It has no effects of its own.</p>;
  let mode = "";
  return groups.map((group) => {
    const first = group.mode !== mode;
    mode = group.mode;
    return (
      <section key={`${group.mode} ${group.whom}`}>
        {first && <h3>{MODES[group.mode] ?? group.mode}</h3>}
        <h4>{capital(WHOM[group.whom] ?? group.whom)}</h4>
        <ul className="effects">
          {group.effects.map(({ one, rows }) => (
            <li key={one[0].position}>
              <Sentence effects={one} tables={props.tables} conditions={rows} of={props.of} />
              <Raw table={props.table} effects={one} />
            </li>
          ))}
        </ul>
      </section>
    );
  });
}

function conditionsOf(rows: PowerEffectCondition[]): (effect: Effect) => PowerEffectCondition[] {
  return (effect) => rows.filter((row) => row.effect_position === effect.position);
}

interface Group {
  mode: string;
  whom: string;
  effects: Alike[];
}

function grouped(all: Alike[]): Group[] {
  const groups = new Map<string, Group>();
  for (const one of all) {
    const mode = one[0].pv_mode ?? "Any";
    const whom = one[0].to_who ?? "Unspecified";
    const group = groups.get(`${mode} ${whom}`);
    if (group) group.effects.push(one);
    else groups.set(`${mode} ${whom}`, { mode, whom, effects: [one] });
  }
  const rank = (group: Group) => MODE_ORDER.indexOf(group.mode) * 10 + WHOM_ORDER.indexOf(group.whom);
  return [...groups.values()].sort((a, b) => rank(a) - rank(b));
}

function Raw({ table, effects }: { table: string; effects: Alike }): ReactNode {
  const [open, setOpen] = useState(false);
  return (
    <details className="raw" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>raw values{effects.length > 1 && ` of ${effects.length} effects`}</summary>
      {open &&
        effects.map((effect) => (
          <FieldTable key={effect.position} caption={`Effect ${effect.position + 1}`} table={table} row={effect} />
        ))}
    </details>
  );
}
