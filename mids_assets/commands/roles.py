"""`mids db roles`: the groups of the database and their rights, made here or printed for an administrator.

Does not belong here: which groups and rights there are (`warehouse.roles`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg2

from mids_assets.errors import UserError
from mids_assets.settings import Settings
from mids_assets.warehouse import roles
from mids_assets.warehouse.backup.manifest import DAGSTER
from mids_assets.warehouse.backup.source import open_database
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.embedded import DAGSTER_DATABASE
from mids_assets.warehouse.failures import typed
from mids_assets.warehouse.schema import ensure_schema

_APPLICATION = "mids db roles"


def script(settings: Settings) -> str:
    """All statements as one script for psql, with what is left open and why. Each may be run again."""
    with closing(connect(settings, application_name=_APPLICATION)) as conn, conn.cursor() as cur:
        here = roles.groups_here(cur)
        statements = [*roles.statements(cur, roles.our_schemas(cur)), *roles.closing_statements(cur)]
        foreign = roles.foreign_schemas(cur)
    lines = [f"-- {_left_open(foreign)}"] if foreign else []
    lines += ["BEGIN;", *_ended(statements), "COMMIT;"]
    if not settings.dagster_database_url:
        of_dagster = roles.dagster_statements(DAGSTER_DATABASE, here)
        lines += [f"\\connect {DAGSTER_DATABASE}", "BEGIN;", *_ended(of_dagster), "COMMIT;"]
    lines.append(f"-- Then, for each login: GRANT {here.reader} TO ...;")
    return "\n".join(lines)


def applied(settings: Settings) -> list[str]:
    """Make schemas, groups and rights; returns what was done. Raises `UserError` where the user may not."""
    with closing(connect(settings, application_name=_APPLICATION)) as conn:
        for realm in settings.realms:
            # A loader cannot make one: its first publish finds it.
            ensure_schema(conn, realm)
        with _typed(), conn, conn.cursor() as cur:
            here = roles.groups_here(cur)
            why = roles.hindrance(cur)
            if why is not None:
                raise UserError(
                    f"the database user {conn.info.user} cannot make the roles, since {why}: have an administrator run"
                    " what `mids db roles` prints"
                )
            roles.settle(cur, *roles.our_schemas(cur))
            foreign = roles.foreign_schemas(cur)
            for statement in roles.closing_statements(cur):
                cur.execute(statement)
    if not settings.dagster_database_url:
        with closing(open_database(settings, DAGSTER, _APPLICATION)) as conn, _typed(), conn, conn.cursor() as cur:
            for statement in roles.dagster_statements(DAGSTER_DATABASE, here):
                cur.execute(statement)
    told = [f"the groups {', '.join(here.names)} have their rights"]
    if foreign:
        told.append(_left_open(foreign))
    return told


def _left_open(foreign: list[str]) -> str:
    return (
        f"this database also holds {', '.join(foreign)}, so everybody on the server may go on connecting to it and"
        " making temporary tables"
    )


def _ended(statements: list[str]) -> Iterator[str]:
    return (f"{statement};" for statement in statements)


@contextmanager
def _typed() -> Iterator[None]:
    try:
        yield
    except psycopg2.Error as error:
        raise typed(error) from error
