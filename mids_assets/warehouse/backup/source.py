"""What is dumped: the schemas of a realm, or the tables of Dagster's database, seen in one snapshot.

Does not belong here: writing the dump (taking.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass

import psycopg2
from psycopg2.extensions import connection, cursor, parse_dsn

from mids_assets.errors import DatabaseUnavailable
from mids_assets.redaction import redact
from mids_assets.settings import Settings
from mids_assets.warehouse.backup.manifest import DAGSTER
from mids_assets.warehouse.connection import connect, dagster_database_url, database_url
from mids_assets.warehouse.ddl import view_schema
from mids_assets.warehouse.failures import typed
from mids_assets.warehouse.roles import Groups, groups
from mids_assets.warehouse.stored import quote

PUBLIC = "public"
"""The schema that Dagster makes its tables in."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An open transaction that goes on seeing one moment; `id` lets other sessions see the same."""

    conn: connection
    cur: cursor
    id: str

    @property
    def server(self) -> str:
        return version_text(self.conn.server_version)


def version_text(number: int) -> str:
    """180006 -> "18.6"."""
    return f"{number // 10000}.{number % 10000}"


def source_url(settings: Settings, of: str) -> str:
    """postgresql:// URL of the database that a realm, or `DAGSTER`, is in; made and started where needed."""
    if of == DAGSTER:
        return dagster_database_url(settings).replace("+psycopg2", "", 1)
    return database_url(settings)


def open_database(settings: Settings, of: str, application: str) -> connection:
    """A connection to that database. Raises as `connect`."""
    if of != DAGSTER:
        return connect(settings, application_name=application)
    url = source_url(settings, of)
    try:
        return psycopg2.connect(url, application_name=application, connect_timeout=10)
    except psycopg2.OperationalError as error:
        raise DatabaseUnavailable(f"Dagster's database does not answer: {redact(str(error)).strip()}") from error


def is_elsewhere(settings: Settings, of: str) -> bool:
    """Whether that database is on a server that is not the embedded one."""
    return bool(settings.database_url or (of == DAGSTER and settings.dagster_database_url))


def schemas_of(of: str) -> tuple[str, ...]:
    return (PUBLIC,) if of == DAGSTER else (of, view_schema(of))


@contextmanager
def snapshot(settings: Settings, of: str, application: str) -> Iterator[Snapshot]:
    """See one moment of the database, and write nothing. Raises the typed error of what PostgreSQL says."""
    with closing(open_database(settings, of, application)) as conn:
        conn.rollback()
        conn.set_session(isolation_level="REPEATABLE READ", readonly=True)
        try:
            with conn.cursor() as cur:
                # Limits that a server sets for its users in general must not end a long dump.
                cur.execute("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")
                cur.execute("SELECT pg_export_snapshot()")
                (number,) = cur.fetchone() or ("",)
                yield Snapshot(conn, cur, number)
        except psycopg2.Error as error:
            raise typed(error) from error


def row_counts(cur: cursor, schemas: Sequence[str]) -> dict[str, int]:
    """Rows of each table of the schemas, as schema.table."""
    cur.execute(
        "SELECT nspname, relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
        " WHERE nspname = ANY(%s) AND relkind = 'r' ORDER BY 1, 2",
        (list(schemas),),
    )
    counts = {}
    for schema, table in cur.fetchall():
        cur.execute(f"SELECT count(*) FROM {quote(schema)}.{quote(table)}")
        (counts[f"{schema}.{table}"],) = cur.fetchone() or (0,)
    return counts


def groups_of(settings: Settings) -> Groups:
    """The groups of the warehouse, to which Dagster's database belongs, too."""
    return groups(parse_dsn(database_url(settings))["dbname"])


def roles_in(cur: cursor, schemas: Sequence[str], ours: Groups) -> tuple[str, ...]:
    """Roles, other than the owners and our own groups, that have rights in the schemas; the dump names them and does
    not hold them."""
    cur.execute(
        """
        WITH granted AS (
            SELECT nspacl AS acl, nspowner AS owner FROM pg_namespace WHERE nspname = ANY(%(schemas)s)
            UNION ALL
            SELECT relacl, relowner FROM pg_class WHERE relnamespace = ANY(%(schemas)s::regnamespace[])
            UNION ALL
            SELECT attacl, relowner FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid
            WHERE relnamespace = ANY(%(schemas)s::regnamespace[])
            UNION ALL
            SELECT defaclacl, 0 FROM pg_default_acl WHERE defaclnamespace = ANY(%(schemas)s::regnamespace[])
        ), named AS (
            SELECT e.grantee AS role FROM granted g, aclexplode(g.acl) e WHERE e.grantee NOT IN (0, g.owner)
            UNION
            SELECT defaclrole FROM pg_default_acl WHERE defaclnamespace = ANY(%(schemas)s::regnamespace[])
        )
        SELECT pg_get_userbyid(role)::text FROM named ORDER BY 1
        """,
        {"schemas": list(schemas)},
    )
    return tuple(role for (role,) in cur.fetchall() if role not in ours.names)
