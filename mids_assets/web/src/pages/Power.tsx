// A power: what it is, what it does, what it needs and takes, and how it came to be so.

import type { ReactNode } from "react";
import { useAnswer } from "../api/hooks";
import { EffectList } from "../effects/EffectList";
import { useTables } from "../effects/useTables";
import { To, useRealm } from "../links";
import { useLineage } from "../meta";
import type { WholePower, WholePowerset } from "../model";
import { FieldTable } from "../parts/FieldTable";
import { Page } from "../parts/Page";
import { Failure, Loading, Waiting } from "../parts/Waiting";
import { RichText } from "../text";
import { History } from "./power/History";
import { Prerequisites } from "./power/Prerequisites";
import { Related } from "./power/Related";
import { Slots } from "./power/Slots";
import { Summary } from "./power/Summary";

export function Power({ name }: { name: string }): ReactNode {
  const power = useAnswer<WholePower>(useRealm(), `/powers/${encodeURIComponent(name)}`);
  return (
    <Waiting for={power} what="the power">
      {(data) => <Shown power={data} />}
    </Waiting>
  );
}

function Shown({ power }: { power: WholePower }): ReactNode {
  const lineage = useLineage(useRealm(), "power");
  return (
    <Page
      title={power.display_name || power.full_name}
      above={
        <>
          Power of <To kind="powerset" thing={power.powerset} />
        </>
      }
    >
      <p className="lead">
        <RichText text={power.description_short} />
      </p>
      <Summary power={power} />
      {power.description_long && (
        <p className="prose">
          <RichText text={power.description_long} />
        </p>
      )}
      <Effects power={power} />
      <Prerequisites power={power} />
      <Slots power={power} />
      <Related power={power} />
      <History power={power} />
      <section>
        <h2>The record</h2>
        <p>
          <code>{power.full_name}</code>, number {power.id}.{" "}
          {lineage && <a href={lineage}>Where the table comes from (Dagster)</a>}
        </p>
        <details className="raw">
          <summary>all values of the power</summary>
          <FieldTable caption={power.full_name} table="power" row={power} />
        </details>
      </section>
    </Page>
  );
}

function Effects({ power }: { power: WholePower }): ReactNode {
  // Whose power it is says at which class's modifiers a reader most likely wants to see it.
  const set = useAnswer<WholePowerset>(useRealm(), `/powersets/${power.powerset.id}?fields=archetype`);
  const owner =
    power.forced_class ?? (set.state === "done" ? set.data.archetype : set.state === "failed" ? null : undefined);
  const { tables, settled, error, fields } = useTables(owner);
  return (
    <section aria-labelledby="effects">
      <h2 id="effects">What it does</h2>
      {fields}
      {error && <Failure error={error} />}
      {settled ? (
        <EffectList
          table="power_effect"
          effects={power.power_effect}
          conditions={power.power_effect_condition}
          tables={tables}
          of={power}
        />
      ) : (
        <Loading what="the modifier tables" />
      )}
    </section>
  );
}
