"""Which columns of a table are compared, and how rows are read for it.

Left out is what another column says already (the row that a raw name leads to, objects that repeat other columns),
what counts as no change of a row (`Column.hashed`), and the place in a list, which is told by aligning the list.
An enumeration's number is reported only where its name does not tell the same.
Does not belong here: which rows belong together.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from functools import cache, reduce
from operator import or_
from typing import Any

import polars as pl

from mids_assets.model.enums import ENUMERATIONS
from mids_assets.model.table import NATURAL_KEY, Column, Table

CODE = "_code"


@cache
def repeats(table: Table) -> frozenset[str]:
    """Columns whose value follows from other columns or other rows."""
    resolved = {reference.name for reference in table.references if reference.raw}
    objects = {column.name for column in table.columns if column.type == "jsonb" and not column.source}
    return frozenset((resolved | objects) - set(table.key))


def places(table: Table) -> tuple[str, ...]:
    """Columns that hold a place in a list, without those that are the place of the row that this one belongs to."""
    outer = set(outer_places(table))
    return tuple(name for name in (*table.ordered, *table.unordered) if name in table.key and name not in outer)


@cache
def outer_places(table: Table) -> tuple[str, ...]:
    """Of a child of a list's rows (a condition of an effect): the columns with the place of that row."""
    inner = owner(table)
    return () if inner is None else tuple(inner[1][name] for name in places(inner[0]))


@cache
def owner(table: Table) -> tuple[Table, dict[str, str]] | None:
    """The child table that rows of this one belong to, where there is one, and its key columns -> the names here."""
    for reference in table.references:
        target = table.target(reference)
        if reference.composite and target.parent is not None and (target.ordered or target.unordered):
            return target, dict(zip(target.key, reference.composite, strict=True))
    return None


def fixed(table: Table) -> tuple[str, ...]:
    """Key columns of a child that are neither its parent nor a place in a list."""
    return tuple(name for name in table.key if name not in (table.parent, *places(table), *outer_places(table)))


def grouped(table: Table) -> tuple[str, str] | None:
    """Of a list of lists whose order means nothing (alternatives of prerequisites): the column with the place of the
    inner list, and the one by which its rows are named. Which rows stand together does mean something."""
    if len(table.unordered) < 2:
        return None
    named = next(column.name for column in table.columns if column.type == "text" and not column.nullable)
    return table.unordered[0], named


def compared(table: Table, lacks: Collection[str] = ()) -> tuple[str, ...]:
    """Names of the columns whose values are compared in rows that belong together."""
    skipped = {*repeats(table), *table.ordered, *table.unordered} - {*(grouped(table) or ())[:1]}
    if table.kind == "child":
        skipped |= {table.parent, *fixed(table)}
    elif table.kind == "reference":
        skipped |= set(table.key)
    return tuple(name for name in table.hashed if name not in skipped and f"{table.name}.{name}" not in lacks)


def needed(table: Table, lacks: Collection[str] = ()) -> tuple[str, ...]:
    """Columns that have to be read to compare a table."""
    head = (NATURAL_KEY,) if table.kind == "entity" else ()
    return tuple(dict.fromkeys((*head, *table.key, *compared(table, lacks))))


def canonical(frame: pl.DataFrame, table: Table) -> pl.DataFrame:
    """`frame` with one spelling for equal JSON, for equal numbers (no -0.0), and no difference of null and absent."""
    changed = []
    for name in frame.columns:
        member = table.by_name.get(name)
        if isinstance(member, Column) and member.type == "jsonb":
            distinct = frame[name].drop_nulls().unique()
            spelled = pl.Series([spell(json.loads(text)) for text in distinct], dtype=pl.String)
            changed.append(frame[name].replace_strict(distinct, spelled, default=None, return_dtype=pl.String))
        elif frame.schema[name] == pl.Float64:
            changed.append(frame[name] + 0.0)
    return frame.with_columns(changed) if changed else frame


def spell(value: Any) -> str | None:
    """JSON text of a value, keys sorted and nulls of objects left out; None for null."""
    return None if value is None else json.dumps(_without_nulls(value), ensure_ascii=False, sort_keys=True)


def parse(table: Table, name: str, text: str | None) -> Any:
    """The value of a column out of what `spell` made; a jsonb column holds the text itself."""
    if text is None or table.logical_type(name) == "jsonb":
        return text
    return json.loads(text)


@cache
def coded(table: Table) -> dict[str, str]:
    """Column with the names of an enumeration -> its column with the numbers."""
    return {
        column.name: column.name + CODE
        for column in table.columns
        if column.enum and column.name + CODE in table.by_name and column.type in ("text", "text[]")
    }


@cache
def _numbers(enumeration: str) -> dict[str, int]:
    return {name: number for number, name in ENUMERATIONS[enumeration].members}


def code_of(column: Column, value: str | list[str] | None) -> int | None:
    """The number that the names of an enumeration stand for; None where one of them is no member."""
    if value is None:
        return None
    numbers = _numbers(str(column.enum))
    found = [numbers.get(name) for name in ([value] if isinstance(value, str) else value)]
    if None in found:
        return None
    return reduce(or_, (number for number in found if number is not None), 0)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(inner) for key, inner in value.items() if inner is not None}
    return [_without_nulls(inner) for inner in value] if isinstance(value, list) else value
