"""Facts about a realm from which notices are made, read from schema `mids`.

Does not belong here: what they mean (notices.py), what was told (written by record.py).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from psycopg2.extensions import connection

from mids_assets.notify.notices import Facts, Notice
from mids_assets.warehouse.history import Entry, history
from mids_assets.warehouse.import_log import PUBLISHED
from mids_assets.warehouse.register import ReleaseRow, find, is_older, published

NEWEST = 50
"""So many publishes and attempts are looked at: far more than happen between two looks."""


def read_facts(
    conn: connection, realm: str, under_way: Collection[str], unchanged_at: Callable[[str], datetime | None]
) -> Facts:
    """The facts of now. Leaves a transaction open.

    `under_way`: ids of runs that are not over; what they wrote waits for their end, since a step may be tried again
    and a second check may fail. `unchanged_at` is asked only where there are failures: when the source was looked at
    and held this release, the published one.
    """
    with conn.cursor() as cur:
        cur.execute(
            "SELECT n.kind, n.key, n.log_id, n.found_at, r.release, l.errors->>'error', n.resolved_at IS NULL"
            " FROM mids.notification n LEFT JOIN mids.release r ON r.id = n.release_id"
            " LEFT JOIN mids.import_log l ON l.id = n.log_id WHERE n.realm = %s ORDER BY n.id",
            (realm,),
        )
        rows = cur.fetchall()
        began = max((log_id for kind, _, log_id, *_ in rows if kind == "began"), default=0)
        entries = history(conn, realm, limit=NEWEST, after=began)[::-1]
        cur.execute(
            "SELECT coalesce(max(id), 0) FROM mids.import_log WHERE realm = %s AND action = ANY(%s) AND id < %s",
            (realm, list(PUBLISHED), entries[0].id if entries else 0),
        )
        (last_publish,) = cur.fetchone() or (0,)
    entries = [entry for entry in entries if entry.run_id not in under_way]
    now = published(conn, realm)
    still_open = [
        Notice(kind, key, log_id, at, release, errors=(error,) if error else ())
        for kind, key, log_id, at, release, error, lasts in rows
        if lasts and kind in ("failed", "blocked")
    ]
    failing = any(one.kind == "failed" for one in still_open) or any(entry.action == "failed" for entry in entries)
    return Facts(
        entries=entries,
        last_publish=last_publish,
        told=frozenset((kind, key) for kind, key, *_ in rows),
        open=still_open,
        recovered=[log_id for kind, _, log_id, *_ in rows if kind == "recovered"],
        ahead=_ahead(conn, realm, now, entries, still_open),
        published=now.release if now else None,
        unchanged_at=unchanged_at(now.release) if now and failing else None,
    )


def _ahead(
    conn: connection, realm: str, now: ReleaseRow | None, entries: list[Entry], still_open: list[Notice]
) -> frozenset[str]:
    """Blocked releases that come after the published one."""
    blocked = {one.release for one in still_open if one.kind == "blocked"}
    blocked |= {entry.release for entry in entries if entry.action == "blocked"}
    rows = [find(conn, realm, release) for release in blocked if release]
    return frozenset(
        row.release for row in rows if row and (now is None or is_older(now.release_date, now.version, row))
    )
