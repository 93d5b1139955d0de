// One change as a line of patch notes: "recharge time: 16 s, now 14 s".

import type { ReactNode } from "react";
import type { Change } from "../../api/answers";
import { number, shownLevel, words } from "../../format";
import { FIELDS } from "../../model";
import { plain } from "../../parts/FieldTable";
import { partsOf } from "./about";

const SHOWN = 120;

/** `own`: the table of the entity under whose heading the line stands. */
export function ChangeLine({ change, own }: { change: Change; own: string }): ReactNode {
  const row = partsOf(change).map(part).filter(Boolean).join(", ");
  const subject = change.table === own ? "" : `${words(change.table.replace(`${own}_`, ""))} ${row}`.trim();
  return <li className={change.change}>{said(change, subject)}</li>;
}

/** A part of a child's key as a person counts: from 1, where the source counts from 0. */
function part([name, value]: [string, string]): string {
  if (name === "level") {
    const level = shownLevel(Number(value));
    return level === null ? "any level" : `level ${level}`;
  }
  return /^(\w+_)?(position|row)$/.test(name) ? String(Number(value) + 1) : value;
}

function said(change: Change, subject: string): ReactNode {
  const field = change.field ? FIELDS[change.table]?.[change.field] : undefined;
  const named = change.field ? <span title={field?.meaning}>{words(change.field)}</span> : null;
  const lead = subject && `${subject}: `;
  if (!named) {
    if (change.change === "renamed") return `${lead}renamed from ${change.old_key ?? "another name"}`;
    return `${lead}${change.change}`;
  }
  return (
    <>
      {lead}
      {named}: <del>{value(change.old, field?.unit)}</del> → <ins>{value(change.new, field?.unit)}</ins>
    </>
  );
}

const UNITS: Record<string, string> = { seconds: " s", feet: " ft", degrees: "°" };

function value(stored: unknown, unit = ""): string {
  if (typeof stored === "number") {
    if (unit === "0-based level") return String(shownLevel(stored) ?? "any");
    return number(stored) + (UNITS[unit] ?? "");
  }
  const text = plain(stored);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}..` : text;
}
