// A recipe: what it makes, and what crafting takes at each level.

import { type ReactNode, useState } from "react";
import { Link } from "wouter";
import { useAnswer } from "../api/hooks";
import { number, shownLevel, words } from "../format";
import { To, useHref, useRealm } from "../links";
import type { WholeRecipe } from "../model";
import { Facts } from "../parts/Facts";
import { Page } from "../parts/Page";
import { Waiting } from "../parts/Waiting";
import { added, keep, kept } from "./shopping/list";

export function Recipe({ name }: { name: string }): ReactNode {
  const one = useAnswer<WholeRecipe>(useRealm(), `/recipes/${encodeURIComponent(name)}`);
  return (
    <Waiting for={one} what="the recipe">
      {(data) => <Shown of={data} />}
    </Waiting>
  );
}

function Shown({ of }: { of: WholeRecipe }): ReactNode {
  const realm = useRealm();
  const list = useHref("/shopping");
  const [said, setSaid] = useState<number>();
  return (
    <Page title={of.external_name || of.internal_name} above="Recipe">
      <Facts
        facts={[
          {
            name: "Makes",
            value: <To kind="enhancement" thing={of.enhancement} written={of.enhancement_uid || "no enhancement"} />,
          },
          { name: "Rarity", of: "recipe.rarity", value: of.rarity && words(of.rarity) },
          { name: "Name inside", of: "recipe.internal_name", value: <code>{of.internal_name}</code> },
        ]}
      />
      <h2>What it takes</h2>
      <div className="wide">
        <table>
          <thead>
            <tr>
              <th scope="col">level</th>
              <th scope="col">
                <span className="hidden">add to the list</span>
              </th>
              <th scope="col">buying</th>
              <th scope="col">crafting</th>
              <th scope="col">salvage</th>
            </tr>
          </thead>
          <tbody>
            {of.recipe_level.map((row) => (
              <tr key={row.level}>
                <th scope="row">{shownLevel(row.level) ?? "any"}</th>
                <td className="screen">
                  <button
                    type="button"
                    aria-label={`Add level ${shownLevel(row.level) ?? "any"} to the shopping list`}
                    onClick={() => {
                      keep(realm, added(kept(realm), { recipe: of.id, level: row.level, quantity: 1 }));
                      setSaid(row.level);
                    }}
                  >
                    Add
                  </button>
                </td>
                <td className="number">{number(row.buy_cost ?? 0)}</td>
                <td className="number">{number(row.craft_cost ?? 0)}</td>
                <td>
                  {of.recipe_salvage
                    .filter((each) => each.level === row.level)
                    .map((each, place) => (
                      <span key={each.position}>
                        {place > 0 && ", "}
                        {each.count} <To kind="salvage" thing={each.salvage} written={each.salvage_name} />
                      </span>
                    ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {of.recipe_level.length === 0 && <p>This release states no level of it.</p>}
      <p role="status">
        {said !== undefined && (
          <>
            Level {shownLevel(said) ?? "any"} is on the <Link href={list}>shopping list</Link>.
          </>
        )}
      </p>
    </Page>
  );
}
