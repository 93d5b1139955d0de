// Archetypes, and one of them: its caps with units and the powersets that it may choose.

import type { ReactNode } from "react";
import { useAll, useAnswer } from "../api/hooks";
import { capital, number, percent, words } from "../format";
import { To, useRealm } from "../links";
import type { Archetype as Row, WholeArchetype } from "../model";
import { Facts } from "../parts/Facts";
import { FieldTable } from "../parts/FieldTable";
import { Page } from "../parts/Page";
import { Waiting } from "../parts/Waiting";
import { RichText } from "../text";

export function Archetypes(): ReactNode {
  const fields = "fields=id,name,display_name,class_type,playable,description_short,hit_points_base";
  const all = useAll<Row>(useRealm(), `/archetypes?sort=display_name&${fields}`);
  return (
    <Page title="Archetypes">
      <Waiting for={all} what="the archetypes">
        {(rows) => (
          <>
            <ul className="cards">
              {rows
                .filter((row) => row.playable)
                .map((row) => (
                  <li key={row.id}>
                    <h2>
                      <To kind="archetype" thing={named(row)} />
                    </h2>
                    <p>
                      <RichText text={row.description_short} />
                    </p>
                    <p className="quiet">
                      {row.hit_points_base ? `${number(row.hit_points_base)} hit points at level 50` : ""}
                    </p>
                  </li>
                ))}
            </ul>
            <h2>Classes of pets, henchmen and foes</h2>
            <ul className="columns">
              {rows
                .filter((row) => !row.playable)
                .map((row) => (
                  <li key={row.id}>
                    <To kind="archetype" thing={named(row)} />
                  </li>
                ))}
            </ul>
          </>
        )}
      </Waiting>
    </Page>
  );
}

function named(row: Row) {
  return { id: row.id, key: row.name, display_name: row.display_name };
}

export function Archetype({ name }: { name: string }): ReactNode {
  const one = useAnswer<WholeArchetype>(useRealm(), `/archetypes/${encodeURIComponent(name)}`);
  return (
    <Waiting for={one} what="the archetype">
      {(data) => <Shown of={data} />}
    </Waiting>
  );
}

const ROLES = ["primary", "secondary", "ancillary"];

function Shown({ of }: { of: WholeArchetype }): ReactNode {
  const chosen = new Set(of.archetype_powerset.map((row) => row.powerset_id));
  const own = Map.groupBy(
    of.powersets.filter((set) => !chosen.has(set.id)),
    (set) => set.set_type ?? "other",
  );
  return (
    <Page
      title={of.display_name || of.name}
      above={of.playable ? "Archetype" : `Class${of.class_type ? ` (${words(of.class_type)})` : ""}`}
    >
      <p className="lead">
        <RichText text={of.description_short} />
      </p>
      <Caps of={of} />
      <p className="prose">
        <RichText text={of.description_long} />
      </p>
      <h2>Powersets</h2>
      {ROLES.map((role) => {
        const rows = of.archetype_powerset.filter((row) => row.role === role);
        return rows.length ? (
          <section key={role}>
            <h3>{capital(role)}</h3>
            <ul className="columns">
              {rows.map((row) => (
                <li key={row.powerset_id}>
                  <To kind="powerset" thing={row.powerset} />
                </li>
              ))}
            </ul>
          </section>
        ) : null;
      })}
      {[...own].map(([kind, sets]) => (
        <section key={kind}>
          <h3>Of its own: {words(kind)}</h3>
          <ul className="columns">
            {sets.map((set) => (
              <li key={set.id}>
                <To kind="powerset" thing={set} />
              </li>
            ))}
          </ul>
        </section>
      ))}
      {chosen.size === 0 && own.size === 0 && <p>No powerset belongs to it.</p>}
      <details className="raw">
        <summary>all values of the class</summary>
        <FieldTable caption={of.name} table="archetype" row={of} />
      </details>
    </Page>
  );
}

function Caps({ of }: { of: Row }): ReactNode {
  const times = (value: number | null) => (value === null ? null : `${number(value * 100)} % of base`);
  return (
    <Facts
      facts={[
        {
          name: "Hit points at level 50",
          of: "archetype.hit_points_base",
          value: of.hit_points_base && number(of.hit_points_base),
        },
        { name: "Hit points at most", of: "archetype.hitpoint_cap", value: of.hitpoint_cap && number(of.hitpoint_cap) },
        {
          name: "Resistance at most",
          of: "archetype.resistance_cap_fraction",
          value: of.resistance_cap_fraction === null ? null : percent(of.resistance_cap_fraction),
        },
        { name: "Damage at most", of: "archetype.damage_cap", value: times(of.damage_cap) },
        { name: "Recharge speed at most", of: "archetype.recharge_cap", value: times(of.recharge_cap) },
        { name: "Recovery at most", of: "archetype.recovery_cap", value: times(of.recovery_cap) },
        { name: "Regeneration at most", of: "archetype.regeneration_cap", value: times(of.regeneration_cap) },
        {
          name: "Perception at most",
          of: "archetype.perception_cap",
          value: of.perception_cap && `${number(of.perception_cap)} ft`,
        },
        {
          name: "Threat",
          of: "archetype.base_threat",
          value: of.base_threat === null ? null : `× ${number(of.base_threat)}`,
        },
        { name: "Origins", of: "archetype.origins", value: (of.origins ?? []).join(", ") },
      ]}
    />
  );
}
