// What may be slotted into a power: classes of enhancements, types of sets, and the sets of those types.

import { type ReactNode, useState } from "react";
import { useAll } from "../../api/hooks";
import { levels, series, words } from "../../format";
import { To, useRealm } from "../../links";
import type { EnhancementSet, WholePower } from "../../model";
import { Waiting } from "../../parts/Waiting";

export function Slots({ power }: { power: WholePower }): ReactNode {
  const classes = power.power_allowed_enhancement.map(
    (row) => row.enhancement_class?.name ?? `class ${row.enhancement_class_id}`,
  );
  const types = power.power_allowed_set_type;
  const ignored = power.power_ignored_aspect;
  if (!classes.length && !types.length && !ignored.length) return null;
  return (
    <section>
      <h2>What may be slotted</h2>
      {classes.length > 0 && <p>Enhancements of {series(classes)}.</p>}
      {ignored.length > 0 && (
        <p>Not changed: {ignored.map((row) => `${words(row.aspect ?? "?")} (by ${row.kind}s)`).join(", ")}.</p>
      )}
      {types.map((row) => (
        <Fitting key={row.set_type} type={row.set_type} name={row.set_type_name ?? `type ${row.set_type}`} />
      ))}
    </section>
  );
}

function Fitting({ type, name }: { type: number; name: string }): ReactNode {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Sets of type {name}</summary>
      {open && <Sets type={type} />}
    </details>
  );
}

function Sets({ type }: { type: number }): ReactNode {
  const fields = "fields=id,uid,display_name,level_min,level_max&sort=display_name";
  const sets = useAll<EnhancementSet>(useRealm(), `/enhancement-sets?set_type=${type}&${fields}`);
  return (
    <Waiting for={sets} what="the sets">
      {(rows) => (
        <ul>
          {rows.map((set) => (
            <li key={set.id}>
              <To kind="enhancement_set" thing={{ id: set.id, key: set.uid, display_name: set.display_name }} />,{" "}
              {levels(set.level_min, set.level_max)}
            </li>
          ))}
          {rows.length === 0 && <li>This release has none.</li>}
        </ul>
      )}
    </Waiting>
  );
}
