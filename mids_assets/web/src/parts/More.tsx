// The end of a list that comes page by page.

import type { ReactNode } from "react";
import type { Paged } from "../api/hooks";
import { Failure, Loading } from "./Waiting";

export function More<T, S>({ pages, what }: { pages: Paged<T, S>; what: string }): ReactNode {
  if (pages.state === "loading") return <Loading what={what} />;
  if (pages.error) return <Failure error={pages.error} again={pages.next} />;
  if (!pages.more) return null;
  return (
    <button type="button" onClick={pages.next}>
      Show more
    </button>
  );
}
