"""mids.audit: who did what that may change what readers see. Rows are only ever added.

Asked for is one thing, done another: a launch is noted before its run begins, whatever becomes of it, and a publish
notes itself in its own transaction, so that no way to change the tables leaves it out.
Does not belong here: who a request of the web UI is from (`automation.run_coordinator`), the import log.
"""

from __future__ import annotations

import os
import pwd
import socket
from contextlib import closing
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from typing import Literal

import psycopg2
from psycopg2.extensions import connection, cursor

from mids_assets.redaction import redact
from mids_assets.settings import Settings
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.failures import typed
from mids_assets.warehouse.schema import ensure_operations
from mids_assets.warehouse.stored import literal, quoted

Action = Literal[
    "launch", "import", "fetch", "publish", "rollback", "retry", "check", "accept", "prune", "restore", "published"
]
Origin = Literal["cli", "ui", "ui_anonymous", "api", "sensor", "schedule", "backfill", "retry"]
PERSONAL: tuple[Origin, ...] = ("cli", "ui", "ui_anonymous", "api")
"""Origins behind which a person is."""
API_USER_HEADER = "Mids-Api-User"
"""In it the read API hands on whom an operator's call is from, percent-encoded, beside its key as a bearer token."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who, and from where. `who` of `ui_anonymous` is the user that the web server runs as."""

    who: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Deed:
    """What was asked for or done; `subject`: job, guard, backup or kind of publish."""

    action: Action
    realm: str | None = None
    release: str | None = None
    run_id: str | None = None
    subject: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of mids.audit; `at` is aware and in UTC."""

    id: int
    at: datetime
    action: str
    who: str
    origin: str
    realm: str | None
    release: str | None
    run_id: str | None
    subject: str | None
    reason: str | None


_INSERT = f"INSERT INTO mids.audit (at, {quoted(*(one.name for one in (*fields(Actor), *fields(Deed))))}) VALUES"


def this_person() -> str:
    """user@host of this process. The user is the one that the system knows, whatever LOGNAME says."""
    number = os.getuid()
    try:
        name = pwd.getpwuid(number).pw_name
    except KeyError:  # A container may run as a user that has no name.
        name = str(number)
    return f"{name}@{socket.gethostname()}"


def at_this_terminal() -> Actor:
    return Actor(this_person(), "cli")


def note(cur: cursor, actor: Actor, deed: Deed) -> None:
    """Add a row within the caller's transaction. Schema `mids` must exist."""
    values = _values(actor, deed)
    cur.execute(f"{_INSERT} (clock_timestamp(){', %s' * len(values)})", values)


def statement(actor: Actor, deed: Deed) -> str:
    """The same as text, for a script of psql."""
    values = ["NULL" if value is None else literal(value) for value in _values(actor, deed)]
    return f"{_INSERT} ({', '.join(['clock_timestamp()', *values])})"


def record(settings: Settings, actor: Actor, deed: Deed) -> None:
    """Add a row and commit, over a connection of its own. Raises `MidsError` where it cannot be written."""
    with closing(connect(settings, application_name="mids audit", attempts=2)) as conn:
        try:
            ensure_operations(conn)
            with conn, conn.cursor() as cur:
                note(cur, actor, deed)
        except psycopg2.Error as error:
            raise typed(error, "mids.audit") from error


def entries(conn: connection, realm: str | None, *, limit: int) -> list[Entry]:
    """The latest rows, of one realm or of all, the latest first. Leaves a transaction open."""
    with conn.cursor() as cur:
        cur.execute("SELECT to_regclass('mids.audit') IS NOT NULL")
        if not (cur.fetchone() or (False,))[0]:
            return []
        columns = quoted(*(field.name for field in fields(Entry)))
        cur.execute(
            f"SELECT {columns} FROM mids.audit WHERE %s::text IS NULL OR realm = %s ORDER BY at DESC, id DESC LIMIT %s",
            (realm, realm, limit),
        )
        return [Entry(*row) for row in cur.fetchall()]


def _values(actor: Actor, deed: Deed) -> tuple[str | None, ...]:
    """Reasons and names are free text, in which a person may have pasted an address."""
    return tuple(None if value is None else redact(value) for value in (*astuple(actor), *astuple(deed)))
