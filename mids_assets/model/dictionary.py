"""docs/data_dictionary.md: every table and column with its meaning, and an ER diagram; generated from the model.

`python -m mids_assets.model.dictionary docs/data_dictionary.md` writes it; a test fails when it is stale.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from mids_assets.model.enums import ENUMERATIONS
from mids_assets.model.operations import OPERATIONAL_TABLES
from mids_assets.model.reader_views import READER_SCHEMA, READER_VIEWS, SCHEMA_COMMENT
from mids_assets.model.table import Column, Reference, Table
from mids_assets.model.tables import ASSETS, TABLES

_INTRO = """# Data dictionary

Generated from `mids_assets/model` by `make docs`; edit the model, not this file.

Every realm is a PostgreSQL schema with the tables below; `mids` holds what concerns all realms. Readers use the
views of the same names in `<realm>_v1`, which survive changes of the tables, and those in `mids_v1`.

- Entities have a stable `id` (bigint, unique in the realm and table), kept for a key that vanishes and returns.
- Entities and small tables carry `created_at`, `updated_at` and `release_id` (the release in which the content last
  changed) and `source_position` (0-based place in that release's file).
- Children are keyed by their parent and a position. They change with the parent's content.
- An enumeration X is X (name of the member, null for a number without one) and X_code (the number).
- Levels of enhancements, sets, recipes and salvage are 0-based; -1 means none.
- Floats hold the shortest decimal that reads back as the f32 of the source.
"""


def dictionary() -> str:
    """The whole document."""
    return "\n".join([_INTRO, "## Relations\n", *_diagram(), "", *_tables(), *_operations(), *_enumerations()]) + "\n"


def _diagram() -> Iterator[str]:
    yield "```mermaid"
    yield "erDiagram"
    for table in TABLES:
        for reference in table.references:
            if reference.composite and reference.target == table.name:
                continue
            many = "}o--||" if reference.required else "}o--o|"
            yield f"    {table.name} {many} {reference.target} : {reference.name}"
    yield "```"


def _tables() -> Iterator[str]:
    for asset in ASSETS:
        yield f"## {asset.replace('_', ' ').capitalize()}\n"
        for table in TABLES.of_asset(asset):
            yield from _table(table)


def _table(table: Table) -> Iterator[str]:
    yield f"### {table.name}\n"
    yield f"{table.description}\n"
    natural = ", ".join(_stored_name(table, name) for name in table.key)
    yield f"{_KINDS[table.kind]} Natural key: {natural}.\n"
    yield "| column | type | null | meaning |"
    yield "| --- | --- | --- | --- |"
    if table.kind == "entity":
        yield "| id | int8 | no | Stable id. |"
    for name in table.own:
        member = table.by_name[name]
        null = "no" if table.required(name) else "yes"
        yield f"| {table.physical(name)} | {table.stored_type(name)} | {null} | {_meaning(table, member)} |"
    if table.kind != "child":
        yield "| created_at, updated_at | timestamptz | no | First publish, and last change of the content. |"
        yield "| release_id | int8 | no | Release of the last change (mids.release). |"
        yield "| source_position | int8 | no | Place in that release's file, 0-based. |"
    yield ""


_KINDS = {
    "entity": "Entity.",
    "reference": "Small table.",
    "child": "Child.",
}


def _stored_name(table: Table, name: str) -> str:
    return f"`{table.physical(name)}`"


def _meaning(table: Table, member: Column | Reference) -> str:
    text = member.description
    if isinstance(member, Reference):
        arrow = f"-> {member.target}"
        return f"{text} {arrow}" + (f"; as written: `{member.raw}`" if member.raw else "")
    facts = []
    if member.unit:
        facts.append(f"unit: {member.unit}")
    if member.minimum is not None:
        facts.append(f"least {member.minimum:g}")
    if member.maximum is not None:
        facts.append(f"at most {member.maximum:g}")
    if member.enum and not member.name.endswith("_code"):
        facts.append(f"enumeration {member.enum}")
    if not member.hashed:
        facts.append("no part of the row's hash")
    return f"{text} ({'; '.join(facts)})" if facts else text


def _operations() -> Iterator[str]:
    yield "## Schema mids\n"
    for table in OPERATIONAL_TABLES:
        yield from _operational(f"mids.{table.name}", table.description, table.columns)
    yield f"## Schema {READER_SCHEMA}\n"
    yield f"{SCHEMA_COMMENT}\n"
    for view in READER_VIEWS:
        yield from _operational(f"{READER_SCHEMA}.{view.name}", view.description, view.columns)


def _operational(name: str, description: str, columns: Iterable[Column]) -> Iterator[str]:
    yield f"### {name}\n"
    yield f"{description}\n"
    yield "| column | type | null | meaning |"
    yield "| --- | --- | --- | --- |"
    for column in columns:
        yield f"| {column.name} | {column.type} | {'yes' if column.nullable else 'no'} | {column.description} |"
    yield ""


def _enumerations() -> Iterator[str]:
    yield "## Enumerations\n"
    yield "| enumeration | members |"
    yield "| --- | --- |"
    for enumeration in sorted(ENUMERATIONS.values(), key=lambda one: one.name):
        kind = "flags " if enumeration.flags else ""
        members = ", ".join(f"{number} {name}" for number, name in enumeration.members)
        yield f"| {kind}{enumeration.name} | {members} |"


def main() -> None:
    Path(sys.argv[1]).write_text(dictionary(), "utf-8")


if __name__ == "__main__":
    main()
