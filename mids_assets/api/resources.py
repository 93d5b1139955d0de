"""Which tables are served, under which path, and what is shown with a row of each.

Everything is derived from the model but for the few lists of other entities that belong on an entity's own page.
Does not belong here: SQL (statements.py), routes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from mids_assets.model.table import Reference, Table
from mids_assets.model.tables import TABLES

_SHOWN_NAMES = ("display_name", "external_name", "name")


@dataclass(frozen=True, slots=True)
class Members:
    """Other entities that refer to this one and are listed with it: powers of a powerset. `columns` of theirs are
    shown beside id, key and display_name."""

    name: str
    table: str
    reference: str
    order: tuple[str, ...]
    columns: tuple[str, ...] = ()


_MEMBERS = {
    "archetype": Members("powersets", "powerset", "archetype", ("set_type_code", "id"), ("set_type",)),
    "powerset": Members(
        "powers", "power", "powerset", ("position", "id"), ("position", "level_available", "description_short")
    ),
    "enhancement_set": Members("enhancements", "enhancement", "enhancement_set", ("id",), ("short_name",)),
}


@dataclass(frozen=True, slots=True)
class Resource:
    """An entity as the API serves it. `key` is the column that names a row, without regard to case."""

    path: str
    table: Table
    key: str
    display_name: str
    members: Members | None

    @property
    def one(self) -> str:
        """What a single one is called in a sentence."""
        return self.table.name.replace("_", " ")


@cache
def resources() -> dict[str, Resource]:
    """{entity table: resource}, in order of the model."""
    return {table.name: _resource(table) for table in TABLES if table.kind == "entity"}


def reference_tables() -> tuple[Table, ...]:
    """The small tables, each served as a whole, with the values of those that have them."""
    return tuple(table for table in TABLES if table.asset == "reference" and table.kind == "reference")


def shown(table: Table, reference: Reference) -> str | None:
    """Name under which what a reference leads to is shown beside the number or name that the column holds; None where
    that says it all, or there is no column."""
    target = table.target(reference)
    if reference.composite or reference.name == table.parent or not _says_more(target):
        return None
    return f"{reference.name}_name" if table.physical(reference.name) == reference.name else reference.name


def named_column(table: Table) -> str | None:
    """The column that holds a row's name for a person."""
    return next((name for name in _SHOWN_NAMES if name in table.by_name), None)


def _says_more(target: Table) -> bool:
    return target.kind == "entity" or (named_column(target) is not None and named_column(target) not in target.key)


def _resource(table: Table) -> Resource:
    plural = table.name.replace("_", "-")
    plural = plural if plural == "salvage" else plural[:-1] + "ies" if plural.endswith("y") else plural + "s"
    name = named_column(table)
    if name is None:
        raise ValueError(f"{table.name} has no name for a person")
    return Resource(plural, table, table.key[0], name, _MEMBERS.get(table.name))
