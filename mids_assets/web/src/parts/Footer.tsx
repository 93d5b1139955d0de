// The end of every page.

import type { ReactNode } from "react";
import { useMeta } from "../meta";

export function Footer(): ReactNode {
  const meta = useMeta();
  return (
    <footer>
      <p>
        The same data for programs: <a href="/v1/docs">the API and its description</a>.
        {meta.dagster_url && (
          <>
            {" "}
            Where it comes from: <a href={meta.dagster_url}>Dagster</a>.
          </>
        )}{" "}
        mids-assets {meta.version}
      </p>
    </footer>
  );
}
