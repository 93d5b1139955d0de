"""What became of a release short of a publish: rejected, parsed, blocked, failed. In the register and the import log.

Each note goes over a connection of its own, since the one that was worked on may be lost, and must never hide why the
work ended. Does not belong here: the note of a publish that succeeds, which is part of its transaction (publish.py).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import closing

import psycopg2
from psycopg2.extensions import connection, cursor

from mids_assets.errors import CheckFailed, MidsError
from mids_assets.redaction import redact
from mids_assets.settings import Settings
from mids_assets.warehouse import import_log, register, schema
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.import_log import EntityLog
from mids_assets.warehouse.register import State

log = logging.getLogger(__name__)


def note_failure(
    settings: Settings,
    realm: str,
    release: str | None,
    build: str | None,
    run_id: str | None,
    entities: Sequence[EntityLog],
    error: BaseException,
) -> bool:
    """An import that ended with `error`, and a release that is blocked where a check is what ended it.

    `release` and `build` are None where the import did not come so far. Returns whether it could be noted.
    """
    text = redact(f"{type(error).__name__}: {error}")
    blocked = isinstance(error, CheckFailed)

    def note(conn: connection, cur: cursor) -> None:
        row = register.find(conn, realm, release) if release else None
        import_log.write_failure(cur, realm, row.id if row else None, build, run_id, entities, text, blocked=blocked)
        if blocked and release and build:
            register.advance(cur, realm, release, build, "blocked", text)

    return _write(settings, realm, note)


def note_state(settings: Settings, realm: str, release: str, build: str, state: State, reason: str | None) -> None:
    """How far a release came that is not published: `parsed`, or `rejected` for the reason given."""
    text = redact(reason) if reason else None
    _write(settings, realm, lambda _, cur: register.advance(cur, realm, release, build, state, text))


def _write(settings: Settings, realm: str, note: Callable[[connection, cursor], None]) -> bool:
    """Not a context manager: where there is no connection, its block could not be left out."""
    try:
        with closing(connect(settings, application_name=f"mids note {realm}", attempts=1)) as conn:
            schema.ensure_operations(conn)
            with conn, conn.cursor() as cur:
                note(conn, cur)
        return True
    except (psycopg2.Error, MidsError) as error:
        log.warning("What became of the import could not be written to schema mids: %s", redact(str(error)))
        return False
