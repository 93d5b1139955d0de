// Powers and entities that a power brings along, grants, summons or turns into.

import type { ReactNode } from "react";
import { To } from "../../links";
import type { EntityTable, Named, WholePower } from "../../model";

interface Group {
  heading: string;
  kind: EntityTable;
  things: Named[];
}

export function Related({ power }: { power: WholePower }): ReactNode {
  const effects = power.power_effect;
  const groups: Group[] = [
    { heading: "Comes with", kind: "power", things: once(power.power_sub_power.map((row) => row.sub_power)) },
    { heading: "Grants or carries out", kind: "power", things: once(effects.map((row) => row.granted_power)) },
    { heading: "Is replaced by", kind: "power", things: once(effects.map((row) => row.redirect_power)) },
    { heading: "Summons", kind: "summoned_entity", things: once(effects.map((row) => row.summoned_entity)) },
  ];
  const shown = groups.filter((group) => group.things.length > 0);
  if (shown.length === 0) return null;
  return (
    <section>
      <h2>What belongs to it</h2>
      {shown.map((group) => (
        <div key={group.heading}>
          <h3>{group.heading}</h3>
          <ul>
            {group.things.map((thing) => (
              <li key={thing.id}>
                <To kind={group.kind} thing={thing} /> <code>{thing.key}</code>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}

function once(things: (Named | null)[]): Named[] {
  return [...new Map(things.filter((each) => each !== null).map((each) => [each.id, each])).values()];
}
