// What one must own, or must not, to choose a power.

import { Fragment, type ReactNode } from "react";
import { To } from "../../links";
import type { PowerPrerequisite, WholePower } from "../../model";

export function Prerequisites({ power }: { power: WholePower }): ReactNode {
  const rows = power.power_prerequisite;
  const idle = rows.filter((row) => !leads(row));
  const needed = alternatives(rows.filter((row) => leads(row) && !row.negated));
  const barred = rows.filter((row) => leads(row) && row.negated);
  const classes = power.power_archetype_rule;
  const [only, never] = [classes.filter((row) => !row.excluded), classes.filter((row) => row.excluded)];
  if (!rows.length && !classes.length && !power.power_group.length) return null;
  return (
    <section>
      <h2>What it needs</h2>
      {needed.length > 0 && (
        <>
          <p>{needed.length > 1 ? "One of these must be owned:" : "This must be owned:"}</p>
          <ul>
            {needed.map((rows) => (
              <li key={rows[0]?.alternative}>
                {rows.map((row, place) => (
                  <Fragment key={row.position}>
                    {place > 0 && " and "}
                    <Required row={row} />
                  </Fragment>
                ))}
              </li>
            ))}
          </ul>
        </>
      )}
      {barred.length > 0 && (
        <>
          <p>None of these may be owned:</p>
          <ul>
            {barred.map((row) => (
              <li key={`${row.alternative} ${row.position}`}>
                <Required row={row} />
              </li>
            ))}
          </ul>
        </>
      )}
      {only.length > 0 && (
        <p>
          Only for <Classes rows={only} />.
        </p>
      )}
      {never.length > 0 && (
        <p>
          Not for <Classes rows={never} />.
        </p>
      )}
      {power.power_group.length > 0 && (
        <p>Excludes powers of the same group: {power.power_group.map((row) => row.group_membership).join(", ")}.</p>
      )}
      {idle.length > 0 && (
        <p className="quiet">
          Names that lead to nothing in this release, and so restrict nothing:{" "}
          {idle.map((row) => row.required_name).join(", ")}.
        </p>
      )}
    </section>
  );
}

function alternatives(rows: PowerPrerequisite[]): PowerPrerequisite[][] {
  return [...Map.groupBy(rows, (row) => row.alternative).values()];
}

/** A name that leads nowhere restricts nothing, as in the source program. */
function leads(row: PowerPrerequisite): boolean {
  return row.required_power !== null || row.required_powerset !== null;
}

function Required({ row }: { row: PowerPrerequisite }): ReactNode {
  if (row.required_powerset) return <To kind="powerset" thing={row.required_powerset} />;
  return <To kind="power" thing={row.required_power} />;
}

function Classes({ rows }: { rows: WholePower["power_archetype_rule"] }): ReactNode {
  return rows.map((row, place) => (
    <Fragment key={row.class_name}>
      {place > 0 && ", "}
      <To kind="archetype" thing={row.archetype} written={row.class_name} />
    </Fragment>
  ));
}
