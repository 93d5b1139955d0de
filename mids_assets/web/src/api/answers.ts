// Shapes of answers that are no row of a table.

export interface RealmFacts {
  realm: string;
  release: string;
  version: string | null;
  publish: number;
  published_at: string;
  release_date: string | null;
  issue: number | null;
  page_volume: number | null;
  page_volume_text: string | null;
  is_sample: boolean;
}

export interface Meta {
  dagster_url: string | null;
  version: string;
  realms: string[];
  login: "none" | "token";
}

export interface ReleaseFacts {
  release: string;
  version: string | null;
  revision: number | null;
  state: string;
  release_date: string | null;
  published_at: string | null;
  is_sample: boolean;
}

export interface Hit {
  kind: string;
  id: number;
  key: string;
  display_name: string | null;
  parent: { id: number; key: string; display_name: string | null } | null;
  excerpt: string | null;
  score: number;
}

export interface Change {
  table: string;
  key: string;
  old_key: string | null;
  change: "added" | "removed" | "renamed" | "changed";
  field: string | null;
  old: unknown;
  new: unknown;
  display_name: string | null;
  release?: string;
  version?: string | null;
  published_at?: string | null;
}

export type ChangeSummary = Record<string, Partial<Record<Change["change"], number>>>;

export interface Modifiers {
  level: number;
  modifiers: Record<string, number | null>;
}
