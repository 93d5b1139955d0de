// A page: its title in the window and as the heading, to which the focus goes when the page is entered.

import { type ReactNode, useEffect, useRef } from "react";

let first = true;

export function Page(props: { title: string; above?: ReactNode; children: ReactNode }): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${props.title} – City of Heroes data`;
    // A page that was just opened begins at its top, as any other; only a way inside the page moves the focus.
    if (first) first = false;
    else heading.current?.focus({ preventScroll: true });
  }, [props.title]);
  return (
    <article>
      {props.above && <p className="above">{props.above}</p>}
      <h1 ref={heading} tabIndex={-1}>
        {props.title}
      </h1>
      {props.children}
    </article>
  );
}
