// An enhancement: what it boosts or carries, its set, and how it is made.

import type { ReactNode } from "react";
import { useAnswer } from "../api/hooks";
import { EffectList } from "../effects/EffectList";
import { useTables } from "../effects/useTables";
import { levels, percent, words } from "../format";
import { To, useRealm } from "../links";
import type { EnhancementEffect, WholeEnhancement } from "../model";
import { Facts } from "../parts/Facts";
import { FieldTable } from "../parts/FieldTable";
import { Page } from "../parts/Page";
import { Failure, Loading, Waiting } from "../parts/Waiting";
import { RichText } from "../text";
import { Boosts } from "./enhancement/Boosts";

export function Enhancement({ name }: { name: string }): ReactNode {
  const one = useAnswer<WholeEnhancement>(useRealm(), `/enhancements/${encodeURIComponent(name)}`);
  return (
    <Waiting for={one} what="the enhancement">
      {(data) => <Shown of={data} />}
    </Waiting>
  );
}

const TYPES: Record<string, string> = {
  Normal: "training, dual or single origin",
  InventO: "invention",
  SpecialO: "special",
  SetO: "piece of a set",
};

function Shown({ of }: { of: WholeEnhancement }): ReactNode {
  const name = of.name || of.uid;
  const boosts = of.enhancement_effect.filter((effect) => !effect.has_fx);
  const carried = of.enhancement_effect.filter((effect) => effect.has_fx);
  return (
    <Page title={of.enhancement_set ? `${of.enhancement_set.display_name}: ${name}` : name} above="Enhancement">
      <p className="prose">
        <RichText text={of.description} />
      </p>
      <Facts
        facts={[
          { name: "Type", of: "enhancement.type_id", value: of.type_id && (TYPES[of.type_id] ?? words(of.type_id)) },
          {
            name: "Set",
            of: "enhancement.enhancement_set_id",
            value: of.enhancement_set && <To kind="enhancement_set" thing={of.enhancement_set} />,
          },
          { name: "Levels", value: levels(of.level_min, of.level_max) },
          {
            name: "Chance",
            of: "enhancement.effect_chance",
            value: of.effect_chance !== null && of.effect_chance < 1 && percent(of.effect_chance),
          },
          { name: "Only one in a build", of: "enhancement.unique", value: of.unique && "yes" },
          { name: "Superior", of: "enhancement.superior", value: of.superior && "yes" },
          {
            name: "Classes",
            value: of.enhancement_class_member
              .map((row) => row.enhancement_class?.name ?? row.enhancement_class_id)
              .join(", "),
          },
          { name: "Recipe", of: "enhancement.recipe_id", value: of.recipe && <To kind="recipe" thing={of.recipe} /> },
          {
            name: "Power that it grants",
            of: "enhancement.boost_power_id",
            value: of.boost_power && <To kind="power" thing={of.boost_power} />,
          },
        ]}
      />
      {boosts.length > 0 && <Boosts of={of} effects={boosts} />}
      {carried.length > 0 && <Carried effects={carried} />}
      <details className="raw">
        <summary>all values of the enhancement</summary>
        <FieldTable caption={of.uid} table="enhancement" row={of} />
      </details>
    </Page>
  );
}

function Carried({ effects }: { effects: EnhancementEffect[] }): ReactNode {
  const { tables, settled, error, fields } = useTables(null);
  return (
    <section>
      <h2>What it does</h2>
      {fields}
      {error && <Failure error={error} />}
      {settled ? (
        <EffectList table="enhancement_effect" effects={effects} tables={tables} />
      ) : (
        <Loading what="the modifier tables" />
      )}
    </section>
  );
}
