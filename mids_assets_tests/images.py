"""All that a restore has to bring back, read from the catalogue and the tables, to be compared.

Does not belong here: rows in the shape of a build (published.py).
"""

from __future__ import annotations

from typing import Any

from psycopg2.extensions import connection

from mids_assets.model.operations import APPEND_ONLY, BACKED_UP
from mids_assets.warehouse.ddl import view_schema
from mids_assets.warehouse.stored import quote
from mids_assets_tests.published import rows

_CATALOGUE = {
    "columns": """
        SELECT attrelid::regclass::text, attnum, attname, format_type(atttypid, atttypmod), attnotnull, attidentity,
               pg_get_expr(d.adbin, d.adrelid), array(SELECT unnest(attacl)::text ORDER BY 1)
        FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid
        LEFT JOIN pg_attrdef d ON d.adrelid = attrelid AND d.adnum = attnum
        WHERE relnamespace::regnamespace::text = ANY(%s) AND relkind IN ('r', 'v') AND attnum > 0
              AND NOT attisdropped ORDER BY 1, 2""",
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated FROM pg_constraint
        WHERE connamespace::regnamespace::text = ANY(%s) ORDER BY 1, 2""",
    "indexes": "SELECT schemaname, indexname, indexdef FROM pg_indexes WHERE schemaname = ANY(%s) ORDER BY 1, 2",
    "views": "SELECT schemaname, viewname, definition FROM pg_views WHERE schemaname = ANY(%s) ORDER BY 1, 2",
    "comments": """
        SELECT c.oid::regclass::text, objsubid, description FROM pg_description JOIN pg_class c ON c.oid = objoid
        WHERE classoid = 'pg_class'::regclass AND relnamespace::regnamespace::text = ANY(%s) ORDER BY 1, 2""",
    "schemas": """
        SELECT nspname, array(SELECT unnest(nspacl)::text ORDER BY 1), obj_description(oid, 'pg_namespace')
        FROM pg_namespace WHERE nspname = ANY(%s) ORDER BY 1""",
    "rights": """
        SELECT c.oid::regclass::text, array(SELECT unnest(relacl)::text ORDER BY 1) FROM pg_class c
        WHERE relnamespace::regnamespace::text = ANY(%s) AND relkind IN ('r', 'v') ORDER BY 1""",
}


def catalogue(conn: connection, realm: str) -> dict[str, list[tuple]]:
    """Columns, keys, indexes, views, comments and rights of the realm and of schema mids and its views."""
    schemas = [realm, view_schema(realm), "mids", "mids_v1"]
    return {name: rows(conn, sql, (schemas,)) for name, sql in _CATALOGUE.items()}


def rows_of_realm(conn: connection, realm: str) -> dict[str, Any]:
    """Every row of the realm's tables, and its rows of schema mids, as text of PostgreSQL. Not who did what: a restore
    adds to that."""
    tables = rows(
        conn, "SELECT relname FROM pg_class WHERE relnamespace::regnamespace::text = %s AND relkind = 'r'", (realm,)
    )
    found = {
        name: rows(conn, f"SELECT to_jsonb(t)::text FROM {quote(realm)}.{quote(name)} t ORDER BY 1")
        for (name,) in tables
    }
    for table in BACKED_UP:
        if table in APPEND_ONLY:
            continue
        sql = f"SELECT to_jsonb(t)::text FROM mids.{table.name} t WHERE realm = %s ORDER BY 1"
        found[f"mids.{table.name}"] = rows(conn, sql, (realm,))
    return found


def shape_of_operations(conn: connection) -> list[tuple]:
    """Everything that schema mids and its views consist of, but for the order of columns."""
    return rows(
        conn,
        """
        SELECT c.oid::regclass::text, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull::text,
               a.attidentity::text, col_description(c.oid, a.attnum)
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relnamespace IN ('mids'::regnamespace, 'mids_v1'::regnamespace) AND c.relkind IN ('r', 'v')
        UNION ALL
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), '', '', ''
        FROM pg_constraint WHERE connamespace = 'mids'::regnamespace AND contype <> 'n'
        UNION ALL
        SELECT tablename, indexname, indexdef, '', '', '' FROM pg_indexes WHERE schemaname = 'mids'
        ORDER BY 1, 2, 3
        """,
    )
