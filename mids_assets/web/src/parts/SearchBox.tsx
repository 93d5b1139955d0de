// Search as you type: a combobox with a list of hits, as WAI-ARIA describes it. Does not belong here: asking (useHits.ts).

import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import type { Hit } from "../api/answers";
import { words } from "../format";
import { nameOf, useRealm } from "../links";
import { useHits } from "./useHits";

export function SearchBox(props: {
  label: string;
  onPick: (hit: Hit) => void;
  /** Only hits of this table. */
  kind?: string;
  /** Whether "/" leads here. */
  shortcut?: boolean;
}): ReactNode {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState("");
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const { state, hits, error } = useHits(useRealm(), typed, props.kind);
  useShortcut(input, props.shortcut ?? false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: other hits, another first one.
  useEffect(() => {
    setActive(-1);
  }, [hits]);

  useEffect(() => {
    document.getElementById(`${id}o${active}`)?.scrollIntoView({ block: "nearest" });
  }, [id, active]);

  const showing = open && state !== "none";
  const pick = (hit: Hit | undefined) => {
    if (!hit) return;
    props.onPick(hit);
    setTyped("");
    setOpen(false);
  };
  const keys = (event: KeyboardEvent) => {
    const last = hits.length - 1;
    const moves: Record<string, number> = {
      ArrowDown: active >= last ? 0 : active + 1,
      ArrowUp: active <= 0 ? last : active - 1,
    };
    if (event.key in moves) {
      event.preventDefault();
      setOpen(true);
      setActive(hits.length ? (moves[event.key] ?? -1) : -1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      // What was typed last may not be answered yet: its first hit is not known.
      if (state === "done") pick(hits[Math.max(active, 0)]);
    } else if (event.key === "Escape") {
      // The browser itself would empty the field at once; the first press closes the list alone.
      event.preventDefault();
      if (!showing) setTyped("");
      setOpen(false);
    }
  };

  return (
    <search className="search">
      <label htmlFor={`${id}i`}>{props.label}</label>
      <input
        id={`${id}i`}
        ref={input}
        type="search"
        role="combobox"
        aria-expanded={showing}
        aria-controls={`${id}l`}
        aria-autocomplete="list"
        aria-activedescendant={showing && active >= 0 ? `${id}o${active}` : undefined}
        autoComplete="off"
        spellCheck={false}
        maxLength={100}
        placeholder={props.shortcut ? "power, set, recipe .. ( / )" : "name"}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setOpen(true);
        }}
        onKeyDown={keys}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
      />
      <div className="hits" hidden={!showing}>
        <div id={`${id}l`} role="listbox" aria-label={props.label}>
          {hits.map((hit, place) => (
            // biome-ignore lint/a11y/useFocusableInteractive: in a combobox the input keeps the focus.
            // biome-ignore lint/a11y/useKeyWithClickEvents: keys go to the input.
            <div
              key={`${hit.kind} ${hit.id}`}
              id={`${id}o${place}`}
              role="option"
              aria-selected={place === active}
              // The input keeps the focus, or the list would close before the click.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => pick(hit)}
            >
              <b>{nameOf(hit)}</b> <span className="kind">{words(hit.kind)}</span>
              {hit.parent && <span className="parent"> in {nameOf(hit.parent)}</span>}
              {hit.excerpt && <span className="excerpt">{hit.excerpt}</span>}
            </div>
          ))}
        </div>
        <p role="status">{told(state, hits.length, error)}</p>
      </div>
    </search>
  );
}

function told(state: string, hits: number, error: Error | undefined): string {
  if (state === "asking") return hits ? "" : "Searching.";
  if (state === "failed") return error?.message ?? "The search did not work.";
  if (hits === 0) return "Nothing like that. Try fewer letters.";
  return hits === 1 ? "1 hit" : `${hits} hits, arrow keys choose`;
}

function useShortcut(input: React.RefObject<HTMLInputElement | null>, wanted: boolean): void {
  useEffect(() => {
    if (!wanted) return;
    const focus = (event: globalThis.KeyboardEvent) => {
      const writing = (event.target as HTMLElement).closest?.("input, textarea, select");
      if (event.key !== "/" || writing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      input.current?.focus();
    };
    document.addEventListener("keydown", focus);
    return () => document.removeEventListener("keydown", focus);
  }, [input, wanted]);
}
