"""Releases derived from one another: a made-up build with rows added, removed, renamed, changed, reordered.

What an edit leaves hanging is settled as the transform layer would: references that lead nowhere become null, rows
that need theirs go. Rows that can be renamed have a number of their own, as `static_index` is meant to be.
Does not belong here: publishing (published.py), values of single columns (made_up.py).
"""

from __future__ import annotations

import copy
from random import Random
from typing import Any

from mids_assets.model.table import Table
from mids_assets.model.tables import TABLES
from mids_assets.transform.diff.renames import NUMBER, NUMBERED
from mids_assets_tests.made_up import POOL, MadeUp, made_up

PARENTS = tuple(table for table in TABLES if table.kind != "child")
_OFTEN = (*PARENTS, *(TABLES[name] for name in NUMBERED for _ in range(len(PARENTS) // 2)))
"""Half of the rows that come and go are of tables in which a row can go on under another key."""
_DONORS = 6


class Editor:
    """Edits of one seed. Rows that come, and contents that change, are those of a few donors with the whole pool."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.donors = [numbered(made_up(seed * 100 + n, share=1.0)) for n in range(_DONORS)]

    def first(self) -> MadeUp:
        build = copy.deepcopy(self.random.choice(self.donors))
        for table in PARENTS:
            for key in keys_of(build, table):
                if self.random.random() < 0.4:
                    take_out(build, table, key)
        return settled(build)

    def next(self, build: MadeUp) -> tuple[MadeUp, list[str]]:
        """The release after `build`, and what was done to it, in words."""
        build, done = copy.deepcopy(build), []
        for _ in range(self.random.randrange(1, 7)):
            edit = self.random.choice([self._add, self._remove, self._rename, self._change, self._children, self._turn])
            done.append(edit(build))
        return settled(build), done

    def _add(self, build: MadeUp) -> str:
        table, donor = self.random.choice(_OFTEN), self.random.choice(self.donors)
        there = keys_of(build, table)
        # A thing that goes on under another name must not stand there twice.
        taken = {row[NUMBER] for row in build.rows[table.name]} if table.name in NUMBERED else set()
        lacking = [
            key
            for key, row in zip(keys_of(donor, table), donor.rows[table.name], strict=True)
            if key not in there and row.get(NUMBER) not in taken
        ]
        if not lacking:
            return f"nothing to add to {table.name}"
        key = self.random.choice(lacking)
        put_in(build, donor, table, key, self.random.randrange(len(there) + 1))
        return f"add {table.name} {key!r}"

    def _remove(self, build: MadeUp) -> str:
        table = self.random.choice(_OFTEN)
        if not keys_of(build, table):
            return f"nothing to remove from {table.name}"
        key = self.random.choice(keys_of(build, table))
        take_out(build, table, key)
        return f"remove {table.name} {key!r}"

    def _rename(self, build: MadeUp) -> str:
        table = TABLES[self.random.choice(sorted(NUMBERED))]
        if not build.keys[table.name]:
            return f"nothing to rename in {table.name}"
        place = self.random.randrange(len(build.keys[table.name]))
        before, row = build.keys[table.name][place], build.rows[table.name][place]
        name = table.key[0]
        # Four names for a thing, so that some are taken back and some come round again; each is its own alone.
        name_now = f"{row[name].rpartition('~')[0] or row[name]}~{self.random.randrange(3)}"
        rename(build, table, before, name_now)
        return f"rename {table.name} {before!r} to {name_now!r}"

    def _change(self, build: MadeUp) -> str:
        table, donor = self.random.choice(PARENTS), self.random.choice(self.donors)
        shared = [key for key in keys_of(build, table) if key in keys_of(donor, table)]
        if not shared:
            return f"nothing to change in {table.name}"
        key = self.random.choice(shared)
        place = keys_of(build, table).index(key)
        fresh = donor.rows[table.name][keys_of(donor, table).index(key)]
        build.rows[table.name][place] = copy.deepcopy(fresh)
        return f"change {table.name} {key!r}"

    def _children(self, build: MadeUp) -> str:
        table, donor = (
            self.random.choice([t for t in PARENTS if TABLES.children(t.name)]),
            self.random.choice(self.donors),
        )
        shared = [key for key in keys_of(build, table) if key in keys_of(donor, table)]
        if not shared:
            return f"no children to change in {table.name}"
        key, child = self.random.choice(shared), self.random.choice(TABLES.children(table.name))
        kept = [row for row in build.rows[child.name] if row[str(child.parent)] != key]
        build.rows[child.name] = kept + _below(donor, child, key)
        return f"change {child.name} below {key!r}"

    def _turn(self, build: MadeUp) -> str:
        table = self.random.choice(PARENTS)
        order = list(range(len(build.rows[table.name])))
        self.random.shuffle(order)
        build.rows[table.name] = [build.rows[table.name][n] for n in order]
        if table.kind == "entity":
            build.keys[table.name] = [build.keys[table.name][n] for n in order]
        return f"reorder {table.name}"


def numbered(build: MadeUp) -> MadeUp:
    """Every row that can be renamed with a number, a group and a shown name that it keeps for good."""
    for name, facts in NUMBERED.items():
        table = TABLES[name]
        groups = build.keys[table.reference(facts.group).target]
        for key, row in zip(build.keys[name], build.rows[name], strict=True):
            number = next(n for n in range(POOL) if key.startswith(f"{row[table.key[0]].lower()}") and f".{n}" in key)
            row[NUMBER], row[facts.shown] = number, f"shown {number}"
            row[facts.group] = row[facts.group] or sorted(groups)[0]
    return build


def keys_of(build: MadeUp, table: Table) -> list[Any]:
    if table.kind == "entity":
        return build.keys[table.name]
    return [
        row[table.key[0]] if len(table.key) == 1 else tuple(row[k] for k in table.key) for row in build.rows[table.name]
    ]


def take_out(build: MadeUp, table: Table, key: Any) -> None:
    """Without its children: `settled` sees to them."""
    place = keys_of(build, table).index(key)
    del build.rows[table.name][place]
    if table.kind == "entity":
        del build.keys[table.name][place]


def put_in(build: MadeUp, donor: MadeUp, table: Table, key: Any, place: int) -> None:
    row = donor.rows[table.name][keys_of(donor, table).index(key)]
    build.rows[table.name].insert(place, copy.deepcopy(row))
    if table.kind == "entity":
        build.keys[table.name].insert(place, key)
    for child in TABLES.children(table.name):
        build.rows[child.name] += _below(donor, child, key)


def rename(build: MadeUp, table: Table, before: str, name: str) -> None:
    """Everything that named the row by its key names the new one; names as a file spells them are left alone."""
    place = build.keys[table.name].index(before)
    row = build.rows[table.name][place]
    after = name.lower() + before[len(row[table.key[0]]) :]
    if after in build.keys[table.name]:
        return
    row[table.key[0]] = name
    build.keys[table.name][place] = after
    for other in TABLES:
        names = [r.name for r in other.references if r.target == table.name and not r.composite]
        for other_row in build.rows[other.name]:
            for reference in names:
                if other_row[reference] == before:
                    other_row[reference] = after


def settled(build: MadeUp) -> MadeUp:
    """The build with all references leading somewhere and all keys unique."""
    before = None
    while before != (before := {name: len(rows) for name, rows in build.rows.items()}):
        for table in TABLES:
            _settle(build, table)
    # The places of enhancement classes are unique too.
    places = [row["position"] for row in build.rows["enhancement_class"]]
    if len(set(places)) != len(places):
        for place, row in enumerate(build.rows["enhancement_class"]):
            row["position"] = place
    return build


def _settle(build: MadeUp, table: Table) -> None:
    simple = [(r, set(keys_of(build, TABLES[r.target]))) for r in table.references if not r.composite]
    compound = [
        (r, {tuple(row[part] for part in TABLES[r.target].key) for row in build.rows[r.target]})
        for r in table.references
        if r.composite
    ]
    kept, seen = [], set()
    keys = keys_of(build, table) if table.kind == "entity" else [None] * len(build.rows[table.name])
    for key, row in zip(list(keys), build.rows[table.name], strict=True):
        lost = [r for r, there in simple if row[r.name] is not None and row[r.name] not in there]
        for reference in lost:
            row[reference.name] = None
        stands = all(not r.required or row[r.name] is not None for r, _ in simple)
        stands = stands and all(tuple(row[part] for part in r.composite) in there for r, there in compound)
        own = tuple(row[part] for part in table.key)
        if stands and own not in seen:
            seen.add(own)
            kept.append((key, row))
    build.rows[table.name] = [row for _, row in kept]
    if table.kind == "entity":
        build.keys[table.name] = [key for key, _ in kept]


def _below(build: MadeUp, child: Table, key: Any) -> list[dict[str, Any]]:
    return [copy.deepcopy(row) for row in build.rows[child.name] if row[str(child.parent)] == key]
