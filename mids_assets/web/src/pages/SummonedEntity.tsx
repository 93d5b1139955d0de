// A pet or henchman: its class and the powersets that it has.

import type { ReactNode } from "react";
import { useAnswer } from "../api/hooks";
import { words } from "../format";
import { To, useRealm } from "../links";
import type { WholeSummonedEntity } from "../model";
import { Facts } from "../parts/Facts";
import { Page } from "../parts/Page";
import { Waiting } from "../parts/Waiting";

export function SummonedEntity({ name }: { name: string }): ReactNode {
  const one = useAnswer<WholeSummonedEntity>(useRealm(), `/summoned-entities/${encodeURIComponent(name)}`);
  return (
    <Waiting for={one} what="the entity">
      {(of) => (
        <Page title={of.display_name || of.uid} above="Summoned entity">
          <Facts
            facts={[
              { name: "Kind", of: "summoned_entity.entity_type", value: of.entity_type && words(of.entity_type) },
              { name: "Class", value: <To kind="archetype" thing={of.archetype} written={of.class_name} /> },
              { name: "Name inside", of: "summoned_entity.uid", value: <code>{of.uid}</code> },
            ]}
          />
          <h2>Powersets</h2>
          <ul>
            {of.summoned_entity_powerset.map((row) => (
              <li key={row.position}>
                <To kind="powerset" thing={row.powerset} written={row.powerset_name} />
                {row.upgrade_power_name && (
                  <>
                    , once its owner has <To kind="power" thing={row.upgrade_power} written={row.upgrade_power_name} />
                  </>
                )}
              </li>
            ))}
            {of.summoned_entity_powerset.length === 0 && <li>It has none.</li>}
          </ul>
        </Page>
      )}
    </Waiting>
  );
}
