"""What changes say about the rows of one table, and the values of a row before and after several of them.

Does not belong here: which row of one step is which of the next (compose.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from mids_assets.model.table import Table
from mids_assets.transform.diff.columns import code_of, coded, places, spell
from mids_assets.transform.diff.keys import join, split

Values = dict[str, Any]
"""A whole row, or some fields of it, by name."""


@dataclass(frozen=True, slots=True)
class Change:
    """A row of mids.release_change; values as JSON has them."""

    table: str
    key: str
    old_key: str | None
    change: str
    field: str | None
    old: Any
    new: Any


@dataclass(slots=True)
class Kept:
    """A row that is there before and after. `fields`: {name: [value before, value after]}."""

    old_key: str
    renamed: bool = False
    fields: dict[str, list[Any]] = field(default_factory=dict)


@dataclass
class Rows:
    """What is said about the rows of one table: `removed` by key before, `added` and `kept` by key after."""

    table: Table
    removed: dict[str, Values] = field(default_factory=dict)
    added: dict[str, Values] = field(default_factory=dict)
    kept: dict[str, Kept] = field(default_factory=dict)

    @cached_property
    def again(self) -> dict[str, str]:
        """{key after: key before} of entities, and rows of small tables, that went and came back; an entity's key is
        the same in any case."""
        if self.table.kind == "child" or places(self.table):
            return {}
        fold = str.lower if self.table.kind == "entity" else str
        gone = {fold(key): key for key in self.removed}
        return {key: gone[fold(key)] for key in self.added if fold(key) in gone}

    @cached_property
    def gone_for_now(self) -> dict[str, str]:
        """{key before: key after} of the same rows."""
        return {before: after for after, before in self.again.items()}

    @cached_property
    def forth(self) -> Named:
        """Seen from the side before."""
        return Named(
            {**dict.fromkeys(self.removed), **{row.old_key: key for key, row in self.kept.items()}}, self.added
        )

    @cached_property
    def back(self) -> Named:
        """Seen from the side after."""
        return Named(
            {**dict.fromkeys(self.added), **{key: row.old_key for key, row in self.kept.items()}}, self.removed
        )


class Named:
    """Rows that are named, seen from one side: `went` leads to the key on the other side, None where there is none;
    `more` are those that only the other side has."""

    def __init__(self, went: dict[str, str | None], more: Iterable[str]) -> None:
        self.went = went
        self._more = more

    @cached_property
    def here(self) -> dict[str, list[int]]:
        """{list: places in it that are named on this side}, ascending."""
        return _by_list(self.went)

    @cached_property
    def there(self) -> dict[str, list[int]]:
        """The same of the other side."""
        return _by_list([*filter(None, self.went.values()), *self._more])


def _by_list(keys: Iterable[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for key in keys:
        *group, place = split(key)
        if place.isdigit():
            found.setdefault(join(group), []).append(int(place))
    for numbers in found.values():
        numbers.sort()
    return found


def with_fields(table: Table, values: Values, fields: Values) -> Values:
    """A whole row with other values, and the numbers of the names among them."""
    found = {**values, **{name: _in_row(table, name, value) for name, value in fields.items()}}
    for name, code in coded(table).items():
        if name in fields and code not in fields:
            found[code] = code_of(table.column(name), fields[name])
    return {name: value for name, value in found.items() if value is not None}


def merged(table: Table, first: dict[str, list[Any]], later: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Values before the first and after the later change. A number that its name tells stands in none of them."""
    found = {name: list(pair) for name, pair in first.items()}
    for name, (old, new) in later.items():
        found.setdefault(name, [old, new])[1] = new
    for name, code in coded(table).items():
        if code not in found or name not in found:
            continue
        column = table.column(name)
        if code not in first and name in first:
            found[code][0] = code_of(column, first[name][0])
        if code not in later and name in later:
            found[code][1] = code_of(column, later[name][1])
    return found


def told(table: Table, rows: Rows, again: Mapping[str, str]) -> Iterator[Change]:
    """What is left to tell of the rows of a table. `again`: {key after: key before} of rows that went and came back."""
    for key, values in rows.added.items():
        if key not in again:
            yield Change(table.name, key, None, "added", None, None, values)
    returned = set(again.values())
    for key, values in rows.removed.items():
        if key not in returned:
            yield Change(table.name, key, None, "removed", None, values, None)
    for key, values in rows.added.items():
        before = again.get(key)
        if before is not None:
            old = rows.removed[before]
            fields = {
                name: [_of_row(table, name, row.get(name)) for row in (old, values)] for name in {**old, **values}
            }
            yield from _fields(table, key, Kept(before, fields=fields))
    for key, kept in rows.kept.items():
        if kept.renamed and kept.old_key != key:
            yield Change(table.name, key, kept.old_key, "renamed", None, None, None)
        yield from _fields(table, key, kept)


def _in_row(table: Table, name: str, value: Any) -> Any:
    """A field's value as a whole row has it, in which JSON is a text."""
    return spell(value) if table.logical_type(name) == "jsonb" else value


def _of_row(table: Table, name: str, value: Any) -> Any:
    return json.loads(value) if value is not None and table.logical_type(name) == "jsonb" else value


def _fields(table: Table, key: str, kept: Kept) -> Iterator[Change]:
    names = {code: name for name, code in coded(table).items()}
    old_key = kept.old_key if kept.old_key != key else None
    for name, (old, new) in kept.fields.items():
        pair = kept.fields.get(names.get(name, ""))
        differs = not _same(old, new)
        if pair is not None and not _same(*pair):
            # The name has changed: its number is told only where the name does not tell it.
            differs = code_of(table.column(names[name]), pair[1]) != new
        if differs:
            yield Change(table.name, key, old_key, "changed", name, old, new)


def _same(one: Any, other: Any) -> bool:
    return one == other or json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
