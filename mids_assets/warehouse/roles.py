"""Database roles: an owner, a loader and a reader for each warehouse, as groups that logins are put into.

    <database>_owner    owns schema mids and the realms; alters them (migrations, a publish of a changed model)
    <database>_loader   imports: all rows, no table; may add to the audit and not change it
    <database>_reader   reads the realms and their views, the views of mids (mids_v1), and nothing else

Roles belong to a server and a server may have several warehouses, so the groups bear the name of the database. Their
rights are made anew whenever a schema was made or altered, by whoever did that and as far as he may; what concerns
everybody on the database (PUBLIC) only when a person asks for it. Does not belong here: logins, which an administrator
makes; SQL of tables.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from psycopg2.extensions import cursor

from mids_assets.model.operations import APPEND_ONLY, SCHEMA
from mids_assets.model.reader_views import READER_SCHEMA
from mids_assets.warehouse.ddl import REALM_COMMENT, VIEW_SUFFIX, view_schema
from mids_assets.warehouse.migrations.applying import VERSION_TABLE, lock_schema
from mids_assets.warehouse.stored import fit, quote, quoted

_MAINTAIN_SINCE = 170000
_KINDS = ("owner", "loader", "reader")


@dataclass(frozen=True, slots=True)
class Groups:
    """Names of the three groups of a database."""

    owner: str
    loader: str
    reader: str

    @property
    def names(self) -> tuple[str, str, str]:
        return self.owner, self.loader, self.reader


def groups(database: str) -> Groups:
    return Groups(*(fit(f"{database}_{kind}") for kind in _KINDS))


def groups_here(cur: cursor) -> Groups:
    """The groups of the database that is connected to, whether they exist or not."""
    return groups(_one(cur, "SELECT current_database()"))


def statements(cur: cursor, handed: Collection[str]) -> list[str]:
    """All that makes the groups and their rights, as it has to be in this database now; each may be repeated.

    `handed`: schemas that go to the owner's group with all that is in them, which readers have to wait for.
    """
    here = groups_here(cur)
    return [*_creation(cur, here), *_on_database(cur, here), *_ownership(cur, here, handed), *_on_schemas(cur, here)]


def closing_statements(cur: cursor) -> list[str]:
    """What takes from everybody (PUBLIC) that he may connect, make temporary tables, or write to schema public.

    None where the database is not ours alone: users of another program may live by it.
    """
    if foreign_schemas(cur):
        return []
    database = quote(_one(cur, "SELECT current_database()"))
    return [f"REVOKE ALL ON DATABASE {database} FROM PUBLIC", "REVOKE CREATE ON SCHEMA public FROM PUBLIC"]


def dagster_statements(database: str, here: Groups) -> list[str]:
    """Rights in Dagster's own database, to be executed there: all of them to owners and loaders, none to others."""
    to = quoted(here.owner, here.loader)
    found = [
        f"REVOKE ALL ON DATABASE {quote(database)} FROM PUBLIC",
        f"GRANT ALL ON DATABASE {quote(database)} TO {to}",
        f"GRANT ALL ON SCHEMA public TO {to}",
    ]
    for kind in ("TABLES", "SEQUENCES"):
        found.append(f"GRANT ALL ON ALL {kind} IN SCHEMA public TO {to}")
        found.append(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON {kind} TO {to}")
    return found


def hindrance(cur: cursor) -> str | None:
    """Why the user that is connected cannot make the groups and their rights; None where he can."""
    here = groups_here(cur)
    logins = _column(cur, "SELECT rolname FROM pg_roles WHERE rolcanlogin AND rolname = ANY(%s)", list(here.names))
    if logins:
        return f"{', '.join(logins)} can log in, so it is a user and no group"
    if here.owner.startswith("pg_"):
        return f"PostgreSQL keeps names such as {here.owner} for itself"
    if _one(cur, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
        return None
    missing = missing_groups(cur)
    if missing and not _one(cur, "SELECT rolcreaterole FROM pg_roles WHERE rolname = current_user"):
        return f"it may not create roles, and {', '.join(missing)} are missing"
    if here.owner not in missing and not _one(cur, "SELECT pg_has_role(%s, 'USAGE')", here.owner):
        return f"it is no member of {here.owner}"
    others = [name for name in our_schemas(cur) if not is_mine(cur, name)]
    return f"schema {', '.join(others)} belongs to another user" if others else None


def settle(cur: cursor, *handed: str) -> bool:
    """Make the groups and their rights, in the caller's transaction; False where the user may not (`hindrance`), and
    nothing is done then. `handed`: as of `statements`."""
    if hindrance(cur) is not None:
        return False
    # Two programs that change the rights of one thing at once disturb each other.
    lock_schema(cur, SCHEMA)
    cur.execute(";\n".join(statements(cur, handed)))
    return True


def missing_groups(cur: cursor) -> list[str]:
    names = list(groups_here(cur).names)
    there = _column(cur, "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", names)
    return [name for name in names if name not in there]


def logins(cur: cursor) -> list[str]:
    """Logins, other than superusers, that are in one of the groups."""
    return _column(
        cur,
        "SELECT rolname FROM pg_roles r WHERE rolcanlogin AND NOT rolsuper AND EXISTS"
        " (SELECT FROM pg_roles g WHERE g.rolname = ANY(%s) AND pg_has_role(r.oid, g.oid, 'MEMBER')) ORDER BY 1",
        list(groups_here(cur).names),
    )


def rights_of_everybody(cur: cursor) -> list[str]:
    """What everybody (PUBLIC) may do in this database that is ours alone, in words."""
    if foreign_schemas(cur):
        return []
    found = _column(
        cur,
        "SELECT DISTINCT CASE privilege_type WHEN 'CONNECT' THEN 'connect to this database'"
        " ELSE 'make temporary tables in it' END FROM pg_database,"
        " aclexplode(coalesce(datacl, acldefault('d', datdba))) WHERE datname = current_database() AND grantee = 0"
        " ORDER BY 1",
    )
    if _one(cur, "SELECT has_schema_privilege('public', oid, 'CREATE') FROM pg_namespace WHERE nspname = 'public'"):
        found.append("make tables in schema public")
    return found


def our_schemas(cur: cursor) -> list[str]:
    """Schema `mids` with its views, if it is there, and those of all realms, whoever made them."""
    names = [SCHEMA, READER_SCHEMA, *_realms(cur)]
    return _column(cur, "SELECT nspname FROM pg_namespace WHERE nspname = ANY(%s) ORDER BY 1", names)


def foreign_schemas(cur: cursor) -> list[str]:
    """Schemas of others in this database; public where something is in it."""
    return _column(
        cur,
        "SELECT nspname FROM pg_namespace n WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"
        " AND NOT nspname = ANY(%s) AND (nspname <> 'public'"
        " OR EXISTS (SELECT FROM pg_class WHERE relnamespace = n.oid)) ORDER BY 1",
        our_schemas(cur),
    )


def is_mine(cur: cursor, schema: str) -> bool:
    """Whether the user that is connected may alter what is in a schema."""
    return bool(_one(cur, "SELECT pg_has_role(nspowner, 'USAGE') FROM pg_namespace WHERE nspname = %s", schema))


def _creation(cur: cursor, here: Groups) -> Iterator[str]:
    for name in missing_groups(cur):
        # Two programs may do it at once.
        yield (
            f"DO $$BEGIN CREATE ROLE {quote(name)} NOLOGIN;"
            " EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END$$"
        )
    # Whose the schemas were goes on working with them. A superuser needs no membership.
    heirs = _column(
        cur,
        "SELECT rolname FROM pg_roles r WHERE NOT rolsuper AND rolname <> ALL(%s) AND"
        " (EXISTS (SELECT FROM pg_namespace WHERE nspowner = r.oid AND nspname = ANY(%s))"
        " OR rolname = current_user AND to_regnamespace('mids') IS NULL)"
        " AND NOT EXISTS (SELECT FROM pg_roles g WHERE g.rolname = %s AND pg_has_role(r.oid, g.oid, 'USAGE'))",
        list(here.names),
        our_schemas(cur),
        here.owner,
    )
    for name in heirs:
        yield f"GRANT {quote(here.owner)} TO {quote(name)}"


def _on_database(cur: cursor, here: Groups) -> Iterator[str]:
    name, owned = _row(
        cur,
        "SELECT datname, pg_has_role(datdba, 'USAGE') FROM pg_database WHERE datname = current_database()",
    )
    if owned:
        yield f"GRANT CONNECT, TEMPORARY, CREATE ON DATABASE {quote(name)} TO {quote(here.owner)}"
        yield f"GRANT CONNECT, TEMPORARY ON DATABASE {quote(name)} TO {quote(here.loader)}"
        yield f"GRANT CONNECT ON DATABASE {quote(name)} TO {quote(here.reader)}"


def _ownership(cur: cursor, here: Groups, handed: Collection[str]) -> Iterator[str]:
    """Schemas first: their owner may then become that of what is in them. Sequences follow their tables."""
    schemas = [name for name in our_schemas(cur) if name in handed]
    for name in _column(
        cur,
        "SELECT nspname FROM pg_namespace WHERE nspname = ANY(%s) AND pg_get_userbyid(nspowner) <> %s ORDER BY 1",
        schemas,
        here.owner,
    ):
        yield f"ALTER SCHEMA {quote(name)} OWNER TO {quote(here.owner)}"
    cur.execute(
        "SELECT CASE relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, nspname, relname"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = ANY(%s) AND relkind IN ('r', 'v')"
        " AND pg_get_userbyid(relowner) <> %s ORDER BY 1, 2, 3",
        (schemas, here.owner),
    )
    for kind, schema, name in cur.fetchall():
        yield f"ALTER {kind} {quote(schema)}.{quote(name)} OWNER TO {quote(here.owner)}"


def _on_schemas(cur: cursor, here: Groups) -> Iterator[str]:
    loader, reader = quote(here.loader), quote(here.reader)
    there = our_schemas(cur)
    rows = "SELECT, INSERT, UPDATE, DELETE"
    if cur.connection.server_version >= _MAINTAIN_SINCE:
        rows += ", MAINTAIN"  # ANALYZE, which before belongs to owners alone, and is left out for others
    for name in there:
        schema = quote(name)
        yield f"GRANT USAGE ON SCHEMA {schema} TO {loader}"
        # What a view shows is the right of its owner.
        yield f"GRANT {'SELECT' if name.endswith(VIEW_SUFFIX) else rows} ON ALL TABLES IN SCHEMA {schema} TO {loader}"
        if name != SCHEMA:
            yield f"GRANT USAGE ON SCHEMA {schema} TO {reader}"
            yield f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {reader}"
    if SCHEMA in there:
        yield f"GRANT SELECT ON ALL SEQUENCES IN SCHEMA {SCHEMA} TO {loader}"  # for pg_dump
        not_given = {table.name: "UPDATE, DELETE" for table in APPEND_ONLY}
        not_given[VERSION_TABLE] = "INSERT, UPDATE, DELETE"
        for table, rights in not_given.items():
            if _one(cur, "SELECT to_regclass(%s) IS NOT NULL", f"{SCHEMA}.{table}"):
                yield f"REVOKE {rights} ON {SCHEMA}.{quote(table)} FROM {loader}"


def _realms(cur: cursor) -> Iterator[str]:
    """The two schemas of each realm, told by the comment that the first one bears."""
    for name in _column(
        cur,
        "SELECT nspname FROM pg_namespace WHERE starts_with(obj_description(oid, 'pg_namespace'), %s || nspname || ';')"
        " ORDER BY 1",
        REALM_COMMENT,
    ):
        yield from (name, view_schema(name))


def _column(cur: cursor, sql: str, *parameters: object) -> list[str]:
    cur.execute(sql, parameters)
    return [value for (value,) in cur.fetchall()]


def _row(cur: cursor, sql: str, *parameters: object) -> tuple:
    cur.execute(sql, parameters)
    return cur.fetchone() or ()


def _one(cur: cursor, sql: str, *parameters: object) -> Any:
    return next(iter(_row(cur, sql, *parameters)), None)
