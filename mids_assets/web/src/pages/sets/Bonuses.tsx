// What a set grants: for so many pieces, or with one of them.

import type { ReactNode } from "react";
import { together } from "../../effects/alike";
import { Sentence } from "../../effects/sentence";
import { useTables } from "../../effects/useTables";
import { To } from "../../links";
import type { EnhancementSetBonus, WholePower } from "../../model";
import { Failure, Loading } from "../../parts/Waiting";

export function Bonuses({ rows, powers }: { rows: EnhancementSetBonus[]; powers: WholePower[] }): ReactNode {
  const { tables, settled, error, fields } = useTables(null);
  const byId = new Map<number | undefined, WholePower>(powers.map((power) => [power.id, power]));
  const groups = [...Map.groupBy(rows, (row) => `${row.kind} ${row.row}`).values()];
  if (error) return <Failure error={error} />;
  if (!settled) return <Loading what="the modifier tables" />;
  return (
    <>
      {fields}
      <dl className="bonuses">
        {groups.map((group) => {
          const [row] = group as [EnhancementSetBonus];
          return (
            <div key={`${row.kind} ${row.row}`}>
              <dt>
                {row.kind === "set" ? `${row.slotted} pieces` : <With row={row} />}
                {row.pv_mode && row.pv_mode !== "Any" && ` (${row.pv_mode} only)`}
              </dt>
              <dd>
                {group.map((each) => (
                  <Bonus key={each.position} row={each} power={byId.get(each.power?.id)} tables={tables} />
                ))}
              </dd>
            </div>
          );
        })}
      </dl>
    </>
  );
}

function With({ row }: { row: EnhancementSetBonus }): ReactNode {
  return (
    <>
      with <To kind="enhancement" thing={row.enhancement} written={`piece ${row.row + 1}`} />
    </>
  );
}

function Bonus(props: {
  row: EnhancementSetBonus;
  power: WholePower | undefined;
  tables: Parameters<typeof Sentence>[0]["tables"];
}): ReactNode {
  const { power, row } = props;
  const told = together(power?.power_effect ?? [], power?.power_effect_condition ?? []);
  return (
    <>
      <ul>
        {told.map(({ effects, conditions }) => (
          <li key={effects[0].position}>
            <Sentence
              effects={effects}
              conditions={conditions}
              tables={props.tables}
              of={power}
              whom={effects[0].to_who !== "Self"}
            />
            {effects[0].pv_mode && effects[0].pv_mode !== "Any" && ` (${effects[0].pv_mode} only)`}
          </li>
        ))}
      </ul>
      <p className="quiet">
        {row.alt_string && `${row.alt_string} `}
        <To kind="power" thing={row.power} written={row.power_name} />
      </p>
    </>
  );
}
