"""mids.import_log: one row per entity and publish, and what ended an import that failed.

Does not belong here: the register of releases (register.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from psycopg2.extensions import connection, cursor

from mids_assets import clock

PUBLISHED = ("first", "update", "rebuild", "rollback")
"""Actions of a publish that succeeded."""


@dataclass(frozen=True, slots=True)
class EntityLog:
    """How the records of one entity fared. `errors`: [{"rule": .., "count": ..}]; times are aware."""

    import_type: str
    file_name: str | None
    records_processed: int
    records_imported: int
    errors: Sequence[Mapping[str, Any]]
    started_at: datetime
    completed_at: datetime | None


def write(
    cur: cursor,
    realm: str,
    release_id: int,
    build: str,
    action: str,
    run_id: str | None,
    entities: Iterable[EntityLog],
) -> None:
    """Log a publish that succeeds; a missing end is now. `action`: what it was (`register.Action`)."""
    about = {"realm": realm, "release_id": release_id, "build": build, "action": action, "run_id": run_id}
    for entity in entities:
        _insert(cur, about, entity, entity.records_imported, list(entity.errors))


def write_failure(
    cur: cursor,
    realm: str,
    release_id: int | None,
    build: str | None,
    run_id: str | None,
    entities: Sequence[EntityLog],
    error: str,
    *,
    blocked: bool,
) -> None:
    """Log a publish that failed, or that a check blocked: nothing was imported, `errors` is {"error": the reason}."""
    action = "blocked" if blocked else "failed"
    about = {"realm": realm, "release_id": release_id, "build": build, "action": action, "run_id": run_id}
    now = clock.now()
    for entity in entities or [EntityLog("publish", None, 0, 0, [], now, None)]:
        ended = replace(entity, completed_at=entity.completed_at or now)
        _insert(cur, about, ended, 0, {"error": error})


def runs_with_failure(conn: connection, run_ids: Sequence[str]) -> set[str]:
    """Those of the runs whose failure is in the log. Leaves a transaction open."""
    with conn.cursor() as cur:
        cur.execute("SELECT to_regclass('mids.import_log') IS NOT NULL")
        if not (cur.fetchone() or (False,))[0]:
            return set()
        cur.execute(
            "SELECT DISTINCT run_id FROM mids.import_log WHERE run_id = ANY(%s) AND jsonb_typeof(errors) = 'object'",
            (list(run_ids),),
        )
        return {run_id for (run_id,) in cur.fetchall()}


def _insert(cur: cursor, about: Mapping[str, Any], entity: EntityLog, imported: int, errors: Any) -> None:
    row = {
        **about,
        "import_type": entity.import_type,
        "file_name": entity.file_name,
        "records_processed": entity.records_processed,
        "records_imported": imported,
        "errors": json.dumps(errors, default=str),
        "started_at": entity.started_at,
        "completed_at": entity.completed_at,
    }
    values = ", ".join("coalesce(%s, clock_timestamp())" if name == "completed_at" else "%s" for name in row)
    cur.execute(f"INSERT INTO mids.import_log ({', '.join(row)}) VALUES ({values})", tuple(row.values()))
