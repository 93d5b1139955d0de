"""mids.discrepancy on a real server: noted again nothing changes, what goes stays, what returns is the same row."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import polars as pl
import psycopg2.errors
import pytest
from psycopg2.extensions import connection

from mids_assets.model.operations import DISCREPANCY
from mids_assets.settings import Settings
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.discrepancies import last_check, note_discrepancies
from mids_assets.warehouse.schema import ensure_operations
from mids_assets_tests.differing import NEXT, OURS, THEIRS, frame, one
from mids_assets_tests.published import rows


@pytest.fixture
def ready(empty) -> connection:
    ensure_operations(empty)
    return empty


def stored(conn: connection, realm: str = "homecoming") -> dict[tuple[str, str], dict[str, Any]]:
    sql = "SELECT to_jsonb(d) FROM mids.discrepancy d WHERE realm = %s ORDER BY id"
    return {(row["key"], row["field"]): row for (row,) in rows(conn, sql, (realm,))}


def without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def test_all_that_is_known_of_one_is_kept_and_every_column_is_filled(ready):
    told = note_discrepancies(ready, "homecoming", frame(one(apart="redirect")), OURS, THEIRS)
    (row,) = stored(ready).values()
    assert set(row) == {column.name for column in DISCREPANCY.columns}
    assert [name for name, value in row.items() if value is None] == ["gone_at"]
    assert row.items() >= one(apart="redirect").items()
    assert (row["our_release"], row["their_release"]) == (OURS.release, THEIRS.release)
    assert row["our_date"].startswith("2022-03-31T00:00:00") and row["their_date"].startswith("2025-06-17T00:00:00")
    assert (row["first_our_release"], row["first_their_release"]) == (OURS.release, THEIRS.release)
    assert told.now.total == 0 and told.now.apart == 1, "what is not comparable is no suspicion"


def test_noted_again_it_is_the_same_but_for_the_time_it_was_seen(ready):
    found = frame(one(), one(field="accuracy"), one("A.B.Ice", None, suspicion="only_ours", theirs=None, ratio=None))
    first = note_discrepancies(ready, "homecoming", found, OURS, THEIRS)
    before = stored(ready)
    again = note_discrepancies(ready, "homecoming", found.reverse(), OURS, THEIRS)
    assert {key: without(row, "last_seen_at") for key, row in stored(ready).items()} == {
        key: without(row, "last_seen_at") for key, row in before.items()
    }
    assert all(row["last_seen_at"] > before[key]["last_seen_at"] for key, row in stored(ready).items())
    assert ("A.B.Ice", "") in before, "a row as a whole has no field"
    assert first.now.discrepancies == again.now.discrepancies == {"factor": 2, "only_ours": 1}
    assert first.before is again.before is None and again.new == again.gone == {}
    assert rows(ready, "SELECT count(*) FROM mids.cross_check") == [(1,)]


def test_what_goes_stays_known_and_what_comes_back_is_the_same_row(ready):
    note_discrepancies(ready, "homecoming", frame(one(), one(field="range")), OURS, THEIRS)
    first = stored(ready)
    told = note_discrepancies(ready, "homecoming", frame(one(field="range", ours="13.0")), NEXT, THEIRS)
    gone = stored(ready)
    assert gone["A.B.Fire", "recharge_time"]["gone_at"] is not None
    assert without(gone["A.B.Fire", "recharge_time"], "gone_at") == without(
        first["A.B.Fire", "recharge_time"], "gone_at"
    )
    kept = gone["A.B.Fire", "range"]
    assert (kept["ours"], kept["our_release"], kept["first_our_release"]) == ("13.0", NEXT.release, OURS.release)
    assert told.before is not None and told.before.our_release == OURS.release
    assert (told.new, told.gone) == ({}, {"factor": 1})

    back = note_discrepancies(ready, "homecoming", frame(one(), one(field="range")), OURS, THEIRS)
    row = stored(ready)["A.B.Fire", "recharge_time"]
    assert row["gone_at"] is None
    same = ("id", "first_seen_at", "first_our_release")
    assert [row[name] for name in same] == [first["A.B.Fire", "recharge_time"][name] for name in same]
    assert back.before is not None and back.before.our_release == NEXT.release
    assert (back.new, back.gone) == ({}, {}), "what was seen before is not new"


def test_the_trend_is_against_the_other_releases_that_were_compared_last(ready):
    note_discrepancies(ready, "homecoming", frame(one()), OURS, THEIRS)
    found = frame(one(), one(field="range", suspicion="single"), one(field="arc", apart="redirect"))
    told = [note_discrepancies(ready, "homecoming", found, NEXT, THEIRS) for _ in range(2)]
    for noted in told:
        assert noted.before is not None and noted.before.discrepancies == {"factor": 1}
        assert (noted.new, noted.gone, noted.now.apart) == ({"single": 1}, {}, 1)
    newest = last_check(ready, "homecoming")
    ready.rollback()
    assert newest is not None and (newest.our_version, newest.total) == ("2022.4", 2)
    assert newest == told[1].now
    assert last_check(ready, "rebirth") is None


def test_two_realms_do_not_touch_each_other(ready):
    note_discrepancies(ready, "homecoming", frame(one()), OURS, THEIRS)
    before = stored(ready)
    for _ in range(2):
        told = note_discrepancies(ready, "rebirth", frame(one(ours="1"), one(field="range")), NEXT, THEIRS)
        assert stored(ready) == before and len(stored(ready, "rebirth")) == 2
        assert told.before is None and told.now.total == 2
    note_discrepancies(ready, "rebirth", frame(), NEXT, THEIRS)
    assert stored(ready) == before
    assert [row["gone_at"] is None for row in stored(ready, "rebirth").values()] == [False, False]


def test_words_of_the_game_survive(ready):
    texts = {"ours": "a\tb\\n\nc", "theirs": '{"ä", \U0001f525, \'}', "cause": "\\N", "key": "A.B.x'; --"}
    note_discrepancies(ready, "homecoming", frame(one(**texts)), OURS, THEIRS)
    note_discrepancies(ready, "homecoming", frame(one(**texts)), OURS, THEIRS)
    (row,) = stored(ready).values()
    assert row.items() >= texts.items()


def test_one_key_and_field_twice_is_refused_and_changes_nothing(ready):
    note_discrepancies(ready, "homecoming", frame(one()), OURS, THEIRS)
    before = stored(ready)
    with pytest.raises(psycopg2.errors.UniqueViolation):
        note_discrepancies(ready, "homecoming", frame(one(field="range"), one(field="range")), NEXT, THEIRS)
    assert stored(ready) == before and rows(ready, "SELECT count(*) FROM mids.cross_check") == [(1,)]


def test_two_at_once_enter_each_row_once(ready, server: Settings):
    with closing(connect(server, application_name="other")) as other, other.cursor() as cur:
        cur.execute("SET lock_timeout = '100ms'")
        other.commit()
        with ready, ready.cursor() as holder:
            # What a transaction holds that has entered rows: entering others beside it would not wait for that.
            holder.execute("LOCK TABLE mids.discrepancy IN ROW EXCLUSIVE MODE")
            with pytest.raises(psycopg2.errors.LockNotAvailable):
                note_discrepancies(other, "homecoming", frame(one()), OURS, THEIRS)
        note_discrepancies(other, "homecoming", frame(one()), OURS, THEIRS)
    assert len(stored(ready)) == 1


def test_readers_see_them_through_views(ready):
    note_discrepancies(ready, "homecoming", frame(one()), OURS, THEIRS)
    assert rows(ready, "SELECT key, ratio FROM mids_v1.discrepancy") == [("A.B.Fire", 10.0)]
    assert rows(ready, "SELECT discrepancies FROM mids_v1.cross_check") == [({"factor": 1},)]


def test_tens_of_thousands_are_noted_whole(ready):
    many = frame(one()).select(pl.all().repeat_by(40_000).explode()).with_columns(
        key="A.B.p" + pl.int_range(40_000).cast(pl.String)
    )  # fmt: skip
    told = [note_discrepancies(ready, "homecoming", many, side, THEIRS) for side in (OURS, NEXT)]
    assert told[1].now.discrepancies == {"factor": 40_000} and told[1].new == {}
