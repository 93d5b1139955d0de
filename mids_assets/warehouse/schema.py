"""Bringing a database up to the model: creating schemas, and altering those that an older model made.

- Schema `mids` holds what cannot be derived again: revisions bring it up (migrations/).
- Which model made a realm's schema stands in the comment of the schema, as a fingerprint over its DDL, with the
  revision that the model belonged to: a fingerprint alone does not tell older from newer.
- A realm's tables are derived data. A schema of another model is altered inside the publish that fills it: tables and
  columns that are new are added, those that are gone are dropped, constraints are made afresh, and every row of an
  altered table is compared by value. So ids, created_at and foreign keys from outside survive, and readers see the
  old model until the new one is filled.

Does not belong here: the statements of the model (ddl.py), rows.
"""

from __future__ import annotations

import re

from psycopg2.extensions import connection, cursor

from mids_assets.model.tables import TABLES
from mids_assets.warehouse import ddl, roles, trigrams
from mids_assets.warehouse.migrations import history
from mids_assets.warehouse.migrations.applying import lock_schema, upgrade
from mids_assets.warehouse.stored import literal, quote, row_key, stored_columns

_FINGERPRINT = re.compile(r"model ([0-9a-f]{16})")
_REVISION = re.compile(r"revision (\w+)")
_TYPE_NAMES = {
    "bigint": "int8",
    "integer": "int4",
    "double precision": "float8",
    "boolean": "bool",
    "timestamp with time zone": "timestamptz",
}


def ensure_schema(conn: connection, realm: str) -> bool:
    """Create schema `mids` and the realm's schemas where they are missing, and commit. Safe from two processes at once.

    Returns whether the realm's schema fits this model; one of another model is left to the next publish.
    The connection must have no transaction open. Raises as `ensure_operations`.
    """
    ensure_operations(conn)
    with conn, conn.cursor() as cur:
        lock_schema(cur, realm)
        found = fingerprint(cur, realm)
        if found is None:
            _run(cur, ddl.realm_ddl(realm))
            trigrams.index(cur, realm)
            stamp(cur, realm)
            roles.settle(cur, realm, ddl.view_schema(realm))
    return found in (None, ddl.realm_fingerprint())


def ensure_operations(conn: connection) -> None:
    """Schema `mids` is there and at the newest revision; commits. Raises as `migrations.applying.upgrade`."""
    upgrade(conn)


def fingerprint(cur: cursor, realm: str) -> str | None:
    """Fingerprint of the model that made the realm's schema; "" for one of somebody else, None where there is none."""
    comment = _comment(cur, realm)
    if comment is None:
        return None
    match = _FINGERPRINT.search(comment)
    return match[1] if match else ""


def made_at(cur: cursor, realm: str) -> str | None:
    """Revision that the model of the realm's schema belonged to; None before there were revisions."""
    match = _REVISION.search(_comment(cur, realm) or "")
    return match[1] if match else None


def stamp(cur: cursor, realm: str) -> None:
    """Note that the realm's schema is of this model."""
    text = f"{ddl.REALM_COMMENT}{realm}; model {ddl.realm_fingerprint()}, revision {history.head()}."
    cur.execute(f"COMMENT ON SCHEMA {quote(realm)} IS {literal(text)}")


def is_empty(cur: cursor, realm: str) -> bool:
    """Whether no table of the realm holds a row. All tables must exist."""
    probes = " UNION ALL ".join(f"(SELECT 1 FROM {quote(realm)}.{quote(table.name)} LIMIT 1)" for table in TABLES)
    cur.execute(f"SELECT EXISTS ({probes})")
    (filled,) = cur.fetchone() or (False,)
    return not filled


def tables(cur: cursor, realm: str) -> set[str]:
    """Names of the tables that the realm has."""
    return {name for name, kind in _relations(cur, realm) if kind == "r"}


def begin_change(cur: cursor, realm: str) -> set[str]:
    """Make the realm's tables fit the model, without constraints and indexes; `finish_change` adds those.

    Returns the tables whose columns changed: their rows cannot be compared by hash. Raises `UserError` where a newer
    version of the code made the realm.
    """
    lock_schema(cur, realm)
    _prepare(cur, realm)
    _run(cur, ddl.schemas_ddl(realm))
    drop_constraints(cur, realm)
    existing = _existing(cur, realm)
    changed = set()
    for name, kind in _relations(cur, ddl.view_schema(realm)):
        if kind == "v" and not _view_can_stay(cur, realm, name, existing):
            cur.execute(f"DROP VIEW {quote(ddl.view_schema(realm))}.{quote(name)}")
    for name in sorted(existing):
        # Without a primary key that fits, the rows of the old model cannot be told apart.
        if name not in {table.name for table in TABLES} or _primary_key(cur, realm, name) != row_key(name):
            # Without CASCADE: what somebody else hung on it must stop the publish, not vanish.
            cur.execute(f"DROP TABLE {quote(realm)}.{quote(name)}")
            del existing[name]
    for table in TABLES:
        if table.name not in existing:
            cur.execute(ddl.table_ddl(realm, table.name))
            changed.add(table.name)
        elif _alter(cur, realm, table.name, existing[table.name]):
            changed.add(table.name)
    return changed


def finish_change(cur: cursor, realm: str) -> None:
    """NOT NULL, constraints, indexes, views, comments, rights and the fingerprint, once the rows are in."""
    for table in TABLES:
        nulls = ", ".join(
            f"ALTER {quote(column.name)} {'SET' if column.required else 'DROP'} NOT NULL"
            for column in stored_columns(table.name)
        )
        cur.execute(f"ALTER TABLE {quote(realm)}.{quote(table.name)} {nulls}")
    _run(cur, ddl.constraints_ddl(realm))
    trigrams.index(cur, realm)
    _run(cur, _views(cur, realm))
    _run(cur, ddl.comments_ddl(realm))
    stamp(cur, realm)
    roles.settle(cur, realm, ddl.view_schema(realm))


def drop_constraints(cur: cursor, realm: str) -> None:
    """Take away foreign keys, unique constraints and indexes other than primary keys, whatever model made them."""
    cur.execute(
        "SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname) FROM pg_constraint"
        " WHERE connamespace = %s::regnamespace AND contype IN ('f', 'u') ORDER BY contype, conname",
        (quote(realm),),
    )
    _run(cur, [row[0] for row in cur.fetchall()])
    cur.execute(
        "SELECT format('DROP INDEX %%s', i.indexrelid::regclass)"
        " FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " WHERE c.relnamespace = %s::regnamespace AND NOT i.indisprimary ORDER BY c.relname",
        (quote(realm),),
    )
    _run(cur, [row[0] for row in cur.fetchall()])


def _comment(cur: cursor, schema: str) -> str | None:
    cur.execute("SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = %s", (schema,))
    row = cur.fetchone()
    return None if row is None else row[0] or ""


def _prepare(cur: cursor, realm: str) -> None:
    """What revisions since the realm was made say of its rows, such as a column that goes by another name now."""
    if _comment(cur, realm) is None:
        return
    at = made_at(cur, realm)
    history.require_known(at, f"realm {realm}")
    if history.missing(at):
        from mids_assets.warehouse.migrations.scripts import realm_sql

        _run(cur, list(filter(None, [realm_sql(realm, at)])))


def _alter(cur: cursor, realm: str, name: str, existing: dict[str, str]) -> bool:
    relation = f"{quote(realm)}.{quote(name)}"
    wanted = {column.name: column for column in stored_columns(name)}
    actions = [f"DROP {quote(old)}" for old, type_ in existing.items() if _replaced(wanted, old, type_)]
    actions += [
        f"ADD {ddl.column_ddl(column, required=False)}"
        for column in wanted.values()
        if existing.get(column.name) != column.type
    ]
    if actions:
        # Dropped first and in a statement of its own: a column whose type changed leaves and comes back.
        drops = [action for action in actions if action.startswith("DROP")]
        adds = [action for action in actions if action.startswith("ADD")]
        for some in filter(None, (drops, adds)):
            cur.execute(f"ALTER TABLE {relation} " + ", ".join(some))
    kept = [column for column in wanted if column in existing and column not in row_key(name)]
    if kept:
        cur.execute(f"ALTER TABLE {relation} " + ", ".join(f"ALTER {quote(column)} DROP NOT NULL" for column in kept))
    return bool(actions)


def _replaced(wanted: dict, old: str, type_: str) -> bool:
    return old not in wanted or wanted[old].type != type_


def _existing(cur: cursor, schema: str) -> dict[str, dict[str, str]]:
    """{table: {column: type}} of `schema`."""
    return {name: _columns(cur, schema, name) for name, kind in _relations(cur, schema) if kind == "r"}


def _relations(cur: cursor, schema: str) -> list[tuple[str, str]]:
    cur.execute(
        "SELECT relname, relkind::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE nspname = %s AND relkind IN ('r', 'v') ORDER BY relname",
        (schema,),
    )
    return cur.fetchall()


def _columns(cur: cursor, schema: str, name: str) -> dict[str, str]:
    cur.execute(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        (f"{quote(schema)}.{quote(name)}",),
    )
    found: list[tuple[str, str]] = cur.fetchall()
    return {column: _TYPE_NAMES.get(type_, type_) for column, type_ in found}


def _primary_key(cur: cursor, realm: str, name: str) -> tuple[str, ...]:
    cur.execute(
        "SELECT a.attname FROM pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)"
        " JOIN pg_attribute a ON a.attnum = k.attnum"
        " WHERE i.indrelid = %s::regclass AND i.indisprimary AND a.attrelid = i.indrelid ORDER BY k.place",
        (f"{quote(realm)}.{quote(name)}",),
    )
    return tuple(row[0] for row in cur.fetchall())


def _view_can_stay(cur: cursor, realm: str, name: str, tables: dict[str, dict[str, str]]) -> bool:
    """A view that only gains columns is replaced in place, which keeps the rights that were granted on it."""
    if name not in tables or name not in {table.name for table in TABLES}:
        return False
    wanted = {column.name: column.type for column in stored_columns(name)}
    shown = _columns(cur, ddl.view_schema(realm), name)
    return _primary_key(cur, realm, name) == row_key(name) and all(
        column in ddl.view_columns(name) and wanted[column] == type_ for column, type_ in shown.items()
    )


def _views(cur: cursor, realm: str) -> list[str]:
    statements = []
    schema = ddl.view_schema(realm)
    present = {name for name, kind in _relations(cur, schema) if kind == "v"}
    for table in TABLES:
        shown = tuple(_columns(cur, schema, table.name)) if table.name in present else ()
        added = tuple(column for column in ddl.view_columns(table.name) if column not in shown)
        statements.append(ddl.view_ddl(realm, table.name, shown + added))
    return statements


def _run(cur: cursor, statements: list[str]) -> None:
    if statements:
        cur.execute(";\n".join(statements))
