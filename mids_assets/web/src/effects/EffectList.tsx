// The effects of a power or enhancement: grouped by PvE and PvP and by whom they reach, each as a sentence, with the
// raw values behind it.

import { Fragment, type ReactNode, useMemo, useState } from "react";
import { capital } from "../format";
import type { PowerEffectCondition } from "../model";
import { FieldTable } from "../parts/FieldTable";
import { type Alike, type Told, together } from "./alike";
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
  const modes = useMemo(() => {
    const told = together(effects, conditions ?? []);
    return grouped(told, MODE_ORDER, (effect) => effect.pv_mode ?? "Any").map(
      ([mode, some]) => [mode, grouped(some, WHOM_ORDER, (effect) => effect.to_who ?? "Unspecified")] as const,
    );
  }, [effects, conditions]);
  if (modes.length === 0) return <p>It has no effects of its own.</p>;
  return modes.map(([mode, reached]) => (
    <section key={mode}>
      <h3>{MODES[mode] ?? mode}</h3>
      {reached.map(([whom, all]) => (
        <Fragment key={whom}>
          <h4>{capital(WHOM[whom] ?? whom)}</h4>
          <ul className="effects">
            {all.map((told) => (
              <li key={told.effects[0].position}>
                <Sentence {...told} tables={props.tables} of={props.of} />
                <Raw table={props.table} effects={told.effects} />
              </li>
            ))}
          </ul>
        </Fragment>
      ))}
    </section>
  ));
}

function grouped(all: Told[], order: string[], name: (effect: Effect) => string): [string, Told[]][] {
  const groups = Map.groupBy(all, (told) => name(told.effects[0]));
  return [...groups].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
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
