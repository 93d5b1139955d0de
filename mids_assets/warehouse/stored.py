"""The physical side of a table: its columns in PostgreSQL, in order, with the part that each plays in a merge.

Everything that writes SQL for a realm asks here, so that DDL, COPY and merge cannot disagree.
Does not belong here: SQL statements, data.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cache
from typing import Literal

from mids_assets.model.frames import CHILDREN_HASH, ROW_HASH, SOURCE_POSITION
from mids_assets.model.table import Column, ColumnType, Reference, Table
from mids_assets.model.tables import TABLES

Role = Literal["id", "key", "content", "quiet", "stamp"]
"""`id`, `key`: tell which row it is. `content`: a change of it is a change of the row. `quiet`: kept up to date, but
a change of it is none of the row (places, hashes, unhashed columns). `stamp`: says when the content changed."""

CREATED_AT = "created_at"
UPDATED_AT = "updated_at"
RELEASE_ID = "release_id"
INTERNAL = frozenset({ROW_HASH, CHILDREN_HASH})
"""Columns that only the publish reads; the views leave them out."""

NAME_BYTES = 63
"""PostgreSQL cuts longer identifiers, silently."""


@dataclass(frozen=True, slots=True)
class StoredColumn:
    """One column in PostgreSQL. `logical` is its name in a logical frame, None where the publish makes the value."""

    name: str
    type: ColumnType
    required: bool
    role: Role
    comment: str
    logical: str | None = None
    default: str | None = None


@cache
def stored_columns(name: str) -> tuple[StoredColumn, ...]:
    """All columns of table `name` of a realm, in the order in which they stand in PostgreSQL."""
    table = TABLES[name]
    columns: list[StoredColumn] = []
    if table.kind == "entity":
        columns.append(StoredColumn("id", "int8", True, "id", "Stable id, kept for a key that vanishes and returns."))
    columns += [_own(table, own) for own in table.own]
    if table.kind == "child":
        return tuple(columns)
    columns += [
        StoredColumn(CREATED_AT, "timestamptz", True, "stamp", "Time of the first publish.", default="now()"),
        StoredColumn(UPDATED_AT, "timestamptz", True, "stamp", "Time of the last change of content.", default="now()"),
        StoredColumn(RELEASE_ID, "int8", True, "stamp", "mids.release of the last change of content."),
        StoredColumn(
            SOURCE_POSITION, "int8", True, "quiet", "0-based place in the published release's file.", SOURCE_POSITION
        ),
        StoredColumn(ROW_HASH, "int8", True, "quiet", "Hash of the content; internal.", ROW_HASH),
    ]
    if has_children(name):
        columns.append(
            StoredColumn(CHILDREN_HASH, "int8", True, "quiet", "Hash of all child rows; internal.", CHILDREN_HASH)
        )
    return tuple(columns)


def _own(table: Table, name: str) -> StoredColumn:
    member = table.by_name[name]
    if name in table.key and table.kind != "entity":
        role: Role = "key"
    else:
        role = "content" if name in table.hashed else "quiet"
    return StoredColumn(
        table.physical(name), table.stored_type(name), table.required(name), role, _comment(member), name
    )


def _comment(member: Column | Reference) -> str:
    text = member.description
    if isinstance(member, Reference):
        written = f" As written: {member.raw}." if member.raw else ""
        return f"{text} References {member.target}.{written}"
    notes = [f"Unit: {member.unit}."] if member.unit else []
    if member.enum and not member.name.endswith("_code"):
        notes.append(f"Enumeration {member.enum}.")
    if not member.hashed:
        notes.append("Its change alone is no change of the row.")
    return " ".join([text, *notes])


def has_children(name: str) -> bool:
    return bool(TABLES.children(name))


def row_key(name: str) -> tuple[str, ...]:
    """Columns of the primary key: `id` of an entity, else the natural key."""
    table = TABLES[name]
    return ("id",) if table.kind == "entity" else tuple(table.physical(part) for part in table.key)


def parent_key(name: str) -> str:
    """Column of a child table that names its parent."""
    table = TABLES[name]
    if table.parent is None:
        raise ValueError(f"{name} is no child")
    return table.physical(table.parent)


def of_role(name: str, *roles: Role) -> tuple[str, ...]:
    return tuple(column.name for column in stored_columns(name) if column.role in roles)


def foreign_columns(table: Table, reference: Reference) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(columns here, columns of the target) of a foreign key."""
    target = table.target(reference)
    here = reference.composite or (reference.name,)
    return tuple(table.physical(part) for part in here), row_key(target.name)


def quote(name: str) -> str:
    """An identifier, always quoted: names such as `table`, `row`, `unique` and `column` are SQL words."""
    return '"' + name.replace('"', '""') + '"'


def quoted(*names: str) -> str:
    return ", ".join(map(quote, names))


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def fit(name: str) -> str:
    """`name` cut to what PostgreSQL keeps, still unique: the end becomes a checksum of the whole."""
    raw = name.encode()
    if len(raw) <= NAME_BYTES:
        return name
    return f"{raw[: NAME_BYTES - 9].decode(errors='ignore')}_{zlib.crc32(raw):08x}"
