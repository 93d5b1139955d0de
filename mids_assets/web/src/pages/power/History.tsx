// What changed about a power, release by release, the newest first. Asked only when somebody looks.

import { type ReactNode, useState } from "react";
import type { Change } from "../../api/answers";
import { usePages } from "../../api/hooks";
import { moment } from "../../format";
import { placeOf, useRealm } from "../../links";
import type { WholePower } from "../../model";
import { More } from "../../parts/More";
import { ChangeLine } from "../changes/ChangeLine";

export function History({ power }: { power: WholePower }): ReactNode {
  const [open, setOpen] = useState(false);
  return (
    <section>
      <h2>How it changed</h2>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>its history</summary>
        {open && <Releases power={power} />}
      </details>
    </section>
  );
}

function Releases({ power }: { power: WholePower }): ReactNode {
  const path = `/powers/${placeOf({ id: power.id, key: power.full_name })}/history`;
  const pages = usePages<Change>(useRealm(), path);
  const releases = Map.groupBy(pages.rows, (row) => row.release ?? "");
  return (
    <>
      {[...releases].map(([release, rows]) => (
        <div key={release}>
          <h3>
            {rows[0]?.version ?? release.slice(0, 8)}
            {rows[0]?.published_at && <small>, published {moment(rows[0].published_at)}</small>}
          </h3>
          <ul>
            {rows.map((row, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows are only ever added at the end.
              <ChangeLine key={place} change={row} own="power" />
            ))}
          </ul>
        </div>
      ))}
      {pages.state === "done" && pages.rows.length === 0 && (
        <p>Nothing changed in the releases that were published here.</p>
      )}
      <More pages={pages} what="the history" />
    </>
  );
}
