// What changed between two releases, grouped by what it is about, as patch notes are.

import { type ReactNode, useDeferredValue, useMemo } from "react";
import { useSearchParams } from "wouter";
import type { Change, ChangeSummary, ReleaseFacts } from "../api/answers";
import { useAnswer, usePages } from "../api/hooks";
import { day, number, words } from "../format";
import { useRealm } from "../links";
import { More } from "../parts/More";
import { Page } from "../parts/Page";
import { Waiting } from "../parts/Waiting";
import { about } from "./changes/about";
import { Entity } from "./changes/Entity";

const FILTERS = ["table", "change", "key"] as const;
const KINDS: Change["change"][] = ["added", "removed", "renamed", "changed"];

export function Changes(): ReactNode {
  const [search, setSearch] = useSearchParams();
  const releases = useAnswer<ReleaseFacts[]>(useRealm(), "/releases");
  const set = (name: string, value: string) =>
    setSearch(
      (before) => {
        if (value) before.set(name, value);
        else before.delete(name);
        return before;
      },
      { replace: true },
    );
  return (
    <Page title="What changed">
      <Waiting for={releases} what="the releases">
        {(all) => {
          const [published, before] = all;
          if (!published || !before) {
            return <p>Only one release was published so far. What the next one changes will stand here.</p>;
          }
          const between = { from: search.get("from") ?? before.release, to: search.get("to") ?? published.release };
          return (
            <>
              <Between all={all} chosen={between} set={set} />
              <Found between={between} search={search} set={set} />
            </>
          );
        }}
      </Waiting>
    </Page>
  );
}

function Between(props: {
  all: ReleaseFacts[];
  chosen: { from: string; to: string };
  set: (name: string, value: string) => void;
}): ReactNode {
  const { all, chosen, set } = props;
  const choice = (name: "from" | "to") => (
    <label>
      {name === "from" ? "From" : "To"}{" "}
      <select value={chosen[name]} onChange={(event) => set(name, event.target.value)}>
        {all.map((one) => (
          <option key={one.release} value={one.release}>
            {one.version ?? "no version"}, {day(one.release_date)} ({one.release.slice(0, 8)}
            {one.state === "published" ? ", published" : ""})
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <fieldset className="at">
      <legend>Between</legend>
      {choice("from")} {choice("to")}
    </fieldset>
  );
}

function Found(props: {
  between: { from: string; to: string };
  search: URLSearchParams;
  set: (name: string, value: string) => void;
}): ReactNode {
  const { search, set } = props;
  const realm = useRealm();
  const query = new URLSearchParams({ ...props.between, limit: "200" });
  for (const name of FILTERS) {
    const value = search.get(name);
    if (value) query.set(name, value);
  }
  const path = useDeferredValue(`/changes?${query}`);
  const pages = usePages<Change, ChangeSummary>(realm, path);
  const groups = useMemo(() => [...Map.groupBy(pages.rows, about)], [pages.rows]);
  return (
    <>
      {pages.summary && <Summary of={pages.summary} />}
      <fieldset className="at">
        <legend>Show</legend>
        <label>
          Table{" "}
          <select value={search.get("table") ?? ""} onChange={(event) => set("table", event.target.value)}>
            <option value="">all</option>
            {tables(pages.summary, search.get("table")).map((name) => (
              <option key={name} value={name}>
                {words(name)}
              </option>
            ))}
          </select>
        </label>{" "}
        <label>
          Kind{" "}
          <select value={search.get("change") ?? ""} onChange={(event) => set("change", event.target.value)}>
            <option value="">all</option>
            {KINDS.map((kind) => (
              <option key={kind}>{kind}</option>
            ))}
          </select>
        </label>{" "}
        <label>
          Key{" "}
          <input type="search" value={search.get("key") ?? ""} onChange={(event) => set("key", event.target.value)} />
        </label>
      </fieldset>
      {pages.leftOut.length > 0 && (
        <p className="quiet">
          Not compared, since a source between the two does not have it: {pages.leftOut.join(", ")}.
        </p>
      )}
      {groups.map(([key, rows]) => (
        <Entity key={key} rows={rows} />
      ))}
      {pages.state === "done" && pages.rows.length === 0 && <p>Nothing of that kind changed between the two.</p>}
      <More pages={pages} what="what changed" />
    </>
  );
}

function tables(summary: ChangeSummary | undefined, chosen: string | null): string[] {
  return [...new Set([...Object.keys(summary ?? {}), ...(chosen ? [chosen] : [])])].sort();
}

function Summary({ of }: { of: ChangeSummary }): ReactNode {
  const rows = Object.entries(of);
  if (rows.length === 0) return null;
  return (
    <details>
      <summary>how much, by table</summary>
      <div className="wide">
        <table>
          <thead>
            <tr>
              <th scope="col">table</th>
              {KINDS.map((kind) => (
                <th scope="col" key={kind}>
                  {kind}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(([table, counts]) => (
              <tr key={table}>
                <th scope="row">{words(table)}</th>
                {KINDS.map((kind) => (
                  <td className="number" key={kind}>
                    {number(counts[kind] ?? 0)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
