// One change as a line of patch notes: "recharge time: 16 s, now 14 s".

import type { ReactNode } from "react";
import type { Change } from "../api/answers";
import { number, words } from "../format";
import { FIELDS } from "../model";
import { plain } from "./FieldTable";

const SHOWN = 120;

/** `own`: the table of the entity under whose heading the line stands. */
export function ChangeLine({ change, own }: { change: Change; own: string }): ReactNode {
  const subject =
    change.table === own ? "" : `${words(change.table.replace(`${own}_`, ""))} ${within(change.key)}`.trim();
  return <li className={change.change}>{said(change, subject)}</li>;
}

/** What stands behind the parent in a child's key. */
function within(key: string): string {
  return key.split(" / ").slice(1).join(" / ");
}

function said(change: Change, subject: string): ReactNode {
  const field = change.field ? FIELDS[change.table]?.[change.field] : undefined;
  const named = change.field ? <span title={field?.meaning}>{words(change.field)}</span> : null;
  const lead = subject && `${subject}: `;
  if (!named) {
    if (change.change === "renamed") return `${lead}renamed from ${change.old_key ?? "another name"}`;
    return `${lead}${change.change}`;
  }
  const unit = field?.unit && !field.unit.includes(" ") ? ` ${UNITS[field.unit] ?? field.unit}` : "";
  return (
    <>
      {lead}
      {named}: <del>{value(change.old, unit)}</del> <ins>{value(change.new, unit)}</ins>
    </>
  );
}

const UNITS: Record<string, string> = { seconds: "s", feet: "ft" };

function value(stored: unknown, unit: string): string {
  if (typeof stored === "number") return number(stored) + unit;
  const text = plain(stored);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}..` : text;
}
