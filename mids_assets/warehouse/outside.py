"""Foreign keys that other schemas hold on a realm's rows: what a publish that removes such a row says.

A planner that keeps ids of powers decides by its ON DELETE what becomes of them; where it says nothing, the row must
not go, and neither may half a release come. Rows of mids.identity are never removed, so a foreign key to them always
holds. Does not belong here: the realm's own foreign keys (ddl.py), other broken constraints (failures.py).
"""

from __future__ import annotations

from collections.abc import Mapping

import psycopg2
from psycopg2.extensions import cursor

from mids_assets.errors import CheckFailed
from mids_assets.warehouse.failures import typed
from mids_assets.warehouse.stored import quote

_FOREIGN_KEY_VIOLATION, _RESTRICT_VIOLATION = "23503", "23001"
_SHOWN = 3
_REMEDY = (
    "delete those rows, make the constraint ON DELETE SET NULL or ON DELETE CASCADE, or let it refer to mids.identity,"
    " whose rows are never removed (docs/architecture.md, References from outside)"
)
# Of a partitioned table only the constraint that was declared; only what this user may read can be counted.
_FIND = """
    SELECT c.conname, target.relname, n.nspname, source.relname, a.attname
    FROM pg_constraint c
    JOIN pg_class target ON target.oid = c.confrelid
    JOIN pg_class source ON source.oid = c.conrelid
    JOIN pg_namespace n ON n.oid = source.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    WHERE c.contype = 'f' AND c.conparentid = 0 AND c.confdeltype IN ('a', 'r') AND array_length(c.conkey, 1) = 1
        AND target.relnamespace = %s::regnamespace AND source.relnamespace <> target.relnamespace
        AND target.relname = ANY(%s)
        AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(source.oid, 'SELECT')
    ORDER BY n.nspname, source.relname, c.conname
"""


def require_unreferenced(cur: cursor, realm: str, vanishing: Mapping[str, list[int]]) -> None:
    """Raise `CheckFailed` where a foreign key forbids that entities go. `vanishing`: {entity table: ids}."""
    going = sorted(table for table, ids in vanishing.items() if ids)
    cur.execute("SELECT to_regnamespace(%s) IS NOT NULL", (quote(realm),))
    if not going or not (cur.fetchone() or (False,))[0]:
        return
    cur.execute(_FIND, (quote(realm), going))
    for constraint, target, schema, table, column in cur.fetchall():
        cur.execute(
            "WITH held AS ("
            f"SELECT {quote(column)} AS id, count(*) AS rows FROM {quote(schema)}.{quote(table)}"
            f" WHERE {quote(column)} = ANY(%(ids)s) GROUP BY 1)"
            " SELECT sum(rows), count(*), (array_agg(natural_key ORDER BY natural_key))[:%(shown)s]"
            " FROM held JOIN mids.identity USING (id) WHERE realm = %(realm)s AND table_name = %(table)s",
            {"ids": vanishing[target], "shown": _SHOWN, "realm": realm, "table": target},
        )
        rows, keys, names = cur.fetchone() or (None, 0, [])
        if rows:
            shown = ", ".join(repr(name.replace("\x1f", " / ")) for name in names)
            raise CheckFailed(
                f"table {schema}.{table}, constraint {constraint}: {rows:,} rows refer to {keys:,} rows of"
                f" {realm}.{target} that this release no longer has ({shown}{', ..' if keys > _SHOWN else ''});"
                f" nothing was published: {_REMEDY}"
            )


def explained(error: psycopg2.Error, realm: str) -> CheckFailed | None:
    """What PostgreSQL found itself: a row that is referenced from outside, which could not be counted before."""
    schema = error.diag.schema_name
    if error.pgcode not in (_FOREIGN_KEY_VIOLATION, _RESTRICT_VIOLATION) or schema in (None, realm):
        return None
    return CheckFailed(f"{typed(error)}: {_REMEDY}")
