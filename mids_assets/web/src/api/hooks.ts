// The client's answers as state of React components.

import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { client, type Envelope, type Seen } from "./client";

export type Loaded<T> =
  | { state: "loading" }
  | { state: "failed"; error: Error; again: () => void }
  | { state: "done"; data: T; envelope: Envelope<T> };

/** What `ask` promises; asked anew when `key` changes, not at all while it is null. */
function useAsked<T>(key: string | null, ask: () => Promise<Envelope<T>>): Loaded<T> {
  const [found, setFound] = useState<{ key: string | null; loaded: Loaded<T> }>({ key, loaded: { state: "loading" } });
  const [tries, setTries] = useState(0);
  const again = useCallback(() => setTries((count) => count + 1), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` stands for the question; another try asks it again.
  useEffect(() => {
    if (key === null) return;
    let current = true;
    setFound({ key, loaded: { state: "loading" } });
    ask().then(
      (envelope) => current && setFound({ key, loaded: { state: "done", data: envelope.data, envelope } }),
      (error: Error) => current && setFound({ key, loaded: { state: "failed", error, again } }),
    );
    return () => {
      current = false;
    };
  }, [key, tries]);
  return found.key === key ? found.loaded : { state: "loading" };
}

/** The answer to `path` of the realm; nothing is asked while `path` is null. */
export function useAnswer<T>(realm: string, path: string | null): Loaded<T> {
  return useAsked(path && `${realm} ${path}`, () => client.get<T>(realm, path ?? ""));
}

/** All rows of a list that is known to be short. */
export function useAll<T>(realm: string, path: string | null): Loaded<T[]> {
  return useAsked(path && `${realm} ${path}`, () => client.all<T>(realm, path ?? ""));
}

/** Several answers at once, in the order of `paths`; nothing is asked where there are none. */
export function useAnswers<T>(realm: string, paths: string[]): Loaded<T[]> {
  return useAsked(paths.length ? `${realm} ${paths.join(" ")}` : null, async () => {
    const all = await Promise.all(paths.map((path) => client.get<T>(realm, path)));
    return { ...(all[0] as Envelope<T>), data: all.map((one) => one.data) };
  });
}

export interface Paged<T, S> {
  rows: T[];
  summary: S | undefined;
  /** What was not compared. */
  leftOut: string[];
  state: "loading" | "failed" | "done";
  error: Error | undefined;
  more: boolean;
  next: () => void;
}

/** A list page by page; `next` fetches the page after those that are shown. */
export function usePages<T, S = undefined>(realm: string, path: string): Paged<T, S> {
  const [pages, setPages] = useState<{ path: string; all: Envelope<T[]>[] }>({ path, all: [] });
  const [error, setError] = useState<Error>();
  const [busy, setBusy] = useState(true);
  const latest = useRef(path);
  latest.current = path;

  const load = useCallback(
    (before: Envelope<T[]>[]) => {
      const cursor = before.at(-1)?.next;
      const url = cursor ? `${path}${path.includes("?") ? "&" : "?"}after=${encodeURIComponent(cursor)}` : path;
      setBusy(true);
      setError(undefined);
      client.get<T[]>(realm, url).then(
        (envelope) => {
          if (latest.current !== path) return;
          setPages({ path, all: [...before, envelope] });
          setBusy(false);
        },
        (reason: Error) => {
          if (latest.current !== path) return;
          setError(reason);
          setBusy(false);
        },
      );
    },
    [realm, path],
  );
  useEffect(() => {
    load([]);
  }, [load]);

  const shown = pages.path === path ? pages.all : [];
  return {
    rows: shown.flatMap((page) => page.data),
    summary: shown[0]?.summary as S | undefined,
    leftOut: shown[0]?.left_out ?? [],
    state: error ? "failed" : busy || pages.path !== path ? "loading" : "done",
    error,
    more: Boolean(shown.at(-1)?.next),
    next: () => load(shown),
  };
}

/** Which publish of the realm is shown, and whether a newer one is known. */
export function useSeen(realm: string): { seen: Seen | undefined; newer: boolean } {
  const seen = useSyncExternalStore(client.subscribe, () => client.seen(realm));
  const newer = useSyncExternalStore(client.subscribe, () => client.hasNewer(realm));
  return { seen, newer };
}
