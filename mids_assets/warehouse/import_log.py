"""mids.import_log: one row per entity and publish, and what ended an import that failed.

Does not belong here: the register of releases (register.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from psycopg2.extensions import cursor


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


def write(cur: cursor, realm: str, release_id: int, run_id: str | None, entities: Iterable[EntityLog]) -> None:
    """Log a publish that succeeds; a missing end is now."""
    for entity in entities:
        _insert(cur, realm, release_id, run_id, entity, entity.records_imported, list(entity.errors))


def write_failure(
    cur: cursor, realm: str, release_id: int | None, run_id: str | None, entities: Sequence[EntityLog], error: str
) -> None:
    """Log a publish that failed: nothing was imported, and `errors` is {"error": the reason}."""
    now = datetime.now(UTC)
    for entity in entities or [EntityLog("publish", None, 0, 0, [], now, None)]:
        _insert(cur, realm, release_id, run_id, entity, 0, {"error": error})


def _insert(cur: cursor, realm: str, release_id: int | None, run_id: str | None, entity: EntityLog, imported, errors):
    cur.execute(
        "INSERT INTO mids.import_log (realm, release_id, run_id, import_type, file_name, records_processed,"
        " records_imported, errors, started_at, completed_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, coalesce(%s, clock_timestamp()))",
        (
            realm,
            release_id,
            run_id,
            entity.import_type,
            entity.file_name,
            entity.records_processed,
            imported,
            json.dumps(errors, default=str),
            entity.started_at,
            entity.completed_at,
        ),
    )
