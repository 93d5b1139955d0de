"""Bringing backups back: everything in one transaction of psql, and readers see the old rows until it commits.

What is there is renamed first and dropped last: a lock on its tables, which readers would wait for, is short.

Does not belong here: asking whether somebody means it (commands), choosing the backup (manifest.py).
"""

from __future__ import annotations

import io
import subprocess
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, suppress

from psycopg2.extensions import connection, cursor

from mids_assets.errors import UserError
from mids_assets.model.operations import SCHEMA
from mids_assets.model.reader_views import READER_SCHEMA
from mids_assets.objects.place import Place
from mids_assets.progress import report
from mids_assets.settings import Settings
from mids_assets.warehouse import audit, roles, schema, trigrams
from mids_assets.warehouse.backup import operations
from mids_assets.warehouse.backup.manifest import DAGSTER, Manifest
from mids_assets.warehouse.backup.refusals import explained
from mids_assets.warehouse.backup.source import is_elsewhere, open_database, schemas_of, source_url, version_text
from mids_assets.warehouse.backup.streams import ProgramFailed, Script, running
from mids_assets.warehouse.backup.taking import DUMP, STRUCTURE
from mids_assets.warehouse.backup.verifying import lines_of, verify
from mids_assets.warehouse.client_programs import DumpPrograms, client_environment, dump_programs
from mids_assets.warehouse.connection import lost_connection_is_transient, realm_lock
from mids_assets.warehouse.migrations import applying, history, scripts
from mids_assets.warehouse.stored import quote

_APPLICATION = "mids db restore"
_TRANSACTION_TIMEOUT_SINCE = 170000
_PSQL = (
    "--no-psqlrc",
    "--quiet",
    "--no-password",
    "--output=/dev/null",
    "--set=ON_ERROR_STOP=1",
    "--set=VERBOSITY=verbose",  # shows SQLSTATEs
)


def restore(settings: Settings, place: Place, backups: Sequence[Manifest], *, grants: bool = True) -> None:
    """Make the realms of `backups`, or Dagster's database, what they were. Several realms come back together.

    The realms' locks are held meanwhile. `grants`: with the rights that roles had. On any error all is as before.
    Raises `BackupUnusable`; `UserError` for an older server, a newer version of this code, a role that is missing, and
    what refers to the rows from outside; `RealmBusy`, `DatabaseUnavailable`, `NetworkUnavailable`.
    """
    of = backups[0].of
    with ExitStack() as stack:
        stack.enter_context(lost_connection_is_transient())
        conn = stack.enter_context(closing(open_database(settings, of, _APPLICATION)))
        programs = _require_fit(settings, conn, backups, grants)
        for backup in backups:
            report("restore", 0, 1, f"verifying {backup.name}")
            verify(place, backup, programs)
        if of == DAGSTER:
            require_alone(conn)
        else:
            for backup in backups:
                stack.enter_context(realm_lock(conn, backup.of, settings.lock_wait_seconds))
        report("restore", 0, 1, "one transaction")
        if of == DAGSTER:
            # Another database than that of the audit, maybe on another server: noted before it, and not with it.
            audit.record(settings, audit.at_this_terminal(), _deed(backups[0]))
        restoring = _Restoring(place, programs, conn, grants)
        lines = restoring.dagster(backups[0]) if of == DAGSTER else restoring.realms(backups, settings)
        _run(
            programs.command("psql", *_PSQL),
            client_environment(source_url(settings, of), _APPLICATION),
            lines,
        )
        if of != DAGSTER:
            schema.ensure_operations(conn)
            with conn, conn.cursor() as cur:
                for backup in backups:
                    trigrams.index(cur, backup.of)
                roles.settle(
                    cur, SCHEMA, READER_SCHEMA, *(name for backup in backups for name in schemas_of(backup.of))
                )
        _analyze(conn, backups)
        report("restore", 1, 1, "one transaction")


class _Restoring:
    """The SQL of one restore, line by line."""

    def __init__(self, place: Place, programs: DumpPrograms, conn: connection, grants: bool) -> None:
        self._place = place
        self._programs = programs
        self._conn = conn
        self._options = ("--no-owner",) if grants else ("--no-owner", "--no-privileges")

    def dagster(self, backup: Manifest) -> Generator[bytes, None, None]:
        yield from _statements(["BEGIN"])
        yield from self._dump(backup, DUMP, "--clean", "--if-exists")
        yield from _statements(["COMMIT"])

    def realms(self, backups: Sequence[Manifest], settings: Settings) -> Generator[bytes, None, None]:
        with self._conn, self._conn.cursor() as cur:
            has_operations = _is_there(cur, SCHEMA)
            at = applying.noted_revision(cur) if has_operations else backups[-1].revision
            there = [name for backup in backups for name in schemas_of(backup.of) if _is_there(cur, name)]
            drops = [statement for name in reversed(there) for statement in _drops(cur, name)]
        yield from _statements(["BEGIN", "SET statement_timeout = 0"])
        yield from _statements(f"ALTER SCHEMA {quote(name)} RENAME TO {_replaced(name)}" for name in there)
        if not has_operations:
            # Its views went with the tables; the backup holds it, or the revisions make it.
            yield from _statements([f"DROP SCHEMA IF EXISTS {quote(READER_SCHEMA)}"])
            yield from self._dump(backups[-1], STRUCTURE)
            if at is not None:
                yield from _statements([applying.note(at)])
        for backup in backups:
            yield from self._dump(backup, DUMP)
        yield from _statements(["SET client_encoding = 'UTF8'"])
        if history.missing(at):
            yield f"{scripts.upgrade_sql(at)}\n".encode()
        yield from _statements(operations.before_rows())
        yield from _statements(statement for backup in backups for statement in operations.clear(backup.of))
        for backup in backups:
            yield from lines_of(self._place, backup, operations.ROWS_FILE, self._programs)
            yield from _statements(operations.after_rows(backup.of))
        person = audit.at_this_terminal()
        yield from _statements(audit.statement(person, _deed(backup)) for backup in backups)
        yield from _statements([f"SET lock_timeout = {round(settings.lock_timeout_seconds * 1000)}", *drops, "COMMIT"])

    def _dump(self, backup: Manifest, file: str, *options: str) -> Iterator[bytes]:
        unknown = self._conn.server_version < _TRANSACTION_TIMEOUT_SINCE
        lines = lines_of(self._place, backup, file, self._programs, *self._options, *options)
        for line, is_row in Script(lines):
            # A newer pg_restore sets what an older server does not know.
            if unknown and not is_row and line.startswith(b"SET transaction_timeout"):
                continue
            # Our groups go by the name of the database, which may be another one here.
            if not is_row and is_grant_to(line, backup.groups):
                continue
            # They are made anew afterwards, where this server can have them.
            if not is_row and trigrams.is_about_index(line):
                continue
            yield line


def is_grant_to(line: bytes, groups: Sequence[str]) -> bool:
    """Whether a line of pg_restore gives rights to one of the groups, or takes them."""
    if not line.startswith((b"GRANT ", b"REVOKE ", b"ALTER DEFAULT PRIVILEGES ")):
        return False
    # A name that needs none is written without quotation marks.
    return line.rstrip(b";\n").endswith(
        tuple(f" {name}".encode() for group in groups for name in (group, quote(group)))
    )


def _deed(backup: Manifest) -> audit.Deed:
    realm = None if backup.of == DAGSTER else backup.of
    return audit.Deed("restore", realm, backup.release, subject=backup.name)


def _require_fit(settings: Settings, conn: connection, backups: Sequence[Manifest], grants: bool) -> DumpPrograms:
    """Programs that read the backups, where the server can take them."""
    for backup in backups:
        history.require_known(backup.revision, f"backup {backup.name}")
    newest = max(backup.server_major for backup in backups)
    here = conn.server_version
    if here // 10000 < newest:
        raise UserError(
            f"the backup was made on PostgreSQL {newest}, and this server is {version_text(here)}: restore it on"
            f" {newest} or newer"
        )
    with conn, conn.cursor() as cur:
        cur.execute(
            "SELECT role FROM unnest(%s::text[]) role WHERE role NOT IN (SELECT rolname FROM pg_roles)",
            (sorted({role for backup in backups for role in backup.roles}),),
        )
        missing = [role for (role,) in cur.fetchall()]
    if grants and missing:
        raise UserError(
            f"the backup holds rights of {', '.join(missing)}, which this server does not know:"
            f" {'; '.join(f'CREATE ROLE {quote(role)}' for role in missing)}, or restore with --no-grants"
        )
    least = max(backup.dumper_major for backup in backups)
    return dump_programs(least, elsewhere=is_elsewhere(settings, backups[0].of))


def require_alone(conn: connection) -> None:
    """Raise `UserError` where others are connected to Dagster's database: it is not exchanged or altered under a daemon
    or a run that writes to it."""
    with conn, conn.cursor() as cur:
        cur.execute(
            "SELECT DISTINCT coalesce(nullif(application_name, ''), 'unnamed') FROM pg_stat_activity"
            " WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        others = [name for (name,) in cur.fetchall()]
    if others:
        raise UserError(f"Dagster's database is in use ({', '.join(others)}): stop `make dev` and all imports first")


def _replaced(name: str) -> str:
    return quote(f"{name}~replaced")


def _drops(cur: cursor, name: str) -> Iterator[str]:
    """Take a replaced schema away as a whole. Never CASCADE: what others hung on it must stop the restore."""
    for kind, word in (("v", "VIEW"), ("r", "TABLE")):
        cur.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind = %s ORDER BY relname",
            (quote(name), kind),
        )
        relations = [f"{_replaced(name)}.{quote(relation)}" for (relation,) in cur.fetchall()]
        if relations:
            yield f"DROP {word} {', '.join(relations)}"
    yield f"DROP SCHEMA {_replaced(name)}"


def _is_there(cur: cursor, name: str) -> bool:
    cur.execute("SELECT to_regnamespace(%s) IS NOT NULL", (quote(name),))
    return bool((cur.fetchone() or (False,))[0])


def _statements(statements: Iterable[str]) -> Iterator[bytes]:
    for statement in statements:
        yield f"{statement};\n".encode()


def _run(command: list[str], environment: dict[str, str], lines: Generator[bytes, None, None]) -> None:
    """Feed psql. Where the lines break off, it ends without COMMIT, and all is as before."""
    environment = {**environment, "PGCLIENTENCODING": "UTF8"}
    try:
        # It ends at the first error, and no longer reads then; what it says is the reason.
        with (
            closing(lines),
            running(command, environment, stdin=subprocess.PIPE) as process,
            suppress(BrokenPipeError),
        ):
            (process.stdin or io.BytesIO()).writelines(lines)
    except ProgramFailed as error:
        if error.program != "psql":
            raise
        raise explained(error) from error


def _analyze(conn: connection, backups: Sequence[Manifest]) -> None:
    """A dump holds no statistics, and without them the first queries are slow."""
    with conn, conn.cursor() as cur:
        for backup in backups:
            for table in backup.tables:
                cur.execute(f"ANALYZE {'.'.join(quote(part) for part in table.split('.'))}")
