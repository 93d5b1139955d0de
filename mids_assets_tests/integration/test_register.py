"""Register, quarantine and status against a real server; schema `mids` made by two processes at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from psycopg2.extensions import connection

from mids_assets.model.operations import OPERATIONAL_TABLES
from mids_assets.model.tables import ASSETS, TABLES
from mids_assets.transform.quarantine import quarantine_frame
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.quarantine import count_quarantine, find_quarantined, list_quarantine
from mids_assets.warehouse.register import (
    ReleaseRecord,
    State,
    advance,
    find,
    note_release,
    published,
    releases,
    why_settled,
)
from mids_assets.warehouse.schema import ensure_operations, ensure_schema
from mids_assets.warehouse.status import status
from mids_assets_tests.made_up import made_up
from mids_assets_tests.published import REALM, forget, go, rows

RECORD = ReleaseRecord("abc123", "21.0331", datetime(2021, 3, 31, tzinfo=UTC), 27, 1, "Page", False, "x", {"files": 3})


@pytest.fixture
def conn(server) -> Iterator[connection]:
    with closing(connect(server, application_name="test")) as connection:
        forget(connection)
        yield connection


def test_a_fresh_database_has_nothing_and_says_so(conn):
    assert published(conn, REALM) is None
    assert find(conn, REALM, "abc") is None
    assert list_quarantine(conn, REALM) == []
    conn.rollback()
    assert status(conn, [REALM]) == {
        "realms": {
            REALM: {
                **dict.fromkeys(("release", "build", "version", "release_date", "is_sample", "published_at")),
                "tables": {},
                "quarantined": {},
                "checks": {"failed": 0, "warned": 0},
            }
        }
    }


@pytest.mark.parametrize("make", ["ensure_schema", "ensure_operations"])
def test_schemas_are_made_once_by_many_at_a_time(server, conn, make):
    def work(_: int) -> bool | None:
        with closing(connect(server, application_name="one of many")) as own:
            return ensure_schema(own, REALM) if make == "ensure_schema" else ensure_operations(own)

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(work, range(4))) == {True if make == "ensure_schema" else None}
    tables = "SELECT count(*) FROM pg_tables WHERE schemaname = %s"
    assert rows(conn, tables, ("mids",)) == [(len(OPERATIONAL_TABLES) + 1,)]  # and that of revisions
    assert rows(conn, tables, (REALM,)) == [(len(TABLES) if make == "ensure_schema" else 0,)]


def test_every_table_view_and_column_is_explained_in_the_database(conn):
    ensure_schema(conn, REALM)
    silent = rows(
        conn,
        "SELECT c.oid::regclass::text, a.attname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum >= 0 AND NOT a.attisdropped"
        " WHERE nspname IN ('mids', %s, %s) AND relkind IN ('r', 'v') AND relname <> 'alembic_version'"
        " AND (col_description(c.oid, a.attnum) IS NULL OR obj_description(c.oid, 'pg_class') IS NULL)",
        (REALM, f"{REALM}_v1"),
    )
    assert silent == []


def test_a_release_is_entered_once_and_keeps_its_number(conn):
    ensure_operations(conn)
    with conn:
        number = note_release(conn, REALM, RECORD)
        assert note_release(conn, REALM, replace(RECORD, source="elsewhere")) == number
        assert note_release(conn, "rebirth", RECORD) != number
    row = find(conn, REALM, "abc123")
    assert row is not None
    assert (row.id, row.state, row.source, row.headers, row.release_date, row.published_at) == (
        *(number, "seen", "elsewhere", {"files": 3}, RECORD.release_date),
        None,
    )


def test_a_release_is_found_by_its_beginning_when_only_one_has_it(conn):
    ensure_operations(conn)
    with conn:
        for release in ("abc123", "abc456", "a_c", "abc"):
            note_release(conn, REALM, replace(RECORD, release=release))
    found = {
        text: row and row.release
        for text in ("abc1", "abc", "a_c", "a%", "ab", "")
        for row in [find(conn, REALM, text)]
    }
    assert found == {"abc1": "abc123", "abc": "abc", "a_c": "a_c", "a%": None, "ab": None, "": None}


def test_a_state_says_how_far_a_release_came_until_it_was_published(conn, server, tmp_path):
    ensure_operations(conn)

    def state(release: str, new: State, reason: str | None = None) -> tuple:
        with conn, conn.cursor() as cur:
            advance(cur, REALM, release, f"{new} build", new, reason)
        row = find(conn, REALM, release)
        conn.rollback()
        assert row is not None
        return row.state, row.reason, row.build

    with conn:
        note_release(conn, REALM, RECORD)
    assert state("abc123", "rejected", "a person said no") == ("rejected", "a person said no", "rejected build")
    assert state("abc123", "parsed") == ("parsed", None, "parsed build")
    go(conn, server, made_up(1).write(tmp_path / "a"), "abc123")
    assert state("abc123", "blocked", "too late") == ("published", None, "build")
    go(conn, server, tmp_path / "a", "next")
    assert state("abc123", "rejected", "too late") == ("superseded", None, "build")


def test_what_needs_a_person_is_told(conn, server, tmp_path):
    """A build that is published or rejected needs nothing, one that was rolled back a person, all else is done."""
    ensure_operations(conn)
    folder = made_up(1).write(tmp_path / "a")

    def why(release: str, build: str) -> str | None:
        row = find(conn, REALM, release)
        conn.rollback()
        assert row is not None
        return why_settled(row, build)

    newer = replace(RECORD, release="newer", release_date=datetime(2030, 1, 1, tzinfo=UTC))
    with conn:
        note_release(conn, REALM, RECORD)
    assert why("abc123", "build") is None
    with conn, conn.cursor() as cur:
        advance(cur, REALM, "abc123", "build", "rejected", "broken")
    assert "is rejected" in str(why("abc123", "build")) and why("abc123", "other") is None
    go(conn, server, folder, record=newer)
    assert "is published" in str(why("newer", "build")) and why("newer", "other") is None
    go(conn, server, folder, record=RECORD)
    assert all("was rolled back" in str(why("newer", build)) for build in ("build", "other"))


def test_releases_come_in_the_order_of_their_dates(conn):
    ensure_operations(conn)
    with conn:
        for release, date, version in (
            ("new", 2022, "2.0"),
            ("old", 2019, "25.0"),
            ("b", 2021, "1.10"),
            ("a", 2021, "1.9"),
        ):
            moment = datetime(date, 1, 1, tzinfo=UTC)
            note_release(conn, REALM, replace(RECORD, release=release, release_date=moment, version=version))
    assert [row.release for row in releases(conn, REALM)] == ["old", "a", "b", "new"]


def test_real_versions_come_in_the_order_of_their_dates_whenever_they_were_seen(conn):
    """They fell from 25.0 to 20.0927, and one of 2022 holds the date of the year before."""
    history = (
        ("2019-07-26", "25.0"),
        ("2020-05-13", "20.0927"),
        ("2021-02-06", "21.0207"),
        ("2021-03-31", "21.0331"),
        ("2021-03-31", "2022.3.1331"),
        ("2022-09-29", "2022.9.29"),
        ("2025-04-01", "2025.4.971"),
    )
    ensure_operations(conn)
    with conn:
        for date, version in reversed(history):
            moment = datetime.fromisoformat(date).replace(tzinfo=UTC)
            note_release(conn, REALM, replace(RECORD, release=version, release_date=moment, version=version))
    assert [row.version for row in releases(conn, REALM)] == [version for _, version in history]


def test_other_bytes_under_one_version_are_its_next_revision(conn):
    ensure_operations(conn)
    with conn:
        for release, version in (("a", "1"), ("b", "1"), ("c", "2"), ("a", "1"), ("d", "1"), ("e", None)):
            note_release(conn, REALM, replace(RECORD, release=release, version=version))
        note_release(conn, "rebirth", RECORD)
    found = {row.release: row.revision for row in releases(conn, REALM)}
    assert found == {"a": 1, "b": 2, "c": 1, "d": 3, "e": None}


def test_what_a_publish_was_is_told_by_the_dates_of_the_releases(conn, server, tmp_path):
    folder = made_up(1).write(tmp_path / "a")
    years = {"old": 2020, "middle": 2021, "new": 2022}
    for release in ("middle", "middle", "new", "old", "middle", "new"):
        date = datetime(years[release], 1, 1, tzinfo=UTC)
        go(conn, server, folder, release, record=replace(RECORD, release=release, release_date=date))
    actions = rows(conn, "SELECT release, action FROM mids.import_log l JOIN mids.release r ON r.id = l.release_id"
                         " ORDER BY l.id")  # fmt: skip
    assert actions == [
        *(("middle", "first"), ("middle", "rebuild"), ("new", "update"), ("old", "rollback")),
        *(("middle", "update"), ("new", "update")),
    ]
    states = {row.release: row.state for row in releases(conn, REALM)}
    assert states == {"old": "superseded", "middle": "superseded", "new": "published"}
    conn.rollback()
    go(conn, server, folder, record=replace(RECORD, release="old", release_date=datetime(2020, 1, 1, tzinfo=UTC)))
    assert {row.release: row.state for row in releases(conn, REALM)}["new"] == "rolled_back"


def test_status_and_quarantine_of_what_is_published(conn, server, tmp_path):
    entry = {"entity": "recipe", "source_file": "Recipe.mhd", "source_position": 4, "byte_offset": 17, "rule": "header",
             "expected": True, "field": "rarity", "message": "m", "record": "{}"}  # fmt: skip
    other = {**entry, "entity": "power", "source_position": 9}
    folder = made_up(1).write(tmp_path / "a")
    first = go(conn, server, folder, "first", quarantine=quarantine_frame([other]))
    result = go(conn, server, folder, "second", quarantine=quarantine_frame([entry, other, entry]))
    found = status(conn, [REALM, "rebirth"])
    json.dumps(found)
    facts = found["realms"][REALM]
    assert (facts["release"], facts["version"], facts["build"], facts["is_sample"]) == ("second", "1.2", "build", False)
    assert datetime.fromisoformat(facts["published_at"]).utcoffset() is not None
    assert facts["tables"] == result.rows and list(facts["tables"]) == [table.name for table in TABLES]
    assert facts["quarantined"] == {**dict.fromkeys(ASSETS, 0), "recipe": 2, "power": 1}
    assert facts["checks"] == {"failed": 0, "warned": 3}
    assert found["realms"]["rebirth"]["release"] is None
    listed = list_quarantine(conn, REALM, entity="recipe")
    assert [(q.release, q.source_position, q.byte_offset, q.field, q.expected) for q in listed] == [
        ("second", 4, 17, "rarity", True)
    ] * 2
    assert [q.entity for q in list_quarantine(conn, REALM, release="first")] == ["power"]
    assert len(list_quarantine(conn, REALM, limit=1)) == 1
    assert count_quarantine(conn, REALM, first.release_id) == {"power": 1}


def test_entries_are_resolved_and_opened_again_but_never_deleted(conn, server, tmp_path):
    entry = {"entity": "power", "source_file": "I12.mhd", "source_position": 4, "byte_offset": None, "rule": "type",
             "expected": False, "field": "level", "message": "m", "record": "{}"}  # fmt: skip
    other, twin = {**entry, "source_position": 9, "field": None}, {**entry, "message": "text between two"}
    folder = made_up(1).write(tmp_path / "a")

    def publish(build: str, *entries: dict, corrections: tuple = ()) -> dict[int, tuple]:
        summary = {"corrections": list(corrections)}
        result = go(conn, server, folder, "one", build=build, quarantine=quarantine_frame(entries), summary=summary)
        found = list_quarantine(conn, REALM, resolved=True)
        conn.rollback()
        still = [q for q in found if q.resolved_at is None]
        assert count_quarantine(conn, REALM, result.release_id) == ({"power": len(still)} if still else {})
        assert list_quarantine(conn, REALM) == still
        conn.rollback()
        return {q.id: (q.source_position, q.message, q.build, q.resolved_by, q.resolution) for q in found}

    first = publish("b1", entry, twin, other)
    assert [one[:3] for one in first.values()] == [(4, "m", "b1"), (4, "text between two", "b1"), (9, "m", "b1")]
    assert publish("b2", entry, twin, other) == first
    correction = {"label": "f.yaml, entry 1", "reason": "typo", "entity": "power", "position": 9, "resolved": True}
    second = publish("b3", {**entry, "message": "said otherwise"}, corrections=(correction,))
    assert list(second) == list(first)
    one, two, three = second.values()
    assert one == (4, "said otherwise", "b1", None, None)
    assert two[3:] == ("b3", "no rule refuses the record any more")
    assert three[3:] == ("b3", "corrected by f.yaml, entry 1: typo")
    third = publish("b4", {**entry, "message": "said otherwise"}, other)
    assert list(third) == list(first)
    assert list(third.values()) == [one, two, (9, "m", "b4", None, None)]
    assert [q.source_position for q in list_quarantine(conn, REALM, rule="type", resolved=True)] == [4, 4, 9]
    assert find_quarantined(conn, list(first)[1]) == list_quarantine(conn, REALM, resolved=True)[1]
    assert find_quarantined(conn, 10**9) is None
