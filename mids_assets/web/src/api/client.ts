// Asks the read API. It pins the publish that a realm's first answer was of: what another one says is never shown beside
// it. Does not belong here: React, what is asked.

export interface Envelope<T> {
  realm: string;
  release: string;
  version: string | null;
  publish: number;
  published_at: string;
  data: T;
  next?: string | null;
  summary?: unknown;
  left_out?: string[];
}

/** An answer that is none: `status` is 0 where the server could not be reached. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    detail: string,
  ) {
    super(detail);
  }
}

/** The answer is of a release that was published after the page was opened. */
export class NewerRelease extends Error {}

export interface Seen {
  release: string;
  version: string | null;
  publish: number;
  published_at: string;
}

const TOKEN = "mids-token";
const KEPT = 200;

export class Client {
  /** Grows when everything has to be asked anew. */
  epoch = 0;
  private pinned = new Map<string, Seen>();
  private newer = new Set<string>();
  private answers = new Map<string, Promise<Envelope<unknown>>>();
  private listeners = new Set<() => void>();

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  seen(realm: string): Seen | undefined {
    return this.pinned.get(realm);
  }

  hasNewer(realm: string): boolean {
    return this.newer.has(realm);
  }

  get token(): string {
    return sessionStorage.getItem(TOKEN) ?? "";
  }

  set token(value: string) {
    if (value) sessionStorage.setItem(TOKEN, value);
    else sessionStorage.removeItem(TOKEN);
    this.forget();
  }

  /** Forget what was seen, so that everything is asked anew: a newer release, another login. */
  forget(): void {
    this.pinned.clear();
    this.newer.clear();
    this.answers.clear();
    this.epoch += 1;
    this.tell();
  }

  /** An answer about a realm; the same question is asked once. Throws Problem, and NewerRelease. */
  get<T>(realm: string, path: string, signal?: AbortSignal): Promise<Envelope<T>> {
    const url = `/v1/realms/${encodeURIComponent(realm)}${path}`;
    // What may be called off is of one asker alone.
    if (signal) return this.ask<T>(realm, url, signal);
    const known = this.answers.get(url);
    if (known) return known as Promise<Envelope<T>>;
    const answer = this.ask<T>(realm, url);
    this.answers.set(url, answer);
    const oldest = this.answers.size > KEPT ? this.answers.keys().next().value : undefined;
    if (oldest) this.answers.delete(oldest);
    answer.catch(() => this.answers.delete(url));
    return answer;
  }

  /** All pages of a list that is known to be short. */
  async all<T>(realm: string, path: string): Promise<Envelope<T[]>> {
    const joint = path.includes("?") ? "&" : "?";
    const first = await this.get<T[]>(realm, `${path}${joint}limit=200`);
    const rows = [...first.data];
    for (let next = first.next; next; ) {
      const page = await this.get<T[]>(realm, `${path}${joint}limit=200&after=${encodeURIComponent(next)}`);
      rows.push(...page.data);
      next = page.next;
    }
    return { ...first, data: rows };
  }

  /** What concerns all realms. Asked without the token: it says whether one is needed, even when this one is no good. */
  async meta<T>(): Promise<T> {
    return (await fetched("/v1/meta", {})).json() as Promise<T>;
  }

  /** Ask whether a newer release is published than the one that is shown. */
  async look(realm: string): Promise<void> {
    if (!this.pinned.has(realm) || this.newer.has(realm)) return;
    await this.ask(realm, `/v1/realms/${encodeURIComponent(realm)}`).catch(() => undefined);
  }

  private async ask<T>(realm: string, url: string, signal?: AbortSignal): Promise<Envelope<T>> {
    const seen = this.pinned.get(realm);
    const headers: Record<string, string> = {};
    if (seen) headers["Mids-At-Least"] = String(seen.publish);
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    const response = await fetched(url, headers, signal);
    const envelope = (await response.json()) as Envelope<T>;
    this.take(realm, envelope);
    return envelope;
  }

  private take(realm: string, { release, version, publish, published_at }: Seen): void {
    const pinned = this.pinned.get(realm);
    if (!pinned) {
      this.pinned.set(realm, { release, version, publish, published_at });
      this.tell();
    } else if (pinned.publish !== publish) {
      if (!this.newer.has(realm)) {
        this.newer.add(realm);
        this.tell();
      }
      throw new NewerRelease("A new release was published.");
    }
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

/** The response of a good answer; every other one is a Problem. */
async function fetched(url: string, headers: Record<string, string>, signal?: AbortSignal): Promise<Response> {
  const asked: RequestInit = { headers: { Accept: "application/json", ...headers }, credentials: "same-origin" };
  let response: Response;
  try {
    response = await fetch(url, signal ? { ...asked, signal } : asked);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem(0, "The server cannot be reached.");
  }
  if (!response.ok) throw new Problem(response.status, await detail(response));
  return response;
}

async function detail(response: Response): Promise<string> {
  try {
    const problem = (await response.json()) as { detail?: string; title?: string };
    return problem.detail ?? problem.title ?? response.statusText;
  } catch {
    return response.statusText || `The server answered ${response.status}.`;
  }
}

export const client = new Client();
