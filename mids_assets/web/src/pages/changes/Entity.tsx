// The changes of one entity.

import type { ReactNode } from "react";
import type { Change } from "../../api/answers";
import { words } from "../../format";
import { To } from "../../links";
import { addressKey, isEntity, keyAbout, tableAbout } from "./about";
import { ChangeLine } from "./ChangeLine";

export function Entity({ rows }: { rows: Change[] }): ReactNode {
  const [first] = rows;
  if (!first) return null;
  const table = tableAbout(first);
  const key = keyAbout(first);
  const gone = rows.some((row) => row.table === table && row.change === "removed" && row.field === null);
  const name = rows.find((row) => row.display_name)?.display_name ?? key;
  return (
    <section className="changed">
      <h2>
        {isEntity(table) && !gone ? <To kind={table} thing={{ key: addressKey(key), display_name: name }} /> : name}{" "}
        <small>
          {words(table)} <code>{key}</code>
        </small>
      </h2>
      <ul>
        {rows.map((row, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows are only ever added at the end.
          <ChangeLine key={place} change={row} own={table} />
        ))}
      </ul>
    </section>
  );
}
