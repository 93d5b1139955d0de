"""The vocabulary in which a table is declared: columns, references, tables.

Everything else about a table (Polars schema, DDL, rules, checks, data dictionary, diff keys, column lineage)
derives from these objects. Does not belong here: a concrete table (see `model.tables`), SQL, Polars.

Two names for one thing. A *logical* frame (tables/<entity>/*.parquet) holds references as natural keys, so that
it needs no database; the *physical* table in PostgreSQL holds ids. `Table.physical` translates.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

ColumnType = Literal["text", "int4", "int8", "float8", "bool", "jsonb", "text[]", "timestamptz"]
TableKind = Literal["entity", "reference", "child"]

NAME_LIMIT = 255
TEXT_LIMIT = 65_535
JSON_LIMIT = 4 * 1024 * 1024

NATURAL_KEY = "natural_key"
"""Logical column of every entity frame: the folded natural key under which references name the row."""


@dataclass(frozen=True, slots=True)
class Column:
    """One stored value.

    `source` is the field of the source record that it comes from ("" = computed by the transform layer).
    `enum` names the enumeration whose member names the column holds; its numbers stand in `<name>_code`.
    `hashed`: whether a change of the value alone is a change of the row.
    `made_from`: of a computed value the fields that it is made from, by their paths (`requires.powers`); where it
    names none, a child's value is made from the list that its rows come from.
    """

    name: str
    type: ColumnType
    description: str
    source: str = ""
    nullable: bool = True
    unit: str | None = None
    enum: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    max_length: int | None = None
    hashed: bool = True
    made_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key.

    To an entity it is `<name>_id` (bigint) in PostgreSQL, to a table whose key is a number or name of its own the
    column holds that key. `raw` names the column that keeps the name as the source wrote it. A `composite`
    reference has no column of its own: its columns are other logical columns of this table, in the order of the
    target's key. `made_from`: as of a column, where there is no `raw`.
    `required_of_whole`: it may be null, because a source that holds a part of the game's data names what it lacks; in a
    release of a whole database it must lead somewhere.
    """

    name: str
    target: str
    description: str
    required: bool = False
    raw: str | None = None
    composite: tuple[str, ...] = ()
    made_from: tuple[str, ...] = ()
    required_of_whole: bool = False


@dataclass(frozen=True, slots=True)
class Search:
    """How people look for a row of an entity, besides by its natural key.

    `name` is the column that is shown to them, `texts` are those whose words count too; `within` is the reference to
    what it belongs to, which tells rows of one name apart.
    """

    name: str
    texts: tuple[str, ...] = ()
    within: str | None = None


@dataclass(frozen=True)
class Table:
    """A table of a realm. `search`: of an entity, how people look for its rows.

    `kind`: an *entity* has a stable id of its own and a natural key; a *reference* table is keyed by a number or
    name of the source; a *child* is keyed by its parent and a position, and lives and dies with the parent.
    `asset` is the step that makes it (archetype, power, ..., reference). `parent` names the reference to the parent.
    `rows_from` is the list field of the source record that the rows of a child come from, where it is one list.
    `ordered` are the columns that hold a row's place in a list, outermost first: a row that only moves up because
    another one came before it is the same row. `unordered` are those of lists whose order means nothing at all.
    """

    name: str
    kind: TableKind
    asset: str
    description: str
    key: tuple[str, ...]
    members: tuple[Column | Reference, ...]
    parent: str | None = None
    rows_from: str | None = None
    unique: tuple[tuple[str, ...], ...] = ()
    source: str = ""
    ordered: tuple[str, ...] = ()
    unordered: tuple[str, ...] = ()
    search: Search | None = None
    _tables: dict[str, Table] = field(default_factory=dict, repr=False, compare=False)

    @property
    def columns(self) -> tuple[Column, ...]:
        return tuple(member for member in self.members if isinstance(member, Column))

    @property
    def references(self) -> tuple[Reference, ...]:
        return tuple(member for member in self.members if isinstance(member, Reference))

    @cached_property
    def by_name(self) -> dict[str, Column | Reference]:
        return {member.name: member for member in self.members}

    def column(self, name: str) -> Column:
        member = self.by_name[name]
        if not isinstance(member, Column):
            raise KeyError(f"{self.name}.{name} is a reference")
        return member

    def reference(self, name: str) -> Reference:
        member = self.by_name[name]
        if not isinstance(member, Reference):
            raise KeyError(f"{self.name}.{name} is a column")
        return member

    def target(self, reference: Reference) -> Table:
        return self._tables[reference.target]

    def physical(self, name: str) -> str:
        """Name of the PostgreSQL column that holds the logical column or reference `name`."""
        member = self.by_name[name]
        if isinstance(member, Column):
            return member.name
        if member.composite:
            raise KeyError(f"{self.name}.{name} is composite and has no column of its own")
        target = self.target(member)
        return f"{name}_id" if target.kind == "entity" or target.key == ("id",) else name

    def stored_type(self, name: str) -> ColumnType:
        """PostgreSQL type of the physical column of `name`."""
        member = self.by_name[name]
        if isinstance(member, Column):
            return member.type
        target = self.target(member)
        return "int8" if target.kind == "entity" else target.stored_type(target.key[0])

    def logical_type(self, name: str) -> ColumnType:
        """Type in a logical frame: a reference to an entity is its folded natural key, hence text."""
        member = self.by_name[name]
        if isinstance(member, Reference) and self.target(member).kind == "entity":
            return "text"
        return self.stored_type(name)

    @cached_property
    def own(self) -> tuple[str, ...]:
        """Logical names that have a column, in order of declaration (composite references have none)."""
        return tuple(m.name for m in self.members if isinstance(m, Column) or not m.composite)

    @cached_property
    def hashed(self) -> tuple[str, ...]:
        """Logical names whose values make up the row's hash."""
        return tuple(n for n in self.own if not isinstance(c := self.by_name[n], Column) or c.hashed)

    def required(self, name: str) -> bool:
        """True where the column must not be null: keys, required references, and columns declared so."""
        member = self.by_name[name]
        if name in self.key:
            return True
        return member.required if isinstance(member, Reference) else not member.nullable

    def demanded(self, name: str, *, whole: bool) -> bool:
        """True where a release must have a value: what is required, of a whole database also what is only there."""
        member = self.by_name[name]
        return self.required(name) or (whole and isinstance(member, Reference) and member.required_of_whole)


class Registry:
    """All tables of a realm, in an order in which every required reference points backwards."""

    def __init__(self, tables: Iterable[Table]) -> None:
        self._tables: dict[str, Table] = {}
        for table in tables:
            if table.name in self._tables:
                raise ValueError(f"table {table.name} is declared twice")
            self._tables[table.name] = table
        for table in self._tables.values():
            table._tables.update(self._tables)
            _validate(table, self._tables)

    def __getitem__(self, name: str) -> Table:
        return self._tables[name]

    def __iter__(self) -> Iterator[Table]:
        return iter(self._tables.values())

    def __len__(self) -> int:
        return len(self._tables)

    def of_asset(self, asset: str) -> tuple[Table, ...]:
        return tuple(table for table in self if table.asset == asset)

    def children(self, name: str) -> tuple[Table, ...]:
        """Tables whose parent is `name`."""
        return tuple(t for t in self if t.parent is not None and t.reference(t.parent).target == name)


def _validate(table: Table, tables: dict[str, Table]) -> None:
    names = [member.name for member in table.members]
    if len(set(names)) != len(names):
        raise ValueError(f"{table.name}: a name is declared twice")
    for name in (*table.key, *(n for names in table.unique for n in names), *table.ordered, *table.unordered):
        if name not in names:
            raise ValueError(f"{table.name}: key column {name} is not declared")
    for reference in table.references:
        if reference.target not in tables:
            raise ValueError(f"{table.name}.{reference.name}: unknown target {reference.target}")
        if reference.raw is not None and reference.raw not in names:
            raise ValueError(f"{table.name}.{reference.name}: unknown raw column {reference.raw}")
    if table.search is not None:
        for name in (table.search.name, *table.search.texts):
            if table.kind != "entity" or name not in names or table.stored_type(name) != "text":
                raise ValueError(f"{table.name}: only text columns of an entity are searched, not {name}")
        if table.search.within is not None and table.target(table.reference(table.search.within)).search is None:
            raise ValueError(f"{table.name}: {table.search.within} leads to nothing that has a shown name")
    if table.kind == "child" and (table.parent is None or not table.reference(table.parent).required):
        raise ValueError(f"{table.name}: a child needs a required reference to its parent")
