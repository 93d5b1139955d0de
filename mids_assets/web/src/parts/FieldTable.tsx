// The columns of a row as they are stored, with unit and meaning from the model.

import type { ReactNode } from "react";
import { FIELDS } from "../model";

export function FieldTable(props: { caption: string; table: string; row: object }): ReactNode {
  const fields = FIELDS[props.table] ?? {};
  const shown = Object.entries(props.row).filter(([name, value]) => name in fields && stated(value));
  return (
    <div className="wide">
      <table className="fields">
        <caption>{props.caption}</caption>
        <thead>
          <tr>
            <th scope="col">field</th>
            <th scope="col">value</th>
            <th scope="col">meaning</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">
                <code>{name}</code>
              </th>
              <td>
                {plain(value)}
                {fields[name]?.unit && ` ${fields[name].unit}`}
              </td>
              <td>{fields[name]?.meaning}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function stated(value: unknown): boolean {
  return value !== null && value !== "" && !(Array.isArray(value) && value.length === 0);
}

/** A stored value as text. */
export function plain(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value) && value.every((each) => typeof each !== "object")) return value.join(", ") || "nothing";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
