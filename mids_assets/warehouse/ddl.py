"""DDL of a realm from the model alone: every statement as text, nothing executed.

A realm comes in parts, because a first load fills the bare tables and adds the rest afterwards:
`tables_ddl`, `constraints_ddl` (unique, secondary indexes, foreign keys), `views_ddl`, `comments_ddl`. Indexes that
need an extension come apart from them (`similar_ddl`), since a server may not have it.
Does not belong here: what exists in a database and how it is brought up to date (schema.py), schema `mids`
(migrations/).
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from mids_assets.model.table import Table
from mids_assets.model.tables import TABLES
from mids_assets.warehouse.search_sql import folded_name, key_words, name_words, searched, text_words
from mids_assets.warehouse.stored import (
    INTERNAL,
    StoredColumn,
    fit,
    foreign_columns,
    literal,
    quote,
    quoted,
    row_key,
    stored_columns,
)

VIEW_SUFFIX = "_v1"
REALM_COMMENT = "Game data of realm "
"""So begins the comment of a realm's schema."""
TRIGRAM_SCHEMA = "public"
"""Where the extension pg_trgm goes to, if it is nowhere yet: everybody may use what is there."""
SIMILAR = "_search_similar"
"""So end the names of the indexes that need it."""


def view_schema(realm: str) -> str:
    return realm + VIEW_SUFFIX


def realm_ddl(realm: str) -> list[str]:
    """All statements that make a realm, for a database that has schema `mids`."""
    return [
        *schemas_ddl(realm),
        *tables_ddl(realm),
        *constraints_ddl(realm),
        *views_ddl(realm),
        *comments_ddl(realm),
    ]


def schemas_ddl(realm: str) -> list[str]:
    return [f"CREATE SCHEMA IF NOT EXISTS {quote(name)}" for name in (realm, view_schema(realm))]


def tables_ddl(realm: str) -> list[str]:
    """Bare tables: columns and primary keys."""
    return [table_ddl(realm, table.name) for table in TABLES]


def table_ddl(realm: str, name: str) -> str:
    lines = [column_ddl(column) for column in stored_columns(name)]
    lines.append(f"CONSTRAINT {quote(fit(f'{name}_pkey'))} PRIMARY KEY ({quoted(*row_key(name))})")
    return f"CREATE TABLE {quote(realm)}.{quote(name)} (\n    " + ",\n    ".join(lines) + "\n)"


def column_ddl(column: StoredColumn, *, required: bool = True) -> str:
    default = f" DEFAULT {column.default}" if column.default else ""
    null = " NOT NULL" if column.required and required else ""
    return f"{quote(column.name)} {column.type}{default}{null}"


def constraints_ddl(realm: str) -> list[str]:
    """Unique indexes and constraints first, then secondary indexes, those of a search among them, then foreign keys."""
    return [
        *(statement for table in TABLES for statement in _unique(realm, table)),
        *(statement for table in TABLES for statement in _indexes(realm, table)),
        *(statement for table in TABLES if table.search for statement in _search(realm, table)),
        *(statement for table in TABLES for statement in _foreign_keys(realm, table)),
    ]


def _unique(realm: str, table: Table) -> Iterator[str]:
    relation = f"{quote(realm)}.{quote(table.name)}"
    if table.kind == "entity":
        parts = ", ".join(
            f"lower({quote(table.physical(part))})"
            if table.stored_type(part) == "text"
            else quote(table.physical(part))
            for part in table.key
        )
        yield f"CREATE UNIQUE INDEX {quote(fit(f'{table.name}_natural_key'))} ON {relation} ({parts})"
    for names in table.unique:
        columns = [table.physical(part) for part in names]
        constraint = quote(fit(f"{table.name}_{'_'.join(columns)}_key"))
        yield f"ALTER TABLE {relation} ADD CONSTRAINT {constraint} UNIQUE ({quoted(*columns)}) DEFERRABLE"


def _indexes(realm: str, table: Table) -> Iterator[str]:
    """One per foreign key, for joins and for the delete of what it leads to, unless the primary key serves."""
    key = row_key(table.name)
    made = set()
    for reference in table.references:
        columns, _ = foreign_columns(table, reference)
        if key[: len(columns)] == columns or columns in made:
            continue
        made.add(columns)
        name = quote(fit(f"{table.name}_{reference.name}_idx"))
        # Most references of effects are empty: leaving nulls out makes the index small and the load quick.
        partial = "" if reference.required else f" WHERE {quote(columns[0])} IS NOT NULL"
        yield f"CREATE INDEX {name} ON {quote(realm)}.{quote(table.name)} ({quoted(*columns)}){partial}"


def _search(realm: str, table: Table) -> Iterator[str]:
    """By the beginning of the shown name, by its words, by those of the key, by those of descriptions."""
    yield from _search_index(realm, table, "_search_name", f"{folded_name(table)} text_pattern_ops", "btree")
    yield from _search_index(realm, table, "_search_words", name_words(table), "gin")
    yield from _search_index(realm, table, "_search_key", key_words(table), "gin")
    if searched(table).texts:
        yield from _search_index(realm, table, "_search_text", text_words(table), "gin")


def similar_ddl(realm: str, schema: str) -> dict[str, list[str]]:
    """{index: statements}: for names that are only similar. `schema` is the one that pg_trgm is in."""
    return {
        fit(table.name + SIMILAR): list(
            _search_index(realm, table, SIMILAR, f"{folded_name(table)} {quote(schema)}.gin_trgm_ops", "gin")
        )
        for table in TABLES
        if table.search
    }


def _search_index(realm: str, table: Table, end: str, expression: str, method: str) -> Iterator[str]:
    name = quote(fit(table.name + end))
    yield f"CREATE INDEX {name} ON {quote(realm)}.{quote(table.name)} USING {method} ({expression})"
    # ANALYZE would work the expression out for every row again, for numbers that no statement of ours needs.
    yield f"ALTER INDEX {quote(realm)}.{name} ALTER COLUMN 1 SET STATISTICS 0"


def _foreign_keys(realm: str, table: Table) -> Iterator[str]:
    relation = f"{quote(realm)}.{quote(table.name)}"
    for reference in table.references:
        columns, target = foreign_columns(table, reference)
        yield (
            f"ALTER TABLE {relation} ADD CONSTRAINT {quote(fit(f'{table.name}_{reference.name}_fkey'))}"
            f" FOREIGN KEY ({quoted(*columns)}) REFERENCES {quote(realm)}.{quote(reference.target)}"
            f" ({quoted(*target)}) DEFERRABLE INITIALLY IMMEDIATE"
        )


def views_ddl(realm: str) -> list[str]:
    return [view_ddl(realm, table.name, view_columns(table.name)) for table in TABLES]


def view_columns(name: str) -> tuple[str, ...]:
    return tuple(column.name for column in stored_columns(name) if column.name not in INTERNAL)


def view_ddl(realm: str, name: str, columns: tuple[str, ...]) -> str:
    view = f"{quote(view_schema(realm))}.{quote(name)}"
    return f"CREATE OR REPLACE VIEW {view} AS SELECT {quoted(*columns)} FROM {quote(realm)}.{quote(name)}"


def comments_ddl(realm: str) -> list[str]:
    """What each schema, table, view and column means; the same words for a table and its view."""
    found = [f"COMMENT ON SCHEMA {quote(view_schema(realm))} IS {literal(f'Views of realm {realm}, for readers.')}"]
    for table in TABLES:
        for kind, schema in (("TABLE", realm), ("VIEW", view_schema(realm))):
            relation = f"{quote(schema)}.{quote(table.name)}"
            found.append(f"COMMENT ON {kind} {relation} IS {literal(table.description)}")
            found += [
                f"COMMENT ON COLUMN {relation}.{quote(column.name)} IS {literal(column.comment)}"
                for column in stored_columns(table.name)
                if kind == "TABLE" or column.name not in INTERNAL
            ]
    return found


def realm_fingerprint() -> str:
    """Hash over the DDL of a realm: schemas of equal fingerprints are equal, but for those of an extension."""
    similar = (statement for some in similar_ddl("realm", TRIGRAM_SCHEMA).values() for statement in some)
    return sha256("\n".join([*realm_ddl("realm"), *similar]).encode()).hexdigest()[:16]
