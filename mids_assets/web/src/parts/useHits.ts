// Hits for what is being typed: asked after a pause, and only the answer to the last question counts.

import { useEffect, useState } from "react";
import type { Hit } from "../api/answers";
import { client } from "../api/client";

const PAUSE_MS = 120;
const HITS = 12;

export type Hits = { state: "none" | "asking" | "done" | "failed"; hits: Hit[]; error?: Error };

export function useHits(realm: string, typed: string, kind?: string): Hits {
  const [found, setFound] = useState<Hits>({ state: "none", hits: [] });
  const text = typed.trim();
  useEffect(() => {
    if (!text) {
      setFound({ state: "none", hits: [] });
      return;
    }
    const asked = new AbortController();
    setFound((before) => ({ state: "asking", hits: before.hits }));
    const timer = setTimeout(() => {
      const path = `/search?q=${encodeURIComponent(text)}&limit=${HITS}${kind ? `&kind=${kind}` : ""}`;
      client.get<Hit[]>(realm, path, asked.signal).then(
        (envelope) => {
          if (!asked.signal.aborted) setFound({ state: "done", hits: envelope.data });
        },
        (error: Error) => {
          if (!asked.signal.aborted) setFound({ state: "failed", hits: [], error });
        },
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      asked.abort();
    };
  }, [realm, text, kind]);
  return found;
}
