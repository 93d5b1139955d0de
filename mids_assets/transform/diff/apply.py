"""The tables of a release with a diff applied: the new tables, as far as they were compared.

This is what proves a diff: nothing that it leaves out can matter. Rows are told by the texts of their keys; those that
a diff does not name keep their content, move along with their parent, and close up around what came and went.
Does not belong here: comparing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import polars as pl

from mids_assets.model.table import NATURAL_KEY, Table
from mids_assets.model.tables import TABLES
from mids_assets.transform.diff.columns import (
    canonical,
    code_of,
    coded,
    compared,
    needed,
    outer_places,
    owner,
    parse,
    places,
)
from mids_assets.transform.diff.compare import Diff
from mids_assets.transform.diff.keys import child_keys, entity_keys, join, split
from mids_assets.transform.diff.matching import PARENT, ranked
from mids_assets.transform.diff.rows import ADDED, CHANGED, REMOVED

Values = dict[str, Any]
Tables = dict[str, dict[str, Values]]
"""Table -> key as text -> values of the compared columns."""


def table_rows(tables: Mapping[str, pl.DataFrame], left_out: frozenset[str] = frozenset()) -> Tables:
    """Logical tables as `apply` gives them."""
    found: Tables = {}
    shown: dict[str, dict[str, str]] = {}
    for table in TABLES:
        if table.name in left_out or (table.parent and table.reference(table.parent).target in left_out):
            continue
        frame = canonical(tables[table.name].select(needed(table, left_out)), table)
        content = compared(table, left_out)
        if table.kind == "child":
            parents = shown[table.reference(str(table.parent)).target]
            numbers = {key: number for number, key in enumerate(parents)}
            frame = ranked(table, frame.with_columns(pl.col(str(table.parent)).replace_strict(numbers).alias(PARENT)))
            keys = child_keys(frame, table, frame[str(table.parent)].replace_strict(parents))
        elif table.ordered:
            frame = ranked(table, frame.with_columns(pl.lit(0).alias(PARENT)))
            keys = child_keys(frame, table, None)
        else:
            keys = entity_keys(frame, table)
            folded = frame[NATURAL_KEY] if table.kind == "entity" else keys
            shown[table.name] = dict(zip(folded, keys, strict=True))
        values = frame.select(content).iter_rows(named=True) if content else ({} for _ in keys)
        found[table.name] = dict(zip(keys, values, strict=True))
    return found


def apply(diff: Diff, old: Mapping[str, pl.DataFrame]) -> Tables:
    """The rows that `table_rows` gives of the new tables; of lists without an order the places may differ."""
    left_out = frozenset(diff.left_out)
    before = table_rows(old, left_out)
    changes = {
        str(name): _Changes.of(TABLES[str(name)], rows)
        for (name,), rows in diff.changes.group_by("table_name", maintain_order=True)
    }
    moved: dict[str, dict[str, str]] = {}
    found: Tables = {}
    # What a row belongs to comes first: an effect before its conditions.
    for table in sorted(TABLES, key=lambda table: (table.kind == "child", owner(table) is not None)):
        if table.name in before:
            named = changes.get(table.name, _Changes())
            found[table.name], moved[table.name] = _applied(
                table, before[table.name], named, moved, compared(table, left_out)
            )
    return {table.name: found[table.name] for table in TABLES if table.name in found}


@dataclass(slots=True)
class _Changes:
    """What a diff says about one table, by key before and after."""

    removed: set[str] = field(default_factory=set)
    added: dict[str, Values] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    fields: dict[str, Values] = field(default_factory=dict)

    @classmethod
    def of(cls, table: Table, rows: pl.DataFrame) -> _Changes:
        found = cls()
        for row in rows.iter_rows(named=True):
            key, before = row["natural_key"], row["old_key"] or row["natural_key"]
            if row["change"] == REMOVED:
                found.removed.add(key)
            elif row["change"] == ADDED:
                found.added[key] = json.loads(row["new_value"])
            else:
                found.renamed[before] = key
                if row["change"] == CHANGED:
                    value = parse(table, row["field"], row["new_value"])
                    found.fields.setdefault(before, {})[row["field"]] = value
        for values in found.fields.values():
            for name, code in coded(table).items():
                if name in values and code not in values:
                    values[code] = code_of(table.column(name), values[name])
        return found


def _applied(
    table: Table,
    before: Mapping[str, Values],
    changes: _Changes,
    moved: Mapping[str, Mapping[str, str]],
    columns: tuple[str, ...],
) -> tuple[dict[str, Values], dict[str, str]]:
    """The new rows of a table by key, and for each row that stayed the key before -> the key after."""
    went: dict[str, str] = {}
    waiting: dict[tuple[str, ...], list[str]] = {}
    for key in before:
        if key in changes.renamed:
            went[key] = changes.renamed[key]
        elif key not in changes.removed:
            waiting.setdefault(_carried(table, key, moved), []).append(key)
    taken = {*went.values(), *changes.added}
    for parts, keys in waiting.items():
        if not places(table):
            went[keys[0]] = join(parts)
            continue
        free = (there for rank in count() if (there := join((*parts, str(rank)))) not in taken)
        went |= dict(zip(keys, free, strict=False))
    rows = {there: before[key] | changes.fields.get(key, {}) for key, there in went.items()}
    rows |= {key: {name: values.get(name) for name in columns} for key, values in changes.added.items()}
    return rows, went


def _carried(table: Table, key: str, moved: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    """Parts of the key of a row whose parent, or the row that it belongs to, may have moved; without its place."""
    parts = split(key)
    if places(table):
        parts = parts[:-1]
    if not table.parent:
        return tuple(parts)
    if link := owner(table):
        length = 1 + len(outer_places(table))
        return (*split(moved[link[0].name][join(parts[:length])]), *parts[length:])
    parents = moved[table.reference(table.parent).target]
    return (parents[parts[0]], *parts[1:])
