// Facts as pairs of name and value; those without a value are left out. Names explain themselves by the model's text.

import type { ReactNode } from "react";
import { FIELDS } from "../model";

export interface Fact {
  name: string;
  /** "table.column" whose meaning is told. */
  of?: string;
  value: ReactNode;
}

export function Facts({ facts }: { facts: Fact[] }): ReactNode {
  return (
    <dl className="facts">
      {facts
        .filter(({ value }) => value !== null && value !== undefined && value !== "" && value !== false)
        .map(({ name, of, value }) => (
          <div key={name}>
            <dt title={meaning(of)}>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

function meaning(of: string | undefined): string | undefined {
  const [table, column] = (of ?? "").split(".");
  return FIELDS[table ?? ""]?.[column ?? ""]?.meaning;
}
