// Texts of the source. They may hold markup: <br> is a line break, color and font marks are left out, and all else is
// shown as it stands. Nodes are built, never HTML.

import { Fragment, type ReactNode } from "react";

const MARK = /<\s*(\/?)\s*(br|color|font|i|b)\b[^<>]*>/gi;

export function RichText({ text }: { text: string | null }): ReactNode {
  if (!text) return null;
  const nodes: ReactNode[] = [];
  let from = 0;
  for (const mark of text.matchAll(MARK)) {
    nodes.push(text.slice(from, mark.index));
    if (mark[2]?.toLowerCase() === "br") nodes.push(<br />);
    from = mark.index + mark[0].length;
  }
  nodes.push(text.slice(from));
  return nodes.map((node, place) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one text never move.
    <Fragment key={place}>{node}</Fragment>
  ));
}
