"""The register of releases, mids.release: which were seen, which one is published, in which order they come.

Does not belong here: rows of a realm, the import log (import_log.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from psycopg2.extensions import connection, cursor

State = Literal["seen", "parsed", "blocked", "published", "superseded", "rejected", "rolled_back"]
STATES: tuple[str, ...] = get_args(State)
_COLUMNS = (
    "id, realm, release, build, state, version, release_date, issue, page_volume, page_volume_text, is_sample,"
    " source, headers, summary, reason, seen_at, published_at"
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
    """A row of mids.release; times are aware and in UTC."""

    id: int
    realm: str
    release: str
    build: str | None
    state: str
    version: str | None
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
    published_at: datetime | None


def order_key(date: datetime | None, version: str | None) -> tuple:
    """Sorts releases: by the date that the database states, then by its version as .NET compares versions.

    A release without a date or version comes before those that have one; a part of a version that is not given is
    less than 0 (1.2 < 1.2.0), and parts are numbers (20.10 > 20.9).
    """
    moment = (0.0,) if date is None else (1.0, (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp())
    parts = [int(part) for part in re.findall(r"\d+", version or "")][:4]
    return (moment, tuple(parts + [-1] * (4 - len(parts))))


def note_release(conn: connection, realm: str, record: ReleaseRecord) -> int:
    """Number of the release in mids.release, entered as `seen` where it is new. Does not commit."""
    with conn.cursor() as cur:
        cur.execute(
            "INSERT INTO mids.release (realm, release, state, version, release_date, issue, page_volume,"
            " page_volume_text, is_sample, source, headers, seen_at)"
            " VALUES (%s, %s, 'seen', %s, %s, %s, %s, %s, %s, %s, %s, clock_timestamp())"
            " ON CONFLICT (realm, release) DO UPDATE SET version = excluded.version,"
            " release_date = excluded.release_date, issue = excluded.issue, page_volume = excluded.page_volume,"
            " page_volume_text = excluded.page_volume_text, is_sample = excluded.is_sample,"
            " source = excluded.source, headers = excluded.headers RETURNING id",
            (
                realm,
                record.release,
                record.version,
                record.release_date,
                record.issue,
                record.page_volume,
                record.page_volume_text,
                record.is_sample,
                record.source,
                json.dumps(record.headers, default=str),
            ),
        )
        (number,) = cur.fetchone() or (0,)
    return number


def published(conn: connection, realm: str) -> ReleaseRow | None:
    """The release that the realm's tables hold, None before the first publish. Leaves a transaction open."""
    rows = _select(conn, "realm = %s AND state = 'published' ORDER BY published_at DESC, id DESC LIMIT 1", (realm,))
    return rows[0] if rows else None


def find(conn: connection, realm: str, release: str) -> ReleaseRow | None:
    """The row of a release id, or of the only one that begins with `release`; None where there is none or several."""
    pattern = release.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    rows = _select(conn, "realm = %s AND release LIKE %s LIMIT 1000", (realm, pattern))
    exact = [row for row in rows if row.release == release]
    return exact[0] if exact else rows[0] if len(rows) == 1 else None


def releases(conn: connection, realm: str) -> list[ReleaseRow]:
    """All releases of a realm, the oldest first (`order_key`, then in the order in which they were seen)."""
    rows = _select(conn, "realm = %s", (realm,))
    return sorted(rows, key=lambda row: (order_key(row.release_date, row.version), row.id))


def set_state(conn: connection, realm: str, release: str, state: State, *, reason: str | None = None) -> None:
    """Note what became of a release. Does not commit. Raises `ValueError` for an unknown state or release."""
    if state not in STATES:
        raise ValueError(f"unknown state {state!r}")
    with conn.cursor() as cur:
        cur.execute(
            "UPDATE mids.release SET state = %s, reason = %s WHERE realm = %s AND release = %s",
            (state, reason, realm, release),
        )
        if cur.rowcount != 1:
            raise ValueError(f"realm {realm} has no release {release}")


def mark_published(cur: cursor, realm: str, release_id: int, build: str, summary: Mapping[str, Any]) -> None:
    """Make a release the published one, and the one before it `superseded`."""
    cur.execute(
        "UPDATE mids.release SET state = 'superseded' WHERE realm = %s AND state = 'published' AND id <> %s",
        (realm, release_id),
    )
    cur.execute(
        "UPDATE mids.release SET state = 'published', build = %s, summary = %s, reason = NULL,"
        " published_at = clock_timestamp() WHERE id = %s",
        (build, json.dumps(summary, default=str), release_id),
    )


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
