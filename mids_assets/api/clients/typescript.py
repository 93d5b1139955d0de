"""The answers of the API as TypeScript, generated from the model: types, and unit and meaning of every field.

`python -m mids_assets.api.clients.typescript mids_assets/web/src/model.ts` writes it; a test fails when it is stale.
Does not belong here: how the page shows them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from mids_assets.api.resources import Resource, named_column, reference_tables, resources, shown
from mids_assets.api.statements import children
from mids_assets.model.enums import ENUMERATIONS
from mids_assets.model.table import Column, Reference, Table
from mids_assets.warehouse.ddl import view_columns
from mids_assets.warehouse.stored import CREATED_AT, RELEASE_ID, UPDATED_AT, parent_key, stored_columns

_INTRO = """// Generated from the model by `make web`; edit the model, not this file.

/** What a reference leads to. */
export interface Named {
  id: number;
  key: string;
  display_name: string | null;
}

/** Unit and meaning of a field. */
export interface Field {
  unit?: string;
  meaning: string;
}
"""
_TYPES = {
    "text": "string",
    "int4": "number",
    "int8": "number",
    "float8": "number",
    "bool": "boolean",
    "jsonb": "unknown",
    "text[]": "string[]",
    "timestamptz": "string",
}
_STAMPS = frozenset({"id", CREATED_AT, UPDATED_AT, RELEASE_ID, "source_position"})


def module() -> str:
    """The whole file."""
    return "\n".join([_INTRO, *_enumerations(), *_interfaces(), *_paths(), *_fields()])


def _enumerations() -> Iterator[str]:
    for one in sorted(ENUMERATIONS.values(), key=lambda each: each.name):
        yield f"export type {_pascal(one.name)}Name = {' | '.join(json.dumps(name) for _, name in one.members)};"
    yield ""


def _interfaces() -> Iterator[str]:
    for table in reference_tables():
        yield from _interface(table, table.description, _pascal(table.name), _row(table, view_columns(table.name)))
    for resource in resources().values():
        table = resource.table
        name = _pascal(table.name)
        for child in children(resource):
            columns = [column for column in view_columns(child.name) if column != parent_key(child.name)]
            members = [*_row(child, columns), *_led_to(child)]
            yield from _interface(child, child.description, _pascal(child.name), members)
        yield from _interface(table, table.description, name, _row(table, view_columns(table.name)))
        whole = [*_led_to(table), *_parts(resource)]
        yield from _interface(table, f"{table.description} With all that belongs to it.", f"Whole{name}", whole, name)


def _interface(table: Table, text: str, name: str, members: list[str], base: str = "") -> Iterator[str]:
    yield f"/** {text} */"
    yield f"export interface {name}{f' extends {base}' if base else ''} {{"
    yield from (f"  {member}" for member in members)
    yield "}\n"


def _row(table: Table, columns: tuple[str, ...] | list[str]) -> list[str]:
    stored = {column.name: column for column in stored_columns(table.name)}
    found = []
    for name in columns:
        column = stored[name]
        member = table.by_name.get(column.logical or "")
        enumeration = member.enum if isinstance(member, Column) and not name.endswith("_code") else None
        kind = _TYPES[column.type]
        if enumeration:
            kind = f"{_pascal(enumeration)}Name" + ("[]" if column.type == "text[]" else "")
        found.append(f"{name}: {kind}{'' if column.required or kind == 'unknown' else ' | null'};")
    return found


def _led_to(table: Table) -> list[str]:
    """What the references of a row lead to, as `statements` shows it."""
    return [
        f"{name}: {_target(table, each)}{'' if table.required(each.name) else ' | null'};"
        for each in table.references
        if (name := shown(table, each))
    ]


def _target(table: Table, reference: Reference) -> str:
    target = table.target(reference)
    if target.kind == "entity":
        return "Named"
    if table.physical(reference.name) == reference.name:
        return "string"
    key, name = target.key[0], named_column(target)
    columns = [
        each for each in _row(target, view_columns(target.name)) if each.split(":")[0] in (key, name, "short_name")
    ]
    return f"{{ {' '.join(columns).rstrip(';')} }}"


def _parts(resource: Resource) -> Iterator[str]:
    for child in children(resource):
        yield f"{child.name}: {_pascal(child.name)}[];"
    members = resource.members
    if members:
        row = _pascal(members.table)
        columns = " | ".join(json.dumps(column) for column in members.columns)
        yield f"{members.name}: (Named & Pick<{row}, {columns}>)[];"


def _paths() -> Iterator[str]:
    yield "/** Under which path an entity is served, by its table. */"
    yield "export const PATHS = {"
    yield from (f"  {name}: {json.dumps(resource.path)}," for name, resource in resources().items())
    yield "} as const;\n"
    yield "/** Tables whose rows belong to an entity: whose, and what tells one of its rows from the next. */"
    yield "export const CHILDREN: Record<string, { of: EntityTable; key: string[] }> = {"
    for name, resource in resources().items():
        for child in children(resource):
            key = [child.physical(part) for part in child.key if part != child.parent]
            yield f"  {child.name}: {{ of: {json.dumps(name)}, key: {json.dumps(key)} }},"
    yield "};\n"
    yield "export type EntityTable = keyof typeof PATHS;\n"


def _fields() -> Iterator[str]:
    yield "/** Unit and meaning of the fields, by table. */"
    yield "export const FIELDS: Record<string, Record<string, Field>> = {"
    for resource in resources().values():
        for table in (resource.table, *children(resource)):
            yield f"  {table.name}: {{"
            yield from (f"    {line}" for line in _facts(table))
            yield "  },"
    yield "};\n"


def _facts(table: Table) -> Iterator[str]:
    for name in table.own:
        member = table.by_name[name]
        if table.physical(name) in _STAMPS or name.endswith("_code"):
            continue
        facts: dict[str, str] = {"meaning": member.description}
        if isinstance(member, Column) and member.unit:
            facts = {"unit": member.unit, **facts}
        yield f"{table.physical(name)}: {json.dumps(facts, ensure_ascii=False)},"


def _pascal(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def main() -> None:
    Path(sys.argv[1]).write_text(module(), "utf-8")


if __name__ == "__main__":
    main()
