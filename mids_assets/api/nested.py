"""A row with all that belongs to it as nested arrays, made by PostgreSQL, and the names that go with them, added here.

PostgreSQL writes an array of values three times as fast as an object with their names, and a power has some 600 values.
Does not belong here: what belongs to a row (resources.py), whole statements (statements.py).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import orjson

from mids_assets.api.resources import Resource, named_column, resources, shown
from mids_assets.model.table import Reference, Table
from mids_assets.model.tables import TABLES
from mids_assets.warehouse.ddl import view_columns, view_schema
from mids_assets.warehouse.stored import parent_key, quote, row_key, stored_columns


@dataclass(frozen=True, slots=True)
class Part:
    """Something beside the columns of a row: `shape` of what it holds, None for a plain value; `many`: a list of it."""

    name: str
    shape: Shape | None
    many: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """The names of a row's values. `texts`: places of columns that hold JSON, which comes as its text."""

    columns: tuple[str, ...]
    texts: tuple[int, ...] = ()
    parts: tuple[Part, ...] = ()

    def named(self, values: list[Any]) -> dict[str, Any]:
        """[columns, parts], or the columns alone where there are no parts, as an object."""
        if not self.parts and not self.texts:
            return dict(zip(self.columns, values, strict=True))
        columns, parts = values if self.parts else (values, [])
        found = dict(zip(self.columns, columns, strict=True))
        for place in self.texts:
            if columns[place] is not None:
                found[self.columns[place]] = orjson.Fragment(columns[place])
        for part, value in zip(self.parts, parts, strict=True):
            shape = part.shape
            if value is None or shape is None:
                found[part.name] = [] if part.many else value
            elif part.many:
                named = shape.named
                found[part.name] = [named(each) for each in value]
            else:
                found[part.name] = shape.named(value)
        return found


def entity(realm: str, resource: Resource, wanted: Collection[str]) -> tuple[str, Shape]:
    """The expression for a row `t` of an entity's view with what belongs to it, as far as `wanted`, and its shape."""
    table = resource.table
    values, parts = _references(realm, table, "t", wanted)
    for child in TABLES.children(table.name):
        if child.name in wanted:
            rows, shape = _children(realm, child)
            values.append(rows)
            parts.append(Part(child.name, shape, many=True))
    members = resource.members
    if members and members.name in wanted:
        target = resources()[members.table]
        order = ", ".join(f"m.{quote(column)}" for column in members.order)
        more = "".join(f", m.{quote(column)}" for column in members.columns)
        values.append(
            f"(SELECT json_agg(a) FROM (SELECT json_build_array({_identity(target, 'm')}{more}) AS a"
            f" FROM {view(realm, members.table)} m"
            f" WHERE m.{quote(target.table.physical(members.reference))} = t.{quote('id')} ORDER BY {order}) a)"
        )
        parts.append(Part(members.name, Shape((*_IDENTITY, *members.columns)), many=True))
    columns = [column for column in view_columns(table.name) if column in wanted]
    return _row(table, "t", columns, values, parts)


def row(realm: str, table: Table, alias: str) -> tuple[str, Shape]:
    """The same for a row of any other view."""
    columns = view_columns(table.name)
    values, parts = _references(realm, table, alias, [shown(table, each) or "" for each in table.references])
    return _row(table, alias, columns, values, parts)


def view(realm: str, name: str) -> str:
    return f"{quote(view_schema(realm))}.{quote(name)}"


_IDENTITY = ("id", "key", "display_name")


def _identity(resource: Resource, alias: str) -> str:
    return f"{alias}.{quote('id')}, {alias}.{quote(resource.key)}, {alias}.{quote(resource.display_name)}"


def _row(table: Table, alias: str, columns: Collection[str], values: list[str], parts: list[Part]) -> tuple[str, Shape]:
    types = {column.name: column.type for column in stored_columns(table.name)}
    texts = tuple(place for place, column in enumerate(columns) if types[column] == "jsonb")
    # JSON goes as text: what reads the arrays here would round its numbers.
    written = [f"{alias}.{quote(column)}{'::text' if types[column] == 'jsonb' else ''}" for column in columns]
    expression = f"json_build_array({', '.join(written)})"
    if parts:
        expression = f"json_build_array({expression}, json_build_array({', '.join(values)}))"
    return expression, Shape(tuple(columns), texts, tuple(parts))


def _children(realm: str, child: Table) -> tuple[str, Shape]:
    parent = parent_key(child.name)
    values, parts = _references(realm, child, "c", [shown(child, each) or "" for each in child.references])
    columns = [name for name in view_columns(child.name) if name != parent]
    expression, shape = _row(child, "c", columns, values, parts)
    order = ", ".join(f"c.{quote(column)}" for column in row_key(child.name))
    rows = f"SELECT {expression} AS a FROM {view(realm, child.name)} c WHERE c.{quote(parent)} = t.id ORDER BY {order}"
    return f"(SELECT json_agg(a) FROM ({rows}) a)", shape


def _references(realm: str, table: Table, alias: str, wanted: Collection[str]) -> tuple[list[str], list[Part]]:
    """What references of a row lead to: an object, or the name alone where the column is called as the reference."""
    values, parts = [], []
    for reference in table.references:
        name = shown(table, reference)
        if name is None or name not in wanted:
            continue
        value, shape = _led_to(table, reference)
        target = table.target(reference).name
        here = f"{alias}.{quote(table.physical(reference.name))}"
        there = f"FROM {view(realm, target)} x WHERE x.{quote(row_key(target)[0])} = {here}"
        # Most references of effects are empty, and a look-up that is not made costs nothing.
        values.append(f"CASE WHEN {here} IS NOT NULL THEN (SELECT {value} {there}) END")
        parts.append(Part(name, shape))
    return values, parts


def _led_to(table: Table, reference: Reference) -> tuple[str, Shape | None]:
    target = table.target(reference)
    if target.kind == "entity":
        return f"json_build_array({_identity(resources()[target.name], 'x')})", Shape(_IDENTITY)
    name = named_column(target) or ""
    if table.physical(reference.name) == reference.name:
        return f"to_json(x.{quote(name)})", None
    columns = (target.key[0], name, "short_name")
    return f"json_build_array({', '.join(f'x.{quote(column)}' for column in columns)})", Shape(columns)
