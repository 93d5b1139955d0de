"""The embedded PostgreSQL: whoever needs it starts it, nobody stops it at exit.

Belongs here: the life of the one server below `Settings.postgres_dir` - start, status, stop, its databases.
Does not belong here: making the data folder (embedded_cluster.py), the process itself (embedded_process.py), finding
the programs (embedded_programs.py), connections and their errors (connection.py).

Files below `postgres_dir`: server.lock (start and stop exclude each other), password (mode 0600), port (kept from
the first start on), cluster/ (PostgreSQL's own folder). As root the cluster belongs to an unprivileged user; where
that user cannot enter `postgres_dir`, the cluster lies elsewhere and the file `location` says where.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import filelock
import psycopg2
import psycopg2.errors

from mids_assets.errors import DatabaseUnavailable, UserError
from mids_assets.settings import Settings
from mids_assets.warehouse import embedded_cluster as cluster_files
from mids_assets.warehouse import embedded_process as process
from mids_assets.warehouse.embedded_cluster import SUPERUSER, Cluster

log = logging.getLogger(__name__)

DATABASE = "mids"
DAGSTER_DATABASE = "dagster"
LOCK_WAIT_SECONDS = 120
START_RETRY_SECONDS = 10
CONNECT_ATTEMPTS = 5
_DATABASE_LOCK = 0x4D494453  # advisory lock around CREATE DATABASE; any constant will do


@dataclass(frozen=True)
class ServerInfo:
    """The running server. `started` is True when this very call started it; `notice` is for the person at the
    terminal (such as a changed port) or None. `url` holds the password: show it only when asked for it."""

    url: str
    port: int
    pid: int
    version: str
    started: bool
    cluster_dir: Path
    notice: str | None = None

    def __repr__(self) -> str:
        return f"ServerInfo(port={self.port}, pid={self.pid}, version={self.version!r}, started={self.started})"


def ensure_server(settings: Settings) -> ServerInfo:
    """The running server, started when needed. Takes 1 ms when it runs, 0.3 s to start, 2 s the first time.

    Raises `UserError` for what a person must mend (permissions, full disk, other major version, no programs) and
    `DatabaseUnavailable` when it does not come up for another reason.
    """
    running = status(settings)
    if running is not None:
        return running
    with locked(settings):
        running = status(settings)
        return running if running is not None else _start(settings)


def status(settings: Settings) -> ServerInfo | None:
    """The running server, or None. Starts nothing and needs no lock."""
    cluster = cluster_files.locate(settings.postgres_dir)
    postmaster = process.read_postmaster(cluster)
    if postmaster is None or not postmaster.ready or not postmaster.alive:
        return None
    return _info(cluster, postmaster.port, postmaster.pid)


def stop(settings: Settings, force: bool = False) -> bool:
    """Stop the server; False when it did not run.

    Raises `UserError` while others are connected, unless `force`: then their connections are cut.
    """
    with locked(settings):
        running = status(settings)
        if running is None:
            return False
        if not force:
            others = other_clients(running)
            if others:
                raise UserError(
                    f"{len(others)} connection(s) are open ({', '.join(sorted(set(others)))}):"
                    " close them or stop with --force"
                )
        process.stop(cluster_files.locate(settings.postgres_dir))
        return True


def database_url(settings: Settings, database: str = DATABASE) -> str:
    """postgresql:// URL of a database on the embedded server; server and database are created when needed."""
    said = ""
    for _ in range(CONNECT_ATTEMPTS):
        server = ensure_server(settings)
        url = url_of(server.port, cluster_files.read_password(cluster_files.locate(settings.postgres_dir)), database)
        try:
            psycopg2.connect(url, application_name="mids probe").close()
            return url
        except psycopg2.OperationalError as error:
            if f'database "{database}" does not exist' in str(error):
                ensure_database(server.url, database)
                return url
            if "password authentication failed" in str(error):
                raise UserError(
                    f"{settings.postgres_dir}/password is not the password of this server: restore the file"
                ) from None
            said = str(error).strip()
        # A server that was just killed still looks alive for a moment; the next round starts it again.
        time.sleep(0.25)
    raise DatabaseUnavailable(f"the embedded PostgreSQL does not answer: {said}")


def ensure_database(admin_url: str, database: str) -> None:
    """Create `database` over a connection to any database of its server, unless it exists. Safe between processes.

    Raises `UserError` with the statement to type when the role may not create databases.
    """
    connection = psycopg2.connect(admin_url, application_name="mids create database")
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            # CREATE DATABASE has no IF NOT EXISTS, and two at once disturb each other even for different names.
            cursor.execute("SELECT pg_advisory_lock(%s)", (_DATABASE_LOCK,))
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,))
            if cursor.fetchone() is None:
                quoted = '"' + database.replace('"', '""') + '"'
                with contextlib.suppress(psycopg2.errors.DuplicateDatabase, psycopg2.errors.UniqueViolation):
                    cursor.execute(f"CREATE DATABASE {quoted} ENCODING 'UTF8' TEMPLATE template0")
    except psycopg2.errors.InsufficientPrivilege:
        raise UserError(
            f'the database "{database}" is missing and this role may not create it: have an administrator run'
            f' CREATE DATABASE "{database}" OWNER ...'
        ) from None
    finally:
        connection.close()


def _start(settings: Settings) -> ServerInfo:
    cluster = cluster_files.prepare(settings.postgres_dir)
    kept = cluster_files.read_port(cluster)
    port = kept if kept is not None and process.is_free(kept) else process.choose_port()
    notice = None
    deadline = time.monotonic() + START_RETRY_SECONDS
    while True:
        process.discard_stale_postmaster(cluster)
        output = process.start(cluster, port)
        if output is None:
            break
        if process.says_port_taken(output):
            port = process.choose_port()
        elif not process.says_still_ending(output):
            raise cluster_files.explain(cluster, output)
        if time.monotonic() > deadline:
            raise DatabaseUnavailable(f"the embedded PostgreSQL does not start: {output}")
        # After kill -9 the children of the dead server need a moment to notice and go.
        time.sleep(0.25)
    if kept not in (None, port):
        notice = f"port {kept} of the embedded PostgreSQL is taken by another program; it now listens on {port}"
        log.warning(notice)
    cluster_files.write_port(cluster, port)
    postmaster = process.read_postmaster(cluster)
    if postmaster is None or not postmaster.alive:
        raise DatabaseUnavailable(f"the embedded PostgreSQL ended right after its start; see {cluster.data}/log")
    return _info(cluster, port, postmaster.pid, started=True, notice=notice)


def _info(cluster: Cluster, port: int, pid: int, *, started: bool = False, notice: str | None = None) -> ServerInfo:
    url = url_of(port, cluster_files.read_password(cluster), "postgres")
    return ServerInfo(url, port, pid, cluster_files.read_version(cluster), started, cluster.data, notice)


def url_of(port: int, password: str, database: str) -> str:
    """postgresql:// URL of a database on an embedded server, as its superuser."""
    return f"postgresql://{SUPERUSER}:{quote(password, safe='')}@127.0.0.1:{port}/{quote(database, safe='')}"


@contextlib.contextmanager
def locked(settings: Settings) -> Iterator[None]:
    """Nobody else starts, stops or moves the server meanwhile. Raises `DatabaseUnavailable`, `UserError`."""
    directory = settings.postgres_dir
    try:
        directory.mkdir(parents=True, exist_ok=True)
        # The operating system frees this lock with its process, so a killed starter blocks nobody.
        lock = filelock.FileLock(directory / "server.lock", timeout=LOCK_WAIT_SECONDS)
        lock.acquire()
    except filelock.Timeout:
        raise DatabaseUnavailable(
            f"another process has been starting or stopping PostgreSQL for {LOCK_WAIT_SECONDS} s ({directory})"
        ) from None
    except OSError as error:
        raise UserError(f"cannot write to {directory}: {error.strerror}; set MIDS_DATA_DIR or its owner") from error
    try:
        yield
    except OSError as error:
        raise UserError(f"the embedded PostgreSQL below {directory}: {error}") from error
    finally:
        lock.release()


def other_clients(server: ServerInfo) -> list[str]:
    """application_name (process id) of everyone connected but ourselves."""
    try:
        connection = psycopg2.connect(server.url, application_name="mids db stop")
    except psycopg2.OperationalError as error:
        raise UserError(f"cannot ask the server who is connected ({error}); stop with --force") from error
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT coalesce(nullif(application_name, ''), 'unnamed') FROM pg_stat_activity"
                " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
            return [name for (name,) in cursor.fetchall()]
    finally:
        connection.close()


__all__ = [
    "DAGSTER_DATABASE",
    "DATABASE",
    "ServerInfo",
    "database_url",
    "ensure_database",
    "ensure_server",
    "locked",
    "other_clients",
    "status",
    "stop",
    "url_of",
]
