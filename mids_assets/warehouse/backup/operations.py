"""A realm's rows of schema mids: how they are written into a backup, and the SQL that brings them back.

They are written as SQL that fills temporary tables of the same names, so that they can be compared with what is there
before anything is changed. Does not belong here: running the SQL (restoring.py).
"""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Iterator
from typing import IO

from psycopg2.extensions import cursor

from mids_assets.model.operations import (
    APPEND_ONLY,
    BACKED_UP,
    IDENTITY,
    OPERATIONAL_TABLES,
    SCHEMA,
    OperationalTable,
)
from mids_assets.warehouse.stored import literal, quote, quoted

ROWS_FILE = "operations.sql.gz"
TEMPORARY = "pg_temp"


def write_rows(cur: cursor, realm: str, file: IO[bytes]) -> Counter[str]:
    """The realm's rows as gzipped SQL, ordered by key. Returns their numbers by schema.table."""
    counts: Counter[str] = Counter()
    # Without a time in its head, so that equal rows are equal bytes.
    with gzip.GzipFile(fileobj=file, mode="wb", mtime=0, filename="") as packed:
        for table in BACKED_UP:
            columns = quoted(*_present(cur, table))
            packed.write(f"COPY {TEMPORARY}.{table.name} ({columns}) FROM stdin;\n".encode())
            cur.copy_expert(
                f"COPY (SELECT {columns} FROM {_relation(table)} WHERE realm = {literal(realm)}"
                f" ORDER BY {quoted(*table.key)}) TO STDOUT",
                packed,
            )
            counts[f"{SCHEMA}.{table.name}"] = cur.rowcount
            packed.write(b"\\.\n")
    return counts


def before_rows() -> Iterator[str]:
    """Temporary tables for the rows that come."""
    for table in BACKED_UP:
        yield f"CREATE TEMP TABLE {quote(table.name)} (LIKE {_relation(table)} INCLUDING DEFAULTS) ON COMMIT DROP"


def clear(realm: str) -> Iterator[str]:
    """Take the realm's rows away, but for the ids that were ever given, and who did what. Nobody else's."""
    for table in OPERATIONAL_TABLES:
        if table in BACKED_UP or "realm" not in {column.name for column in table.columns}:
            continue
        for column, target in table.references:
            if target in {other.name for other in BACKED_UP}:
                yield f"UPDATE {_relation(table)} SET {quote(column)} = NULL WHERE realm = {literal(realm)}"
    for table in reversed(BACKED_UP):
        if table is not IDENTITY and table not in APPEND_ONLY:
            yield f"DELETE FROM {_relation(table)} WHERE realm = {literal(realm)}"


def after_rows(realm: str) -> Iterator[str]:
    """Bring the rows from the temporary tables to where they belong, and empty those."""
    for table in BACKED_UP:
        columns = quoted(*(column.name for column in table.columns))
        came = f"{TEMPORARY}.{quote(table.name)}"
        if table is IDENTITY:
            yield from _identities(realm, columns, came)
        elif table in APPEND_ONLY:
            yield _missing(table, came)
        else:
            yield _require_free(realm, table, came)
            yield f"INSERT INTO {_relation(table)} ({columns}) SELECT {columns} FROM {came}"
            # Numbers given since the backup are not given again.
            yield (
                f"SELECT setval(s, greatest((SELECT max(id) FROM {_relation(table)}), nextval(s)))"
                f" FROM CAST(pg_get_serial_sequence({literal(f'{SCHEMA}.{table.name}')}, 'id') AS regclass) AS s"
            )
        yield f"TRUNCATE {came}"


def _identities(realm: str, columns: str, came: str) -> Iterator[str]:
    """Ids given since the backup stay, retired: somebody may have kept them, and their keys may return."""
    there = _relation(IDENTITY)
    mine = f"i.realm = {literal(realm)}"
    last = f"(SELECT max(id) FROM {SCHEMA}.release WHERE realm = {literal(realm)})"
    since = f"NOT EXISTS (SELECT FROM {came} b WHERE b.table_name = i.table_name AND b.id = i.id)"
    # A key of then that goes by another number now is that of then again.
    yield (
        f"DELETE FROM {there} i USING {came} c WHERE {mine} AND {since} AND c.table_name = i.table_name"
        " AND c.natural_key = i.natural_key"
    )
    yield f"UPDATE {there} i SET last_release_id = coalesce(last_release_id, {last}) WHERE {mine} AND {since}"
    # Out of each other's way first: two rows that exchanged their keys since would meet half way.
    yield (
        f"UPDATE {there} i SET natural_key = E'\\x1e' || i.id FROM {came} c WHERE {mine}"
        " AND c.table_name = i.table_name AND c.id = i.id AND c.natural_key <> i.natural_key"
    )
    yield (
        f"INSERT INTO {there} ({columns}) SELECT {columns} FROM {came} ON CONFLICT (realm, table_name, id) DO UPDATE"
        " SET natural_key = excluded.natural_key, last_release_id = excluded.last_release_id,"
        " former_keys = excluded.former_keys"
    )


def _missing(table: OperationalTable, came: str) -> str:
    """Rows that are there stay, those that are not are added under new numbers: theirs may be another row's by now."""
    facts = [column.name for column in table.columns if column.name not in table.key]
    same = " AND ".join(f"t.{quote(name)} IS NOT DISTINCT FROM c.{quote(name)}" for name in facts)
    return (
        f"INSERT INTO {_relation(table)} ({quoted(*facts)}) SELECT {quoted(*facts)} FROM {came} c"
        f" WHERE NOT EXISTS (SELECT FROM {_relation(table)} t WHERE {same}) ORDER BY {quoted(*table.key)}"
    )


def _require_free(realm: str, table: OperationalTable, came: str) -> str:
    text = (
        f"numbers of {SCHEMA}.{table.name} that the backup of {realm} has belong to realm %s now:"
        " restore all realms together, without --realm"
    )
    return (
        "DO $$DECLARE other text; BEGIN"
        f" SELECT min(t.realm) INTO other FROM {_relation(table)} t JOIN {came} c USING (id);"
        f" IF other IS NOT NULL THEN RAISE EXCEPTION '%', format({literal(text)}, other)"
        " USING ERRCODE = 'unique_violation'; END IF; END$$"
    )


def _present(cur: cursor, table: OperationalTable) -> list[str]:
    """Columns that the database has; one that an earlier version made may lack the newest."""
    cur.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
        (_relation(table),),
    )
    there = {name for (name,) in cur.fetchall()}
    return [column.name for column in table.columns if column.name in there]


def _relation(table: OperationalTable) -> str:
    return f"{quote(SCHEMA)}.{quote(table.name)}"
