"""Bringing schema `mids` to the newest revision: by whoever connects where it is there, else by whoever writes first.

All revisions that are missing are one transaction under an advisory lock: whoever comes second waits, and a revision
that fails leaves everything as it was. Does not belong here: the realms' schemas (warehouse/schema.py).
"""

from __future__ import annotations

import logging

import psycopg2
import psycopg2.errors
from psycopg2.extensions import TRANSACTION_STATUS_IDLE, connection, cursor

from mids_assets.errors import DatabaseUnavailable, UserError
from mids_assets.model.operations import SCHEMA
from mids_assets.model.reader_views import READER_SCHEMA
from mids_assets.warehouse.failures import typed
from mids_assets.warehouse.locking import lock_key
from mids_assets.warehouse.migrations import history
from mids_assets.warehouse.stored import literal, quote

log = logging.getLogger(__name__)

_NAMESPACE = 0x4D494444  # "MIDD": other than that of realm locks, which a publish holds at the same time
DATABASE = "the database (schema mids)"
"""What a person is told is at a revision."""
VERSION_TABLE = "alembic_version"
_TABLE = f"{quote(SCHEMA)}.{quote(VERSION_TABLE)}"


def upgrade(conn: connection) -> list[str]:
    """Apply the revisions that the database lacks, commit, and return them; one query when there are none.

    The connection must have no transaction open. Raises `UserError` where the database is newer than this code or its
    user may not change it, and the typed error of what PostgreSQL refuses; all is as before then.
    """
    if conn.info.transaction_status != TRANSACTION_STATUS_IDLE:
        raise ValueError("a migration needs a connection without an open transaction")
    if revision(conn) == history.head():
        return []
    with conn, conn.cursor() as cur:
        # What the holder of the lock committed must be seen, whatever the server's default is.
        cur.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = 0")
        try:
            lock_schema(cur, SCHEMA)
        except psycopg2.errors.LockNotAvailable as error:
            raise DatabaseUnavailable(
                "another process has been bringing the database to a new revision for long (schema mids is locked):"
                " wait for it, and try again"
            ) from error
        at = noted_revision(cur)
        history.require_known(at, DATABASE)
        missing = history.missing(at)
        if missing:
            from mids_assets.warehouse import roles
            from mids_assets.warehouse.migrations.scripts import upgrade_sql

            _apply(cur, upgrade_sql(at), at)
            roles.settle(cur, SCHEMA, READER_SCHEMA)
    for one in missing:
        log.info("Schema mids: revision %s is applied.", one)
    return missing


def bring_up(conn: connection) -> None:
    """As `upgrade`, where the schema is there; an empty database stays so. One query when nothing is missing."""
    if revision(conn) != history.head() and has_schema(conn):
        upgrade(conn)


def has_schema(conn: connection) -> bool:
    """Whether schema `mids` is there, of whatever version. Commits what is open."""
    with conn, conn.cursor() as cur:
        cur.execute("SELECT to_regnamespace(%s) IS NOT NULL", (quote(SCHEMA),))
        (there,) = cur.fetchone() or (False,)
    return there


def revision(conn: connection) -> str | None:
    """The revision that the database is at, None for one that has none noted. Commits what is open.

    Raises `UserError` where its user may not know it.
    """
    try:
        with conn, conn.cursor() as cur:
            return _read(cur)
    except (psycopg2.errors.UndefinedTable, psycopg2.errors.InvalidSchemaName):
        return None
    except psycopg2.errors.InsufficientPrivilege as error:
        raise UserError(
            f"the database user {conn.info.user} may not read schema mids, which imports and reports need: use the"
            " user that imports"
        ) from error


def noted_revision(cur: cursor) -> str | None:
    """As `revision`, for a transaction that goes on: asks first whether the table is there."""
    cur.execute("SELECT to_regclass(%s) IS NOT NULL", (_TABLE,))
    (there,) = cur.fetchone() or (False,)
    return _read(cur) if there else None


def note(revision: str) -> str:
    """Statement that notes the revision of a schema that was made otherwise than by revisions."""
    return f"INSERT INTO {_TABLE} (version_num) VALUES ({literal(revision)})"


def lock_schema(cur: cursor, schema: str) -> None:
    """Until the end of the transaction nobody else makes or alters `schema`."""
    cur.execute("SELECT pg_advisory_xact_lock(%s, %s)", (_NAMESPACE, lock_key(schema)))


def _read(cur: cursor) -> str | None:
    cur.execute(f"SELECT version_num FROM {_TABLE}")
    row = cur.fetchone()
    return row[0] if row else None


def _apply(cur: cursor, sql: str, at: str | None) -> None:
    try:
        cur.execute(sql)
    except psycopg2.errors.InsufficientPrivilege as error:
        raise UserError(
            f"the database is {f'at revision {at}' if at else 'without schema mids or has an old one'}, this version"
            f" needs revision {history.head()}, and the database user {cur.connection.info.user} may not change it"
            f" ({(error.diag.message_primary or '').strip()}): have the owner of the database run `mids db upgrade`,"
            " or what `mids db upgrade --sql` prints"
        ) from error
    except psycopg2.Error as error:
        failure = typed(error)
        raise type(failure)(
            f"the database could not be brought to revision {history.head()}, and is as it was: {failure}"
        ) from error
