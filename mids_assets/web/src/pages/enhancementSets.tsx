// Enhancement sets, and one of them: its pieces, and its bonuses in words.

import { type ReactNode, useState } from "react";
import { useAll, useAnswer, useAnswers } from "../api/hooks";
import { levels } from "../format";
import { nameOf, To, useRealm } from "../links";
import type { EnhancementSet as Row, SetType, WholeEnhancementSet, WholePower } from "../model";
import { Page } from "../parts/Page";
import { Waiting } from "../parts/Waiting";
import { RichText } from "../text";
import { Bonuses } from "./sets/Bonuses";

export function EnhancementSets(): ReactNode {
  const realm = useRealm();
  const [wanted, setWanted] = useState("");
  const fields = "fields=id,uid,display_name,set_type,level_min,level_max";
  const sets = useAll<Row>(realm, `/enhancement-sets?sort=display_name&${fields}`);
  const types = useAnswer<SetType[]>(realm, "/reference/set_type");
  const nameOfType = (position: number) =>
    (types.state === "done" && types.data.find((type) => type.position === position)?.name) || `Type ${position}`;
  return (
    <Page title="Enhancement sets">
      <label>
        Names with <input type="search" value={wanted} onChange={(event) => setWanted(event.target.value)} />
      </label>
      <Waiting for={sets} what="the sets">
        {(rows) => {
          const shown = rows.filter((row) => nameOf(named(row)).toLowerCase().includes(wanted.trim().toLowerCase()));
          const byType = [...Map.groupBy(shown, (row) => row.set_type)].sort(([a], [b]) => a - b);
          return (
            <>
              {byType.map(([type, some]) => (
                <section key={type}>
                  <h2>{nameOfType(type)}</h2>
                  <ul className="columns">
                    {some.map((row) => (
                      <li key={row.id}>
                        <To kind="enhancement_set" thing={named(row)} />{" "}
                        <small>{levels(row.level_min, row.level_max)}</small>
                      </li>
                    ))}
                  </ul>
                </section>
              ))}
              {shown.length === 0 && <p>No set has that in its name.</p>}
            </>
          );
        }}
      </Waiting>
    </Page>
  );
}

function named(row: Row) {
  return { id: row.id, key: row.uid, display_name: row.display_name };
}

export function EnhancementSet({ name }: { name: string }): ReactNode {
  const one = useAnswer<WholeEnhancementSet>(useRealm(), `/enhancement-sets/${encodeURIComponent(name)}`);
  return (
    <Waiting for={one} what="the set">
      {(data) => <Shown of={data} />}
    </Waiting>
  );
}

function Shown({ of }: { of: WholeEnhancementSet }): ReactNode {
  const ids = [...new Set(of.enhancement_set_bonus.map((row) => row.power_id))].filter((id) => id !== null);
  const powers = useAnswers<WholePower>(
    useRealm(),
    ids.map((id) => `/powers/${id}?fields=id,power_type,activate_period,power_effect,power_effect_condition`),
  );
  return (
    <Page
      title={of.display_name || of.uid}
      above={`Enhancement set for ${of.set_type_name ?? "powers"}, ${levels(of.level_min, of.level_max)}`}
    >
      <p className="prose">
        <RichText text={of.description} />
      </p>
      <h2>Pieces</h2>
      <ul>
        {of.enhancements.map((piece) => (
          <li key={piece.id}>
            <To kind="enhancement" thing={piece} />
          </li>
        ))}
        {of.enhancements.length === 0 && <li>This release names none.</li>}
      </ul>
      <h2>Bonuses</h2>
      {of.enhancement_set_bonus.length === 0 && <p>It gives none.</p>}
      {of.enhancement_set_bonus.length > 0 && ids.length === 0 && (
        // An export of a part of the game's data names powers that it does not hold.
        <Bonuses rows={of.enhancement_set_bonus} powers={[]} />
      )}
      {ids.length > 0 && (
        <Waiting for={powers} what="the bonuses">
          {(all) => <Bonuses rows={of.enhancement_set_bonus} powers={all} />}
        </Waiting>
      )}
    </Page>
  );
}
