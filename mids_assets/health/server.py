"""The PostgreSQL server, and what is locked: as `mids doctor` finds it.

Does not belong here: starting it (`warehouse.embedded`), what lies in it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from pathlib import Path

import filelock
from psycopg2.extensions import connection

from mids_assets.health.finding import Finding
from mids_assets.settings import Settings
from mids_assets.warehouse import embedded, embedded_cluster, embedded_process, roles, trigrams
from mids_assets.warehouse.connection import lock_holder, lock_idle_seconds

_VERIFY = (
    "Let the server use TLS, and add sslmode=verify-full and sslrootcert=<file of its CA> to the address"
    " (docs/security.md)."
)
IDLE_SECONDS = 3600.0
"""So long may whoever holds the lock of a realm ask the server nothing."""


def embedded_server(settings: Settings) -> Iterator[Finding]:
    """What was left of the embedded server, before anything starts it: process, postmaster.pid and port."""
    if settings.database_url:
        return
    cluster = embedded_cluster.locate(settings.postgres_dir)
    if not cluster.data.exists():
        yield Finding("server", "ok", "The embedded PostgreSQL was never started; the first command makes it.")
        return
    postmaster = embedded_process.read_postmaster(cluster)
    if postmaster is not None and postmaster.alive:
        yield Finding("server", "ok", f"The embedded PostgreSQL runs as process {postmaster.pid}.")
        return
    if postmaster is not None:
        yield Finding(
            "server",
            "warn",
            f"{cluster.data}/postmaster.pid names process {postmaster.pid}, which is gone: the server was killed.",
            "Nothing: whoever needs the server next starts it, and PostgreSQL recovers by itself.",
        )
    port = embedded_cluster.read_port(cluster)
    if port is not None and not embedded_process.is_free(port):
        yield Finding(
            "port",
            "warn",
            f"Port {port} of the embedded PostgreSQL is taken by another program.",
            "End that program, or let the next start take another port; `mids db url` then gives the new address.",
        )


def answering_server(settings: Settings, conn: connection) -> Iterator[Finding]:
    """The server that was connected to; one that is too old was refused by then."""
    version, rest = divmod(conn.server_version, 10000)
    running = None if settings.database_url else embedded.status(settings)
    where = f"the embedded server, port {running.port}" if running else "the server of MIDS_DATABASE_URL"
    yield Finding("server", "ok", f"PostgreSQL {version}.{rest} answers: {where}.")


def encryption(conn: connection) -> Iterator[Finding]:
    """Whether the connection to a server that is not on this machine is encrypted, and to whom."""
    mode = conn.info.dsn_parameters.get("sslmode", "")
    if _is_here(conn.info.host):
        yield Finding("encryption", "ok", "The server is on this machine.")
    elif not conn.info.ssl_in_use:
        yield Finding("encryption", "warn", f"The connection to {conn.info.host} is not encrypted.", _VERIFY)
    elif mode not in ("verify-ca", "verify-full"):
        text = f"The connection to {conn.info.host} is encrypted, but who answers is not checked (sslmode={mode})."
        yield Finding("encryption", "warn", text, _VERIFY)
    else:
        yield Finding("encryption", "ok", f"The connection to {conn.info.host} is encrypted and checked ({mode}).")


def _is_here(host: str | None) -> bool:
    """A socket, or an address of this machine's own."""
    if not host or host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def database_roles(conn: connection) -> Iterator[Finding]:
    """Whether the groups of this database are there, and closed to everybody else where somebody is in them."""
    with conn, conn.cursor() as cur:
        if not roles.our_schemas(cur):
            return  # They come with the first import.
        here, missing = roles.groups_here(cur), roles.missing_groups(cur)
        why = roles.hindrance(cur) if missing else None
        everybody = [] if missing else roles.rights_of_everybody(cur)
        logins = [] if missing else roles.logins(cur)
    if missing:
        since = f": the database user cannot make them, since {why}" if why else ""
        text = f"The groups {', '.join(missing)} are missing{since}."
        mend = "mids db roles --apply, or have an administrator run what `mids db roles` prints."
        yield Finding("roles", "warn", text, mend)
    elif logins and everybody:
        yield Finding(
            "roles",
            "warn",
            f"{', '.join(logins)} are in our groups, but everybody on this server may {' and '.join(everybody)}.",
            "mids db roles --apply",
        )
    else:
        yield Finding("roles", "ok", f"The groups {', '.join(here.names)} are there, with {len(logins)} logins.")


def misspelt_search(conn: connection) -> Iterator[Finding]:
    """Whether the extension is there by which a search finds names that are misspelt."""
    with conn, conn.cursor() as cur:
        if not roles.our_schemas(cur):
            return  # It comes with the first import.
        schema = trigrams.installed_in(cur)
    if schema:
        yield Finding("search", "ok", f"A search finds misspelt names: {trigrams.EXTENSION} is in schema {schema}.")
        return
    yield Finding(
        "search",
        "warn",
        f"A search does not find misspelt names: the extension {trigrams.EXTENSION} is not there.",
        f"Have an administrator run `{trigrams.CREATION}` in this database, after installing the contrib package of"
        " PostgreSQL where it is missing; the next publish makes the indexes.",
    )


def realm_locks(conn: connection, realms: tuple[str, ...]) -> Iterator[Finding]:
    """Realms whose lock somebody holds; it dies with its connection, so only one that sleeps is suspicious."""
    for realm in realms:
        holder, idle = lock_holder(conn, realm), lock_idle_seconds(conn, realm)
        if holder is None or idle is None:
            continue
        process, seconds = idle
        if seconds < IDLE_SECONDS:
            yield Finding("locks", "ok", f"An import of realm {realm} is under way: {holder}.")
        else:
            yield Finding(
                "locks",
                "broken",
                f"Realm {realm} is locked by a connection that has done nothing for {seconds / 3600:,.1f} h: {holder}.",
                f"If no import runs there: mids db psql -c 'SELECT pg_terminate_backend({process})'",
            )


def lock_files(settings: Settings) -> Iterator[Finding]:
    """Files that somebody holds locked. The system frees such a lock with its process: a file alone locks nothing."""
    places = [settings.postgres_dir / "server.lock", *sorted(settings.updates_dir.glob("*/fetch.lock"))]
    held = [place for place in places if place.exists() and _is_held(place)]
    for place in held:
        yield Finding(
            "locks",
            "warn",
            f"{place} is held by a process.",
            f"Wait for the command that holds it; where there is none, `fuser {place}` names the process to end.",
        )
    if not held:
        yield Finding("locks", "ok", "No lock file is held.")


def _is_held(place: Path) -> bool:
    try:
        with filelock.FileLock(place, timeout=0):
            return False
    except filelock.Timeout:
        return True
