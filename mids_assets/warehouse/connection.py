"""Connections to PostgreSQL, the errors they end in, and the lock of a realm.

Belongs here: which database is meant (embedded or MIDS_DATABASE_URL), opening it with bounded retries, sorting
failures into the user's (`UserError`) and the surroundings' (`DatabaseUnavailable`), the advisory lock.
Does not belong here: starting the embedded server (embedded.py), hiding passwords (`mids_assets.redaction`), SQL of the
warehouse.
"""

from __future__ import annotations

import contextlib
import logging
import re
import time
from collections.abc import Callable, Iterator
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg2
import psycopg2.extensions
from psycopg2.extensions import TRANSACTION_STATUS_IDLE, TRANSACTION_STATUS_INERROR

from mids_assets.errors import DatabaseUnavailable, RealmBusy, UserError
from mids_assets.redaction import redact, remember_secret
from mids_assets.settings import Settings
from mids_assets.warehouse import embedded
from mids_assets.warehouse.locking import lock_key
from mids_assets.warehouse.migrations import applying

log = logging.getLogger(__name__)

LEAST_SERVER_VERSION = 140000
CONNECT_ATTEMPTS = 5
CONNECT_TIMEOUT_SECONDS = 10
_SCHEMES = ("postgresql", "postgres", "postgresql+psycopg2")
# First key of the two-key advisory locks: "MIDS". Other programs on a shared server have other numbers.
_LOCK_NAMESPACE = 0x4D494453
_USERS_FAULT = (
    "password authentication failed",
    "no password supplied",
    "does not exist",  # database or role
    "no pg_hba.conf entry",
    "is not permitted to log in",
    "permission denied for database",
    "Name or service not known",
    "nodename nor servname provided",
    "invalid port number",
    "invalid integer value",
    "server does not support SSL",
    # Both sides' certificates, in the words of libpq and OpenSSL.
    "root certificate file",
    "certificate verify failed",
    "does not match host name",
    "private key file",
    "requires a valid client certificate",
    "certificate authentication failed",
    "alert unknown ca",
    "invalid sslmode value",
    "invalid connection option",
)
# SQLSTATEs after which the same statement may succeed on a new connection.
_LOST = ("08", "57P01", "57P02", "57P03", "53300")


def database_url(settings: Settings) -> str:
    """postgresql:// URL of the warehouse: MIDS_DATABASE_URL, else the embedded server (started when needed)."""
    if settings.database_url:
        return normalized_url(settings.database_url, "MIDS_DATABASE_URL")
    url = embedded.database_url(settings)
    remember_secret(url)
    return url


def dagster_database_url(settings: Settings) -> str:
    """postgresql+psycopg2:// URL of Dagster's storage, which answers; its database is created when absent.

    Raises as `connect`.
    """
    if settings.dagster_database_url:
        url = normalized_url(settings.dagster_database_url, "MIDS_DAGSTER_DATABASE_URL")
        # SQLAlchemy would tell a mistake in it as a stack trace.
        _open(lambda: url, "mids probe", CONNECT_ATTEMPTS).close()
        return _for_sqlalchemy(url)
    if not settings.database_url:
        url = embedded.database_url(settings, embedded.DAGSTER_DATABASE)
        remember_secret(url)
        # Hundreds of small notes a run, each a transaction: nobody waits for the disk at each one. A power failure
        # may cost the notes of its last second, never rows of the warehouse.
        return _for_sqlalchemy(url) + ("&" if "?" in url else "?") + "options=-c%20synchronous_commit%3Doff"
    warehouse = database_url(settings)
    # The warehouse must be reachable in any case; through it the sibling database is made.
    connect(settings, application_name="mids probe", as_it_is=True).close()
    embedded.ensure_database(warehouse, embedded.DAGSTER_DATABASE)
    return _for_sqlalchemy(url_with_database(warehouse, embedded.DAGSTER_DATABASE))


def engine_url(settings: Settings) -> str:
    """The warehouse's URL for SQLAlchemy and Polars: with the driver named, which plain postgresql:// leaves open."""
    return _for_sqlalchemy(database_url(settings))


def normalized_url(url: str, setting: str) -> str:
    """`url` as plain postgresql://, which libpq understands. Raises `UserError` naming `setting` otherwise."""
    remember_secret(url)
    scheme, separator, rest = url.strip().partition("://")
    if not separator or scheme not in _SCHEMES:
        raise UserError(
            f"{setting} is not a PostgreSQL URL: it has the form postgresql://user:password@host:port/database"
        )
    plain = f"postgresql://{rest}"
    # What libpq and Python say of such a URL quotes it, and a character that is not escaped makes a part of the
    # password the host, the port or a percent sign that they quote. So their words are left out.
    unreadable = UserError(
        f"{setting} cannot be read: it has the form postgresql://user:password@host:port/database, and characters such"
        " as @ : / ? # % and blanks in a password are written %40 %3A %2F %3F %23 %25 %20"
    )
    if rest.count("@") > 1 or "@" in rest[len(re.split(r"[/?#]", rest)[0]) :]:
        raise unreadable
    try:
        parts = psycopg2.extensions.parse_dsn(plain)
        _ = urlsplit(plain).port
    except (psycopg2.ProgrammingError, ValueError):
        raise unreadable from None
    if not parts.get("dbname"):
        raise UserError(f"{setting} names no database: it ends with /database")
    return plain


def connect(
    settings: Settings, *, application_name: str, attempts: int = CONNECT_ATTEMPTS, as_it_is: bool = False
) -> psycopg2.extensions.connection:
    """A connection to the warehouse (not autocommit, UTC, UTF8, with our lock timeout). The caller closes it.

    `application_name` shows up in pg_stat_activity and in the messages of `realm_lock`. A database that an earlier
    version made is brought up first, and one of a newer version refused, unless `as_it_is`.
    Raises `UserError` for a wrong password, role, database or host and a server older than 14;
    `DatabaseUnavailable` when the server does not answer after `attempts` tries.
    """
    # Asked each time: an embedded server that died is started again.
    connection = _open(lambda: database_url(settings), application_name, attempts)
    if connection.server_version < LEAST_SERVER_VERSION:
        version = connection.server_version // 10000
        connection.close()
        raise UserError(f"PostgreSQL {version} is too old: 14 or newer is needed")
    with connection.cursor() as cursor:
        # No statement of ours, the note in the register included, waits for somebody's lock for ever.
        wait = f"{round(settings.lock_timeout_seconds * 1000)}ms"
        cursor.execute("SET timezone TO 'UTC'; SET lock_timeout TO %s", (wait,))
    connection.commit()
    if not as_it_is:
        try:
            applying.bring_up(connection)
        except BaseException:
            connection.close()
            raise
    return connection


def _open(url: Callable[[], str], application_name: str, attempts: int) -> psycopg2.extensions.connection:
    text = ""
    for attempt in range(1, attempts + 1):
        try:
            return psycopg2.connect(
                url(),
                application_name=application_name,
                connect_timeout=CONNECT_TIMEOUT_SECONDS,
                client_encoding="UTF8",
                # A peer that vanished without a word is noticed within a minute and a half instead of two hours.
                keepalives_idle=60,
                keepalives_interval=10,
                keepalives_count=3,
            )
        except psycopg2.OperationalError as error:
            text = _sentence(error)
            if any(sign in text for sign in _USERS_FAULT):
                raise UserError(f"PostgreSQL refuses the connection: {text}") from None
            if attempt == attempts:
                break
            log.warning("PostgreSQL does not answer, trying again: %s", text)
            time.sleep(0.1 * 2**attempt)
    raise DatabaseUnavailable(f"PostgreSQL does not answer after {attempts} attempts: {text}")


@contextlib.contextmanager
def lost_connection_is_transient() -> Iterator[None]:
    """Around database work: a lost connection becomes `DatabaseUnavailable`; every other error passes unchanged."""
    try:
        yield
    except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
        code = getattr(error, "pgcode", None)
        # Without a code the message comes from libpq itself: the connection broke.
        if code is None or code.startswith(_LOST):
            raise DatabaseUnavailable(f"the connection to PostgreSQL was lost: {_sentence(error)}") from error
        raise


@contextlib.contextmanager
def realm_lock(connection: psycopg2.extensions.connection, realm: str, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold the lock of `realm` on this connection's session; PostgreSQL frees it when the session ends.

    The connection must have no open transaction at the start; the lock outlives commits and rollbacks.
    Raises `RealmBusy` naming the holder when the lock is not free within `wait_seconds`.
    """
    if connection.info.transaction_status != TRANSACTION_STATUS_IDLE:
        raise ValueError("realm_lock needs a connection without an open transaction")
    key = lock_key(realm)
    deadline = time.monotonic() + wait_seconds
    while not _ask(connection, "SELECT pg_try_advisory_lock(%s, %s)", (_LOCK_NAMESPACE, key))[0]:
        if time.monotonic() >= deadline:
            raise RealmBusy(f"another import of realm {realm} is under way: {lock_holder(connection, realm)}")
        time.sleep(min(0.2, max(0.0, deadline - time.monotonic())))
    try:
        yield
    finally:
        # A broken connection has lost the lock already; hiding the error that broke it would be worse.
        with contextlib.suppress(psycopg2.OperationalError, psycopg2.InterfaceError):
            if connection.info.transaction_status == TRANSACTION_STATUS_INERROR:
                connection.rollback()
            _ask(connection, "SELECT pg_advisory_unlock(%s, %s)", (_LOCK_NAMESPACE, key))


def lock_holder(connection: psycopg2.extensions.connection, realm: str) -> str | None:
    """Who holds the lock of `realm`, as text for a person; None when nobody does."""
    row = _lock_row(connection, realm)
    if row is None:
        return None
    pid, application, address, since, _ = row
    if since is None:  # PostgreSQL tells a user about his own sessions only.
        return f"a session of another database user (PostgreSQL process {pid})"
    return (
        f"{application} (PostgreSQL process {pid}, from {address or 'this machine'},"
        f" connected since {since:%Y-%m-%d %H:%M:%S} UTC)"
    )


def lock_idle_seconds(connection: psycopg2.extensions.connection, realm: str) -> tuple[int, float] | None:
    """PostgreSQL process that holds the lock of `realm`, and for how many seconds its client has asked nothing (0
    while a statement runs); None when nobody holds it."""
    row = _lock_row(connection, realm)
    return None if row is None else (row[0], row[4])


def _lock_row(connection: psycopg2.extensions.connection, realm: str) -> tuple | None:
    return _ask(
        connection,
        "SELECT a.pid, coalesce(nullif(a.application_name, ''), 'unnamed'), a.client_addr::text, a.backend_start,"
        " CASE WHEN a.state = 'active' THEN 0 ELSE coalesce(extract(epoch FROM now() - a.state_change)::float8, 0) END"
        " FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
        " WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2"
        " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        " AND l.classid::bigint = %s AND l.objid::bigint = %s",
        (_LOCK_NAMESPACE, lock_key(realm) & 0xFFFFFFFF),
    )


def _ask(connection, statement: str, parameters: tuple) -> tuple:
    """One row, leaving no transaction open that was not open before."""
    idle = connection.info.transaction_status == TRANSACTION_STATUS_IDLE
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        row = cursor.fetchone()
    if idle and not connection.autocommit:
        connection.rollback()
    return row


def _sentence(error: Exception) -> str:
    """What libpq says, often over several lines, in one, without passwords."""
    return " ".join(redact(str(error)).split())


def _for_sqlalchemy(url: str) -> str:
    return "postgresql+psycopg2://" + url.partition("://")[2]


def url_with_database(url: str, database: str) -> str:
    """`url` with another database name."""
    return urlunsplit(urlsplit(url)._replace(path="/" + quote(database, safe="")))
