"""One published row by the words of a person: table, and the values of its key.

Does not belong here: where the row came from (`commands.tracing`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg2.extensions import connection

from mids_assets.errors import UserError
from mids_assets.model.frames import SOURCE_POSITION
from mids_assets.model.table import Reference, Table
from mids_assets.model.tables import TABLES
from mids_assets.warehouse.stored import INTERNAL, quote, row_key, stored_columns

_SHOWN = 5
_ID_DIGITS = 18
"""So many decimal digits are surely a bigint."""


@dataclass(frozen=True, slots=True)
class Located:
    """A row with all its columns, and the row of the record that it came from (its parent's, or itself)."""

    table: Table
    row: dict[str, Any]
    owner_table: Table
    owner: dict[str, Any]

    @property
    def position(self) -> int:
        """0-based number of the record in the published release's file."""
        return self.owner[SOURCE_POSITION]


def locate(conn: connection, realm: str, name: str, key: Sequence[str]) -> Located:
    """The only row of table `name` whose key begins with `key`; letter case does not matter.

    The first part is the id or the natural key of the entity (of a child: of its parent), or the first key column of
    a small table; the further ones follow the key's columns. Raises `UserError` for no row or several.
    """
    if name not in {table.name for table in TABLES}:
        raise UserError(f"there is no table {name!r}; the tables are {', '.join(table.name for table in TABLES)}")
    table, key_columns = TABLES[name], row_key(name)
    wanted = dict(zip(key_columns, key, strict=False))
    if len(key) > len(key_columns):
        raise UserError(f"the key of {name} has no more parts than {', '.join(key_columns)}")
    conditions, values = [], []
    for column, text in wanted.items():
        condition, value = _condition(conn, realm, table, column, text)
        conditions.append(condition)
        values.append(value)
    rows = list(_select(conn, realm, name, " AND ".join(conditions) or "true", values))
    if len(rows) == 1:
        return _with_owner(conn, realm, table, rows[0])
    if not rows:
        raise UserError(f"{realm}.{name} has no row {' '.join(key)}{_alike(conn, realm, table, key)}")
    spelled = "; ".join(" ".join(str(row[column]) for column in key_columns[1:]) for row in rows[:_SHOWN])
    left = ", ".join(key_columns[len(key) :])
    raise UserError(f"several rows of {realm}.{name} begin with {' '.join(key)}: add {left} (such as {spelled})")


def _condition(conn: connection, realm: str, table: Table, column: str, text: str) -> tuple[str, Any]:
    target = table.name if column == "id" and table.kind == "entity" else _entity(table, column)
    if target:
        return f"{quote(column)} = %s", _id(conn, realm, target, text)
    return f"lower({quote(column)}::text) = lower(%s)", text


def _entity(table: Table, column: str) -> str | None:
    """The entity whose id the column holds."""
    for name in table.own:
        member = table.by_name[name]
        if table.physical(name) == column and isinstance(member, Reference):
            return member.target if table.target(member).kind == "entity" else None
    return None


def _id(conn: connection, realm: str, entity: str, text: str) -> int:
    if text.isdecimal() and len(text) <= _ID_DIGITS:
        return int(text)
    with conn.cursor() as cur:
        cur.execute(
            "SELECT id FROM mids.identity WHERE realm = %s AND table_name = %s AND natural_key = lower(%s)",
            (realm, entity, text),
        )
        found = cur.fetchone()
    return found[0] if found else -1


def _select(conn: connection, realm: str, name: str, where: str, values: Sequence[Any]) -> Iterator[dict[str, Any]]:
    columns = [column.name for column in stored_columns(name) if column.name not in INTERNAL]
    chosen = ", ".join(map(quote, columns))
    order = ", ".join(map(quote, row_key(name)))
    with conn.cursor() as cur:
        cur.execute(
            f"SELECT {chosen} FROM {quote(realm)}.{quote(name)} WHERE {where} ORDER BY {order} LIMIT {_SHOWN + 1}",
            list(values),
        )
        yield from (dict(zip(columns, row, strict=True)) for row in cur.fetchall())


def _with_owner(conn: connection, realm: str, table: Table, row: dict[str, Any]) -> Located:
    if table.parent is None:
        return Located(table, row, table, row)
    parent = table.reference(table.parent)
    key = row_key(parent.target)
    (owner,) = _select(conn, realm, parent.target, f"{quote(key[0])} = %s", [row[table.physical(parent.name)]])
    return Located(table, row, table.target(parent), owner)


def _alike(conn: connection, realm: str, table: Table, key: Sequence[str]) -> str:
    """Entities whose key holds the words of the first part."""
    target = table.name if table.kind == "entity" else table.parent and table.reference(table.parent).target
    if not key or not target or TABLES[target].kind != "entity":
        return ""
    words = [word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") for word in key[0].split()]
    with conn.cursor() as cur:
        cur.execute(
            "SELECT natural_key FROM mids.identity WHERE realm = %s AND table_name = %s AND last_release_id IS NULL"
            f" AND natural_key LIKE lower(%s) ORDER BY natural_key LIMIT {_SHOWN}",
            (realm, target, f"%{'%'.join(words)}%"),
        )
        found = [name for (name,) in cur.fetchall()]
    return f"; there is {', '.join(found)}" if found else f"; no key of {target} looks like it"
