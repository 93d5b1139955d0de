// A piece of salvage: where it drops.

import type { ReactNode } from "react";
import { useAnswer } from "../api/hooks";
import { levels, words } from "../format";
import { useRealm } from "../links";
import type { WholeSalvage } from "../model";
import { Facts } from "../parts/Facts";
import { Page } from "../parts/Page";
import { Waiting } from "../parts/Waiting";

export function Salvage({ name }: { name: string }): ReactNode {
  const one = useAnswer<WholeSalvage>(useRealm(), `/salvage/${encodeURIComponent(name)}`);
  return (
    <Waiting for={one} what="the salvage">
      {(of) => (
        <Page title={of.external_name || of.internal_name} above="Salvage">
          <Facts
            facts={[
              { name: "Rarity", of: "salvage.rarity", value: of.rarity && words(of.rarity) },
              { name: "Origin", of: "salvage.origin", value: of.origin && words(of.origin) },
              { name: "Drops at", value: levels(of.level_min, of.level_max) },
              { name: "Name inside", of: "salvage.internal_name", value: <code>{of.internal_name}</code> },
            ]}
          />
        </Page>
      )}
    </Waiting>
  );
}
