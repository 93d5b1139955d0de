"""Publishing made-up builds in tests, and reading back all that a publish may touch.

Does not belong here: what the builds hold (made_up.py), servers (servers.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from psycopg2.extensions import connection

from mids_assets.model.table import Table
from mids_assets.model.tables import TABLES
from mids_assets.settings import Settings
from mids_assets.transform.quarantine import quarantine_frame
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.publish import EntityLog, PublishResult, publish
from mids_assets.warehouse.register import ReleaseRecord, published
from mids_assets.warehouse.stored import quote, stored_columns
from mids_assets_tests.made_up import MadeUp, comparable

REALM = "homecoming"
_numbers = count()


def forget(conn: connection) -> None:
    """As if nothing had ever been published."""
    with conn, conn.cursor() as cur:
        for schema in (REALM, f"{REALM}_v1", "rebirth", "rebirth_v1", "mids", "mids_v1"):
            cur.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")


def go(
    conn: connection, server: Settings, folder: Path, release: str | None = None, realm: str = REALM, **more: Any
) -> PublishResult:
    record = more.pop("record", None) or ReleaseRecord(
        release or f"release{next(_numbers)}", "1.2", datetime(2022, 3, 31, tzinfo=UTC), 27, 4, "Page", False, "x", {}
    )
    arguments: dict[str, Any] = {
        "build": "build",
        "quarantine": quarantine_frame([]),
        "summary": {"checks": {"failed": 0, "warned": 3}},
        "run_id": "run",
        "entities": [EntityLog("power", "I12.mhd", 10, 9, [{"rule": "r", "count": 1}], datetime.now(UTC), None)],
        "verify": lambda folder: None,
        **more,
    }
    return publish(conn, realm=realm, release=record, tables_dir=folder, settings=server, **arguments)


def rows(conn: connection, sql: str, parameters: tuple | None = None) -> list[tuple]:
    with conn, conn.cursor() as cur:
        cur.execute(sql, parameters)
        return cur.fetchall()


def contents(conn: connection, realm: str = REALM) -> dict[str, dict[tuple, dict[str, Any]]]:
    """What the realm holds, in the shape of `MadeUp.by_key`: ids turned back into natural keys."""
    identities = "SELECT table_name, id, natural_key FROM mids.identity WHERE realm = %s"
    keys = {(t, i): k for t, i, k in rows(conn, identities, (realm,))}
    found = {}
    for table in TABLES:
        entries = found[table.name] = {}
        columns = [c for c in stored_columns(table.name) if c.logical in table.own]
        shown = ", ".join(quote(c.name) for c in columns)
        start = "id" if table.kind == "entity" else "NULL"
        for number, *values in rows(conn, f"SELECT {start}, {shown} FROM {realm}.{quote(table.name)}"):
            row = {}
            for column, value in zip(columns, values, strict=True):
                name = str(column.logical)
                target = {r.name: r.target for r in table.references}.get(name)
                is_id = target is not None and TABLES[target].kind == "entity" and value is not None
                row[name] = keys[target, value] if is_id else comparable(value)
            key = (keys[table.name, number],) if number is not None else tuple(row[part] for part in table.key)
            entries[key] = row
    return found


def expected(conn: connection, build: MadeUp) -> dict[str, dict[tuple, dict[str, Any]]]:
    """The build's rows, with JSON texts as the server understands them."""
    wanted = build.by_key()
    jsons = [(t.name, n) for t in TABLES for n in t.own if t.logical_type(n) == "jsonb"]
    texts = {row[name] for table, name in jsons for row in wanted[table].values()} - {None}
    read = {text: rows(conn, "SELECT %s::jsonb", (text,))[0][0] for text in texts}
    for table, name in jsons:
        for row in wanted[table].values():
            row[name] = None if row[name] is None else comparable(read[row[name]])
    return wanted


def stamps(conn: connection, realm: str = REALM, tables: Iterable[Table] = TABLES) -> dict[str, dict[tuple, tuple]]:
    """{table: {key: (created_at, updated_at, release_id, source_position)}} of entities and reference tables."""
    found = {}
    for table in (table for table in tables if table.kind != "child"):
        key = "id" if table.kind == "entity" else ", ".join(quote(table.physical(part)) for part in table.key)
        sql = f"SELECT created_at, updated_at, release_id, source_position, {key} FROM {realm}.{quote(table.name)}"
        found[table.name] = {tuple(keys): (a, b, c, d) for a, b, c, d, *keys in rows(conn, sql)}
    return found


def versions(conn: connection, realm: str = REALM) -> dict[str, list[tuple]]:
    """Which transaction wrote each row, and where it lies."""
    return {
        t.name: rows(conn, f"SELECT xmin::text, ctid::text FROM {realm}.{quote(t.name)} ORDER BY 2") for t in TABLES
    }


def everything(conn: connection) -> tuple:
    operational = [rows(conn, f"SELECT * FROM mids.{name} ORDER BY 1, 2, 3") for name in ("identity", "quarantine")]
    return contents(conn), stamps(conn), versions(conn), operational, published(conn, REALM)


def schemas_for_others(server: Settings) -> list[tuple]:
    with closing(connect(server, application_name="other")) as other:
        return rows(other, "SELECT nspname FROM pg_namespace WHERE nspname LIKE %s", (f"{REALM}%",))
