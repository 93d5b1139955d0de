// Powersets by kind, and one of them: its powers in order with their levels.

import type { ReactNode } from "react";
import { useSearchParams } from "wouter";
import { useAnswer, usePages } from "../api/hooks";
import { words } from "../format";
import { To, useRealm } from "../links";
import type { PowerSetTypeName, Powerset as Row, WholePowerset } from "../model";
import { More } from "../parts/More";
import { Page } from "../parts/Page";
import { Waiting } from "../parts/Waiting";
import { RichText } from "../text";

const KINDS: PowerSetTypeName[] = [
  "Primary",
  "Secondary",
  "Ancillary",
  "Pool",
  "Inherent",
  "Incarnate",
  "Accolade",
  "Temp",
  "Pet",
  "SetBonus",
  "Boost",
  "Redirect",
];

export function Powersets(): ReactNode {
  const [search, setSearch] = useSearchParams();
  const kind = search.get("kind") ?? "Primary";
  const fields = "fields=id,full_name,display_name";
  const pages = usePages<Row>(
    useRealm(),
    `/powersets?set_type=${encodeURIComponent(kind)}&sort=display_name&limit=200&${fields}`,
  );
  return (
    <Page title="Powersets">
      <label>
        Kind{" "}
        <select value={kind} onChange={(event) => setSearch({ kind: event.target.value }, { replace: true })}>
          {KINDS.map((name) => (
            <option key={name} value={name}>
              {words(name)}
            </option>
          ))}
        </select>
      </label>
      <ul className="columns">
        {pages.rows.map((row) => (
          <li key={row.id}>
            <To kind="powerset" thing={{ id: row.id, key: row.full_name, display_name: row.display_name }} />{" "}
            <small>{words(row.full_name.split(".")[0] ?? "")}</small>
          </li>
        ))}
      </ul>
      {pages.state === "done" && pages.rows.length === 0 && (
        <p>This release has none of that kind. Choose another one.</p>
      )}
      <More pages={pages} what="the powersets" />
    </Page>
  );
}

export function Powerset({ name }: { name: string }): ReactNode {
  const one = useAnswer<WholePowerset>(useRealm(), `/powersets/${encodeURIComponent(name)}`);
  return (
    <Waiting for={one} what="the powerset">
      {(data) => <Shown of={data} />}
    </Waiting>
  );
}

function Shown({ of }: { of: WholePowerset }): ReactNode {
  return (
    <Page
      title={of.display_name || of.full_name}
      above={
        <>
          Powerset{of.set_type && ` (${words(of.set_type)})`}
          {of.archetype && (
            <>
              {" "}
              of <To kind="archetype" thing={of.archetype} />
            </>
          )}
        </>
      }
    >
      <p className="prose">
        <RichText text={of.description} />
      </p>
      {of.trunk_set && (
        <p>
          A branch of <To kind="powerset" thing={of.trunk_set} />.
        </p>
      )}
      {of.link_secondary && (
        <p>
          Comes with <To kind="powerset" thing={of.link_secondary} />.
        </p>
      )}
      {of.powerset_mutex.length > 0 && (
        <p>
          Not together with{" "}
          {of.powerset_mutex.map((row, place) => (
            <span key={row.position}>
              {place > 0 && ", "}
              <To kind="powerset" thing={row.excluded_powerset} written={row.excluded_powerset_name} />
            </span>
          ))}
          .
        </p>
      )}
      <h2>Powers</h2>
      {of.powers.length === 0 ? (
        <p>It has no powers.</p>
      ) : (
        <ol className="powers">
          {of.powers.map((power) => (
            <li key={power.id}>
              <span className="level">{power.level_available ? `level ${power.level_available}` : "granted"}</span>
              <span>
                <To kind="power" thing={power} />
                <small>
                  <RichText text={power.description_short} />
                </small>
              </span>
            </li>
          ))}
        </ol>
      )}
    </Page>
  );
}
