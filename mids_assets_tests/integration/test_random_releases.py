"""Random releases derived from one another, published in sequence and again in random order.

`MIDS_RANDOM_RELEASES` says how many releases (each is published twice). A failure names the seed of its chain, the
order and the step; `_chain(seed)` makes the same releases again.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random

import polars as pl
import pytest
from psycopg2.extensions import connection

from mids_assets.model.tables import TABLES
from mids_assets.settings import Settings
from mids_assets.transform.diff.apply import apply, table_rows
from mids_assets.transform.diff.compare import Diff, compare
from mids_assets.transform.diff.renames import NUMBER, NUMBERED
from mids_assets.transform.diff.side import Side
from mids_assets.warehouse.comparing import Compared
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.identity import ENTITIES
from mids_assets.warehouse.publish import PublishResult
from mids_assets.warehouse.release_change import read
from mids_assets.warehouse.stored import of_role, quote, row_key
from mids_assets_tests.edited import Editor
from mids_assets_tests.made_up import MadeUp
from mids_assets_tests.published import REALM, contents, expected, forget, go, rows
from mids_assets_tests.unit.transform.diff.test_apply import read_tables, without_places

RELEASES = int(os.environ.get("MIDS_RANDOM_RELEASES", "25"))
LENGTH = 25
"""Releases of one chain."""


@dataclass(frozen=True)
class Release:
    build: MadeUp
    side: Side
    done: list[str]
    """How it was derived from the one before."""


@dataclass(frozen=True)
class State:
    """What the database held at one moment. Ids: {table: {key: id}} and {table: {key before: key now}} of all keys
    ever; rows: {table: {stored key: (stamps, content)}}."""

    ids: dict[str, dict[str, int]]
    former: dict[str, dict[str, str]]
    rows: dict[str, dict[tuple, tuple]]


@pytest.mark.parametrize("seed", range(-(-RELEASES // LENGTH)))
def test_every_release_is_published_as_it_is(server, tmp_path, seed):
    chain = _chain(seed, tmp_path, min(LENGTH, RELEASES - seed * LENGTH))
    mixed = list(range(len(chain)))
    Random(seed).shuffle(mixed)
    seen: Counter[str] = Counter()
    with closing(connect(server, application_name="test")) as conn:
        for name, order in (("sequence", range(len(chain))), ("random order", mixed)):
            forget(conn)
            before: Release | None = None
            for step, number in enumerate(order):
                try:
                    seen += _publish_and_check(conn, server, before, chain[number], f"r{number}")
                except BaseException as error:
                    error.add_note(f"seed {seed}, {name}, step {step}: release {number}, made by {chain[number].done}")
                    raise
                before = chain[number]
    if seed == 0 and len(chain) == LENGTH:
        assert seen.keys() == {"new", "known", "renamed", "former"}


def _chain(seed: int, folder: Path, length: int) -> list[Release]:
    editor = Editor(seed)
    build, done = editor.first(), ["the first"]
    found = []
    for number in range(length):
        found.append(Release(build, Side(build.write(folder / str(number)), f"r{number}", "build"), done))
        build, done = editor.next(build)
    return found


def _publish_and_check(
    conn: connection, server: Settings, before: Release | None, new: Release, name: str
) -> Counter[str]:
    """How many rows got their ids in which way."""
    diff = compare(before.side if before else None, new.side)
    renamed = Compared(None, diff).renamed()
    true_renames = _true_renames(before.build, new.build) if before else {}
    assert renamed == true_renames
    old = _state(conn) if before else State({}, {}, {})
    result = go(conn, server, new.side.tables, name, renamed=renamed, changes=diff.changes)
    now = _state(conn)
    assert contents(conn) == expected(conn, new.build)
    if before:
        applied = apply(diff, read_tables(before.side.tables))
        assert without_places(applied) == without_places(table_rows(read_tables(new.side.tables)))
        _check_kept(conn, diff, name)
    _check_stamps(old, now, result)
    return _check_ids(old, now, new.build, true_renames)


def _true_renames(before: MadeUp, now: MadeUp) -> dict[str, dict[str, str]]:
    """The rule of renames told the plain way: a key that is gone, one that is new, and all else that marks a thing."""
    found: dict[str, dict[str, str]] = {}
    for table, facts in NUMBERED.items():
        marks = [NUMBER, facts.group, facts.shown]
        old, new = (
            {key: tuple(row[m] for m in marks) for key, row in zip(b.keys[table], b.rows[table], strict=True)}
            for b in (before, now)
        )
        for key in new.keys() - old.keys():
            for gone in old.keys() - new.keys():
                if old[gone] == new[key] and new[key][1] is not None:
                    found.setdefault(table, {})[key] = gone
    return found


def _state(conn: connection) -> State:
    ids: dict[str, dict[str, int]] = {table: {} for table in ENTITIES}
    former: dict[str, dict[str, str]] = {table: {} for table in ENTITIES}
    for table, key, number, earlier in rows(
        conn, "SELECT table_name, natural_key, id, former_keys FROM mids.identity ORDER BY 1, 3"
    ):
        ids[table][key] = number
        former[table] |= dict.fromkeys(earlier or (), key)
    found = {}
    for table in (table for table in TABLES if table.kind != "child"):
        # As text and by bits: 0.0 and -0.0, 1 and 1.0 are two things.
        content = ", ".join(f"t.{quote(c)}" for c in of_role(table.name, "content"))
        key = ", ".join(f"t.{quote(c)}" for c in row_key(table.name))
        sql = (
            f"SELECT created_at, updated_at, release_id, ROW({content})::text, {key} FROM {REALM}.{quote(table.name)} t"
        )
        found[table.name] = {tuple(keys): ((a, b, c), text) for a, b, c, text, *keys in rows(conn, sql)}
    return State(ids, former, found)


def _check_ids(old: State, now: State, build: MadeUp, renamed: dict[str, dict[str, str]]) -> Counter[str]:
    """Ids as they are promised, told key by key."""
    ways: Counter[str] = Counter()
    for table in ENTITIES:
        keys, known = build.keys[table], old.ids.get(table, {})
        former, pairs = old.former.get(table, {}), renamed.get(table, {})
        wanted: dict[str, int] = {}

        def give(way: str, key: str, number: int, wanted: dict[str, int] = wanted) -> None:
            if key not in wanted and number not in wanted.values():
                wanted[key] = number
                ways[way] += 1

        for key in keys:
            if key in known:
                give("known", key, known[key])
        for key, before in pairs.items():
            if key not in former:
                give("renamed", key, known[before])
        # A key under which a row once went, the last one first, unless that row goes on.
        for key in reversed(former):
            if key in keys:
                give("former", key, known[former[key]])
        for key, before in pairs.items():
            give("renamed", key, known[before])
        following = max(known.values(), default=0) + 1
        for place, key in enumerate([key for key in keys if key not in wanted]):
            give("new", key, following + place)
        assert {key: now.ids[table][key] for key in keys} == wanted
        assert {(number,) for number in wanted.values()} == now.rows[table].keys()
        assert len(set(now.ids[table].values())) == len(now.ids[table])
    return ways


def _check_stamps(old: State, now: State, result: PublishResult) -> None:
    for table, found in now.rows.items():
        for key, ((created, updated, release), content) in found.items():
            if key not in old.rows.get(table, {}):
                assert created == updated and release == result.release_id
                continue
            (was_created, was_updated, was_release), was_content = old.rows[table][key]
            assert created == was_created
            same = content == was_content
            assert (updated == was_updated, updated > was_updated) == (same, not same), (table, key)
            assert release == (was_release if same else result.release_id)


def _check_kept(conn: connection, diff: Diff, name: str) -> None:
    if diff.changes.is_empty():
        return
    kept = read(conn, REALM, name)
    plain = ["table_name", "natural_key", "old_key", "change", "field"]
    assert kept.select(plain).rows() == diff.changes.select(plain).rows()
    for column in ("old_value", "new_value", "evidence"):
        assert _values(kept[column]) == _values(diff.changes[column])


def _values(texts: pl.Series) -> list:
    """jsonb writes 1e2 as 100."""
    return [None if text is None else json.loads(text, parse_int=float) for text in texts]
