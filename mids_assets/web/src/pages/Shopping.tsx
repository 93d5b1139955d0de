// The shopping list: what is on it, and what it takes in all. The address holds the list, so it can be handed on; a list
// that came with an address replaces one's own only once it is changed or kept.

import { type ReactNode, useEffect, useReducer } from "react";
import { useSearchParams } from "wouter";
import type { Hit } from "../api/answers";
import { client } from "../api/client";
import { useAnswers } from "../api/hooks";
import { number, shownLevel } from "../format";
import { To, useRealm } from "../links";
import type { WholeRecipe } from "../model";
import { Page } from "../parts/Page";
import { SearchBox } from "../parts/SearchBox";
import { Waiting } from "../parts/Waiting";
import { added, changed, type Item, keep, kept, read, written } from "./shopping/list";
import { totals } from "./shopping/totals";

export function Shopping(): ReactNode {
  const realm = useRealm();
  const [search, setSearch] = useSearchParams();
  const inAddress = search.get("list");
  const items = inAddress === null ? kept(realm) : read(inAddress);
  const own = written(kept(realm)) === written(items);
  const show = (next: Item[]) => setSearch({ list: written(next) }, { replace: true });
  // What is kept in the browser is no state of React's: keeping a list that the address holds already changes nothing else.
  const [, look] = useReducer((count: number) => count + 1, 0);
  const change = (next: Item[]) => {
    keep(realm, next);
    show(next);
    look();
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: the address is completed once.
  useEffect(() => {
    if (inAddress === null && items.length) show(items);
  }, [inAddress]);

  const add = async (hit: Hit) => {
    const recipe = await client.get<WholeRecipe>(realm, `/recipes/${hit.id}`);
    const level = recipe.data.recipe_level.at(-1)?.level ?? -1;
    change(added(items, { recipe: hit.id, level, quantity: 1 }));
  };

  return (
    <Page title="Shopping list">
      <div className="screen">
        <SearchBox label="Add a recipe" kind="recipe" onPick={(hit) => void add(hit)} />
        {!own && (
          <div className="notice">
            <p>This list came with the address. Your own one is kept until you change this one.</p>
            <button type="button" onClick={() => change(items)}>
              Keep this one
            </button>{" "}
            <button type="button" onClick={() => show(kept(realm))}>
              Back to my own
            </button>
          </div>
        )}
      </div>
      {items.length === 0 ? (
        <p>The list is empty. Look for a recipe above, or use Add on a recipe's page.</p>
      ) : (
        <List items={items} change={change} />
      )}
    </Page>
  );
}

function List({ items, change }: { items: Item[]; change: (items: Item[]) => void }): ReactNode {
  const ids = [...new Set(items.map((item) => item.recipe))];
  const answers = useAnswers<WholeRecipe>(
    useRealm(),
    ids.map((id) => `/recipes/${id}`),
  );
  return (
    <Waiting for={answers} what="the recipes">
      {(recipes) => {
        const byId = new Map(recipes.map((recipe) => [recipe.id, recipe]));
        return (
          <>
            <Items items={items} recipes={byId} change={change} />
            <Sums items={items} recipes={byId} />
            <p className="screen">
              <button type="button" onClick={() => window.print()}>
                Print
              </button>{" "}
              <button type="button" onClick={() => change([])}>
                Empty the list
              </button>
            </p>
            <p className="quiet screen">The address of this page holds the list: copy it to hand it on.</p>
          </>
        );
      }}
    </Waiting>
  );
}

function Items(props: {
  items: Item[];
  recipes: Map<number, WholeRecipe>;
  change: (items: Item[]) => void;
}): ReactNode {
  const { items, recipes, change } = props;
  return (
    <ul className="items">
      {items.map((item, index) => {
        const recipe = recipes.get(item.recipe);
        if (!recipe) return null;
        const named = { id: recipe.id, key: recipe.internal_name, display_name: recipe.external_name };
        const set = (part: Partial<Item>) => change(changed(items, index, { ...item, ...part }));
        return (
          <li key={`${item.recipe} ${item.level}`}>
            <To kind="recipe" thing={named} />
            <span>
              <label>
                level{" "}
                <select value={item.level} onChange={(event) => set({ level: Number(event.target.value) })}>
                  {recipe.recipe_level.map((row) => (
                    <option key={row.level} value={row.level}>
                      {shownLevel(row.level) ?? "any"}
                    </option>
                  ))}
                  {!recipe.recipe_level.some((row) => row.level === item.level) && (
                    <option value={item.level}>{shownLevel(item.level) ?? "any"} (none)</option>
                  )}
                </select>
              </label>{" "}
              <label>
                quantity{" "}
                <input
                  type="number"
                  min={1}
                  max={999}
                  value={item.quantity}
                  onChange={(event) =>
                    event.target.validity.valid && event.target.value && set({ quantity: Number(event.target.value) })
                  }
                />
              </label>{" "}
              <button
                type="button"
                className="screen"
                aria-label={`Remove ${recipe.external_name ?? recipe.internal_name}`}
                onClick={() => change(changed(items, index, null))}
              >
                Remove
              </button>
            </span>
          </li>
        );
      })}
    </ul>
  );
}

function Sums({ items, recipes }: { items: Item[]; recipes: Map<number, WholeRecipe> }): ReactNode {
  const sums = totals(items, recipes);
  return (
    <>
      <h2>In all</h2>
      <table className="sums">
        <tbody>
          <tr>
            <th scope="row">Buying the recipes</th>
            <td className="number">{number(sums.buying)}</td>
          </tr>
          <tr>
            <th scope="row">Crafting</th>
            <td className="number">{number(sums.crafting)}</td>
          </tr>
          <tr>
            <th scope="row">Influence together</th>
            <td className="number">
              <b>{number(sums.buying + sums.crafting)}</b>
            </td>
          </tr>
        </tbody>
      </table>
      <h2>Salvage</h2>
      <table className="sums" id="salvage">
        <tbody>
          {sums.salvage.map((needed) => (
            <tr key={needed.name}>
              <th scope="row">
                <To kind="salvage" thing={needed.thing} written={needed.name} />
              </th>
              <td className="number">{number(needed.count)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {sums.salvage.length === 0 && <p>It takes none.</p>}
    </>
  );
}
