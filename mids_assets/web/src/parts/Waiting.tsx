// What is shown while an answer is on its way, and when it is an error.

import { type ReactNode, useEffect, useState } from "react";
import { client, NewerRelease, Problem } from "../api/client";
import type { Loaded } from "../api/hooks";

const SOON_MS = 200;

/** `children` of the answer, or why there is none yet. */
export function Waiting<T>(props: { for: Loaded<T>; what: string; children: (data: T) => ReactNode }): ReactNode {
  const loaded = props.for;
  if (loaded.state === "done") return props.children(loaded.data);
  if (loaded.state === "failed") return <Failure error={loaded.error} again={loaded.again} />;
  return <Loading what={props.what} />;
}

export function Loading({ what }: { what: string }): ReactNode {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), SOON_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <p role="status" className="loading">
      {late && `Loading ${what}.`}
    </p>
  );
}

export function Failure({ error, again }: { error: Error; again?: () => void }): ReactNode {
  if (error instanceof NewerRelease) {
    return (
      <div className="notice" role="alert">
        <p>This part is of a release that was published while the page was open.</p>
        <button type="button" onClick={() => client.forget()}>
          Show the new release
        </button>
      </div>
    );
  }
  const status = error instanceof Problem ? error.status : 0;
  return (
    <div className="notice" role="alert">
      <p>
        <strong>{HEADINGS[status] ?? "That did not work."}</strong> {error.message}
      </p>
      <p>{ADVICE[status] ?? "Try again; if it stays so, tell who runs this server."}</p>
      {again && status !== 404 && (
        // A database that was restored may be behind what was seen, which no second try changes.
        <button type="button" onClick={status === 503 ? () => client.forget() : again}>
          Try again
        </button>
      )}
    </div>
  );
}

const HEADINGS: Record<number, string> = {
  0: "No answer.",
  401: "A token is needed.",
  403: "Not allowed.",
  404: "Not found.",
  422: "The question was not understood.",
  429: "Too many questions at once.",
  503: "Not available right now.",
};

const ADVICE: Record<number, string> = {
  0: "Look whether the server runs and the network is there.",
  401: "Paste a token of yours at the top of the page.",
  403: "The token at the top of the page does not permit this.",
  404: "It may have another name in this release: use the search.",
  422: "Change what the address says after the question mark.",
  429: "Wait some seconds.",
  503: "Wait some seconds.",
};
