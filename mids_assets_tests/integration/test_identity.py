"""Ids through renames, removal and return: which row a reference to an id from outside goes on naming."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from psycopg2.extensions import connection

from mids_assets.model.tables import TABLES
from mids_assets.settings import Settings
from mids_assets.transform.diff.compare import compare
from mids_assets.transform.diff.side import Side
from mids_assets.warehouse.comparing import Compared
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.publish import PublishResult, preview
from mids_assets_tests.edited import numbered, put_in, rename, settled, take_out
from mids_assets_tests.made_up import MadeUp, made_up
from mids_assets_tests.published import REALM, contents, expected, forget, go, rows

POWER = TABLES["power"]


class Realm:
    """A realm of which each publish is compared with the one before, as `publish_build` does it."""

    def __init__(self, conn: connection, server: Settings, folder: Path) -> None:
        self.conn, self.server, self.folder = conn, server, folder
        self.sides: list[Side] = []

    def publish(self, build: MadeUp, date: str | None = None) -> PublishResult:
        number = str(len(self.sides))
        side = Side(settled(build).write(self.folder / number), number, "build", date=date)
        diff = compare(self.sides[-1] if self.sides else None, side)
        renamed = Compared(None, diff).renamed()
        foreseen = preview(self.conn, REALM, side.tables, renamed)
        result = go(self.conn, self.server, side.tables, number, renamed=renamed, changes=diff.changes)
        assert foreseen == result.changed
        assert contents(self.conn) == expected(self.conn, build)
        self.sides.append(side)
        return result

    def row(self, key: str) -> tuple:
        """(id, created_at, updated_at) of a power."""
        (found,) = rows(
            self.conn,
            f"SELECT p.id, created_at, updated_at FROM {REALM}.power p JOIN mids.identity i ON i.id = p.id"
            " WHERE table_name = 'power' AND natural_key = %s",
            (key,),
        )
        return found

    def identity(self) -> dict[str, tuple]:
        """{key of a power: (id, whether it is published, keys before)}."""
        found = rows(
            self.conn,
            "SELECT natural_key, id, last_release_id IS NULL, former_keys FROM mids.identity"
            " WHERE table_name = 'power' ORDER BY id",
        )
        return {key: (number, there, before) for key, number, there, before in found}


@pytest.fixture
def realm(server, tmp_path) -> Iterator[Realm]:
    with closing(connect(server, application_name="test")) as conn:
        forget(conn)
        yield Realm(conn, server, tmp_path)


@pytest.fixture
def build() -> MadeUp:
    return settled(numbered(made_up(41, share=1.0)))


def renamed(build: MadeUp, *pairs: tuple[str, str]) -> MadeUp:
    """A copy in which powers go under other names, one after the other."""
    found = copy.deepcopy(build)
    for before, name in pairs:
        rename(found, POWER, before, name)
    return found


def without(build: MadeUp, *keys: str) -> MadeUp:
    found = copy.deepcopy(build)
    for key in keys:
        take_out(found, POWER, key)
    return settled(found)


def test_a_renamed_row_keeps_its_id_and_its_children(realm, build):
    key = next(k for k in build.keys["power"] if any(r["power"] == k for r in build.rows["power_effect"]))
    realm.publish(build)
    number, created, updated = realm.row(key)
    effects = rows(realm.conn, f"SELECT xmin::text, * FROM {REALM}.power_effect WHERE power_id = {number}")
    others = {k: v for k, v in realm.identity().items() if k != key}

    result = realm.publish(renamed(build, (key, "New Name")))

    assert realm.row("new name")[:2] == (number, created)
    assert realm.row("new name")[2] > updated
    assert realm.identity() == others | {"new name": (number, True, [key])}
    assert rows(realm.conn, f"SELECT xmin::text, * FROM {REALM}.power_effect WHERE power_id = {number}") == effects
    changed = {name: (one.inserted, one.updated, one.deleted) for name, one in result.changed.items() if one.total}
    assert changed == {"power": (0, 1, 0)}
    kept = rows(
        realm.conn,
        "SELECT change, field, lower(natural_key), lower(old_key) FROM mids.release_change WHERE table_name = 'power'",
    )
    assert sorted(kept, key=str) == [
        ("changed", "full_name", "new name", key), ("renamed", None, "new name", key)
    ]  # fmt: skip


def test_removal_and_return(realm, build):
    key = build.keys["power"][0]
    realm.publish(build)
    number, created, _ = realm.row(key)
    ids = {k: v[0] for k, v in realm.identity().items()}
    realm.publish(without(build, key))
    assert realm.identity()[key] == (number, False, None)
    realm.publish(build)
    back = realm.row(key)
    assert back[0] == number and back[1] > created and back[1] == back[2]
    assert {k: v[0] for k, v in realm.identity().items()} == ids


@pytest.mark.parametrize("away", [False, True], ids=["at once", "after a release that lacks it"])
def test_a_rename_taken_back(realm, build, away):
    key = build.keys["power"][0]
    realm.publish(build)
    number = realm.row(key)[0]
    realm.publish(renamed(build, (key, "New Name")))
    if away:
        realm.publish(without(build, key))
    realm.publish(build)
    assert realm.row(key)[0] == number
    assert realm.identity()[key] == (number, True, ["new name"])
    assert "new name" not in realm.identity()
    realm.publish(renamed(build, (key, "New Name")))
    assert realm.identity()["new name"] == (number, True, [key])


def test_a_key_that_returns_while_another_row_has_its_former_id(realm, build):
    key = build.keys["power"][0]
    realm.publish(build)
    number = realm.row(key)[0]
    last = max(v[0] for v in realm.identity().values())
    moved = renamed(build, (key, "New Name"))
    realm.publish(moved)
    # The old name comes back as another thing: it has a number of its own.
    both = copy.deepcopy(moved)
    put_in(both, build, POWER, key, 0)
    both.rows["power"][0]["static_index"] = 99
    realm.publish(both)
    assert realm.row("new name")[0] == number
    assert realm.row(key)[0] == last + 1
    assert realm.identity()["new name"] == (number, True, None)  # the old name is no longer its own
    # Back at the first release: the name that has an id of its own by now keeps it.
    realm.publish(build)
    assert realm.row(key)[0] == last + 1
    assert realm.identity()["new name"][:2] == (number, False)


def test_a_rename_onto_a_key_that_once_had_its_own_id(realm, build):
    first, second = build.keys["power"][:2]
    spelled = build.rows["power"][1]["full_name"]
    realm.publish(build)
    ids = {k: v[0] for k, v in realm.identity().items()}
    less = without(build, second)
    realm.publish(less)
    realm.publish(renamed(less, (first, spelled)))
    assert realm.row(second)[0] == ids[second]
    assert realm.identity()[first][:2] == (ids[first], False)


def test_names_that_are_handed_on_in_one_release(realm, build):
    """A -> B while B -> C: both names are there before and after, so no key is gone for B's row to be found by."""
    first, second = build.keys["power"][:2]
    spelled = build.rows["power"][1]["full_name"]
    realm.publish(build)
    ids = {k: v[0] for k, v in realm.identity().items()}
    realm.publish(renamed(build, (second, "Third"), (first, spelled)))
    now = {k: v[0] for k, v in realm.identity().items()}
    assert now == ids | {"third": max(ids.values()) + 1}
    assert not realm.identity()[first][1]


def test_two_rows_that_exchange_their_names(realm, build):
    first, second = build.keys["power"][:2]
    names = [build.rows["power"][place]["full_name"] for place in (0, 1)]
    realm.publish(build)
    ids = realm.identity()
    realm.publish(renamed(build, (first, "x"), (second, names[0]), ("x", names[1])))
    assert realm.identity() == ids


def test_a_name_that_one_row_gives_up_and_another_takes_in_one_release(realm, build):
    """The row that is gone has the name in the unique index until it is deleted; its key goes on, spelled otherwise."""
    first, second = build.keys["power"][:2]
    spelled = build.rows["power"][1]["full_name"]
    realm.publish(build)
    ids = {k: v[0] for k, v in realm.identity().items()}
    realm.publish(renamed(without(build, second), (first, spelled.swapcase())))
    assert {k: v[0] for k, v in realm.identity().items()} == ids
    assert not realm.identity()[first][1]
    assert rows(realm.conn, f"SELECT full_name FROM {REALM}.power WHERE id = {ids[second]}") == [(spelled.swapcase(),)]


@pytest.mark.parametrize("seen", [True, False], ids=["published before", "published for the first time"])
def test_a_rollback_over_a_pair_of_the_table_of_replaced_powers(realm, build, seen):
    """The newer release moved a power to another number, and says so."""
    key = build.keys["power"][0]
    newer = renamed(build, (key, "New Name"))
    place = newer.keys["power"].index("new name")
    newer.rows["power"][place]["static_index"] = 500
    old = str(build.rows["power"][0]["static_index"])
    pair = {"kind": "index", "archetype": "", "old": old, "new": "500"}
    newer.rows["power_replacement"].append(dict.fromkeys(TABLES["power_replacement"].own) | pair)
    if seen:
        realm.publish(build, date="2021-03-31")
    realm.publish(newer, date="2022-03-31")
    number = realm.row("new name")[0]
    realm.publish(copy.deepcopy(build), date="2021-03-31")
    assert realm.row(key)[0] == number
    assert realm.identity()[key] == (number, True, ["new name"])
