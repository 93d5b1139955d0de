"""The register of releases, mids.release: which were seen, which one is published, in which order they come.

Does not belong here: rows of a realm, the import log (import_log.py), the order itself (transform.diff.order).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from psycopg2.extensions import connection, cursor

from mids_assets.errors import UserError
from mids_assets.transform.diff.order import order_key
from mids_assets.versions import parse_version
from mids_assets.warehouse.import_log import PUBLISHED

State = Literal["seen", "parsed", "blocked", "published", "superseded", "rejected", "rolled_back"]
Action = Literal["first", "update", "rebuild", "rollback"]
OPEN: tuple[State, ...] = ("seen", "parsed", "blocked", "published")
"""States in which a release may become the published one without a person who asks for it."""
_UNPUBLISHED: tuple[State, ...] = ("seen", "parsed", "blocked", "rejected")
"""States of a release that was never published."""
_LEAST = 4
"""Fewer characters of a release's id are taken for a version."""
_COLUMNS = (
    "id, realm, release, build, state, version, revision, release_date, issue, page_volume, page_volume_text,"
    " is_sample, source, headers, summary, reason, seen_at, pruned_at, published_at"
)


@dataclass(frozen=True, slots=True)
class ReleaseRecord:
    """What a stored release says of itself. `release` is the head of the hash over its files."""

    release: str
    version: str | None
    release_date: datetime | None
    issue: int | None
    page_volume: int | None
    page_volume_text: str | None
    is_sample: bool
    source: str | None
    headers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """A row of mids.release; times are aware and in UTC. `revision`: 2 for the second content of one version, .."""

    id: int
    realm: str
    release: str
    build: str | None
    state: str
    version: str | None
    revision: int | None
    release_date: datetime | None
    issue: int | None
    page_volume: int | None
    page_volume_text: str | None
    is_sample: bool
    source: str | None
    headers: dict[str, Any]
    summary: dict[str, Any]
    reason: str | None
    seen_at: datetime
    pruned_at: datetime | None
    published_at: datetime | None


def note_release(conn: connection, realm: str, record: ReleaseRecord) -> int:
    """Number of the release in mids.release, entered as `seen` where it is new. Does not commit."""
    facts = {
        "version": record.version,
        "release_date": record.release_date,
        "issue": record.issue,
        "page_volume": record.page_volume,
        "page_volume_text": record.page_volume_text,
        "is_sample": record.is_sample,
        "source": record.source,
        "headers": json.dumps(record.headers, default=str),
    }
    parameters = {"realm": realm, "release": record.release, **facts}
    # The same version with other bytes is another revision of it; what states no version has none.
    revision = (
        "(SELECT CASE WHEN %(version)s::text IS NOT NULL THEN count(*) + 1 END FROM mids.release"
        " WHERE realm = %(realm)s AND version = %(version)s AND release <> %(release)s)"
    )
    with conn.cursor() as cur:
        cur.execute(
            f"INSERT INTO mids.release (realm, release, state, seen_at, revision, {', '.join(facts)})"
            f" VALUES (%(realm)s, %(release)s, 'seen', clock_timestamp(), {revision},"
            f" {', '.join(f'%({name})s' for name in facts)})"
            " ON CONFLICT (realm, release) DO UPDATE SET pruned_at = NULL,"
            f" {', '.join(f'{name} = excluded.{name}' for name in facts)}"
            " RETURNING id",
            parameters,
        )
        (number,) = cur.fetchone() or (0,)
    return number


def published(conn: connection, realm: str) -> ReleaseRow | None:
    """The release that the realm's tables hold, None before the first publish. Leaves a transaction open."""
    rows = _select(conn, "realm = %s AND state = 'published'", (realm,))
    return rows[0] if rows else None


def find(conn: connection, realm: str, release: str) -> ReleaseRow | None:
    """The row of a release id, or of the only one that begins with `release`; None where there is none or several."""
    pattern = release.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    rows = _select(conn, "realm = %s AND release LIKE %s LIMIT 1000", (realm, pattern))
    exact = [row for row in rows if row.release == release]
    return exact[0] if exact else rows[0] if len(rows) == 1 else None


def resolve(conn: connection, realm: str, text: str) -> ReleaseRow:
    """The release that a person names: by its id, the beginning of it, its version, or `published`.

    Of several revisions of a version it is the last. Raises `UserError` naming what there is. Leaves a transaction
    open.
    """
    rows = releases(conn, realm)
    if text == "published":
        named = [row for row in rows if row.state == "published"]
    else:
        exact = [row for row in rows if row.release == text]
        named = exact or [row for row in rows if len(text) >= _LEAST and row.release.startswith(text)]
        same_version = [row for row in rows if row.version == text]
        named = named or sorted(same_version, key=lambda row: row.revision or 0)[-1:]
    if len(named) == 1:
        return named[0]
    known = ", ".join(f"{row.release} ({row.version})" for row in (named or rows)) or "none"
    which = "several releases are" if named else "no release is"
    raise UserError(f"realm {realm}: {which} called {text!r}; known: {known}")


def predecessor(conn: connection, realm: str) -> ReleaseRow | None:
    """The release that readers saw before the published one. Leaves a transaction open."""
    rows = _select(
        conn,
        "id = (SELECT l.release_id FROM mids.import_log l JOIN mids.release r ON r.id = l.release_id"
        " WHERE l.realm = %s AND r.state <> 'published' AND l.action = ANY(%s) ORDER BY l.id DESC LIMIT 1)",
        (realm, list(PUBLISHED)),
    )
    return rows[0] if rows else None


def releases(conn: connection, realm: str) -> list[ReleaseRow]:
    """All releases of a realm, the oldest first (`order_key`, then in the order in which they were seen)."""
    rows = _select(conn, "realm = %s", (realm,))
    return sorted(rows, key=lambda row: (order_key(row.release_date, row.version), row.id))


def newest_known(conn: connection, realm: str) -> ReleaseRow | None:
    """The newest release that states a version, whatever became of it; a made-up sample is none."""
    known = [row for row in releases(conn, realm) if parse_version(row.version) and not row.is_sample]
    return known[-1] if known else None


def advance(cur: cursor, realm: str, release: str, build: str, state: State, reason: str | None) -> None:
    """How far a release came that was never published; one that was keeps its state."""
    cur.execute(
        "UPDATE mids.release SET state = %s, reason = %s, build = %s WHERE realm = %s AND release = %s"
        " AND state = ANY(%s)",
        (state, reason, build, realm, release, list(_UNPUBLISHED)),
    )


def mark_published(cur: cursor, realm: str, release_id: int, build: str, summary: Mapping[str, Any], action: Action):
    """Make a release the published one; the one before it is then `superseded`, or `rolled_back` by an older one."""
    cur.execute(
        "UPDATE mids.release SET state = %s WHERE realm = %s AND state = 'published' AND id <> %s",
        ("rolled_back" if action == "rollback" else "superseded", realm, release_id),
    )
    cur.execute(
        "UPDATE mids.release SET state = 'published', build = %s, summary = %s, reason = NULL,"
        " published_at = clock_timestamp() WHERE id = %s",
        (build, json.dumps(summary, default=str), release_id),
    )


def is_older(date: datetime | None, version: str | None, before: ReleaseRow) -> bool:
    """Whether a release comes before the published one; nothing is older than a made-up sample."""
    return not before.is_sample and order_key(date, version) < order_key(before.release_date, before.version)


def why_settled(row: ReleaseRow, build: str) -> str | None:
    """Why nothing has to be done with a release until a person asks for it; None where there is."""
    if row.state == "rolled_back":
        return f"release {row.release} was rolled back; `mids publish {row.release}` publishes it again"
    if row.build == build and row.state in ("published", "rejected"):
        return f"build {build} of release {row.release} is {row.state}"
    return None


def action_of(record: ReleaseRecord, before: ReleaseRow | None) -> Action:
    """What publishing a release means where `before` is published."""
    if before is None:
        return "first"
    if before.release == record.release:
        return "rebuild"
    if before.is_sample and not record.is_sample:
        return "update"
    ours, theirs = order_key(record.release_date, record.version), order_key(before.release_date, before.version)
    return "rollback" if ours < theirs else "update"


def has_register(cur: cursor) -> bool:
    """Whether schema `mids` is there; a database that nothing was ever published to has none."""
    cur.execute("SELECT to_regclass('mids.release') IS NOT NULL")
    return bool((cur.fetchone() or (False,))[0])


def _select(conn: connection, condition: str, parameters: tuple) -> list[ReleaseRow]:
    with conn.cursor() as cur:
        if not has_register(cur):
            return []
        cur.execute(f"SELECT {_COLUMNS} FROM mids.release WHERE {condition}", parameters)
        rows = []
        for values in cur.fetchall():
            named = dict(zip(_COLUMNS.split(", "), values, strict=True))
            rows.append(ReleaseRow(**{**named, "headers": named["headers"] or {}, "summary": named["summary"] or {}}))
        return rows
