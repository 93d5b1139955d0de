"""What was imported when: the import log, one entry per publish or attempt.

Does not belong here: writing the log (import_log.py), how it is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg2.extensions import connection

from mids_assets.warehouse.import_log import PUBLISHED
from mids_assets.warehouse.register import has_register


@dataclass(frozen=True, slots=True)
class Entry:
    """One publish or attempt; `entities`: its rows of mids.import_log, `id`: the last of them, `error`: what ended
    it."""

    id: int
    realm: str
    at: datetime
    action: str | None
    release: str | None
    version: str | None
    revision: int | None
    build: str | None
    run_id: str | None
    seconds: float
    processed: int
    imported: int
    error: str | None
    entities: list[dict[str, Any]]


def history(conn: connection, realm: str, *, limit: int | None = None, after: int = 0) -> list[Entry]:
    """The entries of a realm behind row `after` of the log, the latest first. Leaves a transaction open."""
    with conn.cursor() as cur:
        if not has_register(cur):
            return []
        cur.execute(
            "SELECT max(l.id), l.realm, max(l.completed_at), l.action, r.release, r.version, r.revision, l.build,"
            " l.run_id, extract(epoch FROM max(l.completed_at) - min(l.started_at))::float8,"
            " sum(l.records_processed)::int8, sum(l.records_imported)::int8,"
            " min(l.errors->>'error') FILTER (WHERE jsonb_typeof(l.errors) = 'object'),"
            " jsonb_agg(jsonb_build_object('import_type', l.import_type, 'file_name', l.file_name,"
            " 'records_processed', l.records_processed, 'records_imported', l.records_imported, 'errors', l.errors)"
            " ORDER BY l.id)"
            " FROM mids.import_log l LEFT JOIN mids.release r ON r.id = l.release_id"
            " WHERE l.realm = %s AND l.id > %s"
            " GROUP BY l.realm, l.action, r.release, r.version, r.revision, l.build, l.run_id, l.errors->>'error'"
            " ORDER BY max(l.id) DESC LIMIT %s",
            (realm, after, limit),
        )
        return [Entry(*row) for row in cur.fetchall()]


def last_row(conn: connection, realm: str) -> int:
    """The row of the log after which nothing has happened to a realm yet. Leaves a transaction open."""
    return max((entry.id for entry in history(conn, realm, limit=1)), default=0)


def published_since(conn: connection, realm: str, build: str, row: int) -> bool:
    """Whether a build was published behind a row of the log. Leaves a transaction open."""
    return any(entry.build == build and entry.action in PUBLISHED for entry in history(conn, realm, after=row))


def published_by(conn: connection, realm: str, run_id: str) -> bool:
    """Whether a run published anything. Leaves a transaction open."""
    return any(entry.run_id == run_id and entry.action in PUBLISHED for entry in history(conn, realm))
