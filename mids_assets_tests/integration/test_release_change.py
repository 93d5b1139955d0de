"""What changed, kept in PostgreSQL and read again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from psycopg2.extensions import connection

from mids_assets.transform.diff.compare import compare
from mids_assets.transform.diff.rows import SCHEMA
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.publishes import Publish, know_changes, note
from mids_assets.warehouse.register import ReleaseRecord, note_release
from mids_assets.warehouse.release_change import read, write
from mids_assets.warehouse.schema import ensure_operations
from mids_assets_tests.servers import temporary_settings
from mids_assets_tests.unit.transform.diff.diff_support import side
from mids_assets_tests.unit.transform.diff.test_compare import BALL, effect, power, release

REALM = "homecoming"
RECORD = ReleaseRecord("aaa", "1.0", None, None, None, None, False, "x", {})


@pytest.fixture(scope="module")
def conn() -> Iterator[connection]:
    with temporary_settings() as settings, closing(connect(settings, application_name="test")) as found:
        ensure_operations(found)
        yield found


@pytest.fixture(scope="module")
def ids(conn) -> tuple[int, int]:
    first = note_release(conn, REALM, RECORD)
    second = note_release(conn, REALM, replace(RECORD, release="bbb", version="1.1"))
    conn.commit()
    return first, second


def published(cur, release: int, previous: int | None) -> Publish:
    return note(cur, REALM, release, previous, "build", "update")


@pytest.fixture(scope="module")
def changes(tmp_path_factory) -> pl.DataFrame:
    folder = tmp_path_factory.mktemp("diff")
    renamed = power(BALL + "2", description_long='tab\t, line\n, \\, "quoted"', boosts_allowed=["A", "B"])
    old = side(folder / "old", release(effect(0), effect(1, scale=0.1)))
    new = side(folder / "new", release(effect(0, BALL + "2"), powers=[renamed]))
    found = compare(old, new).changes
    assert set(found["change"]) == {"renamed", "changed", "removed"}
    return found


def test_changes_are_read_as_they_were_written(conn, ids, changes):
    with conn.cursor() as cur:
        publish = published(cur, ids[1], ids[0])
        know_changes(cur, publish, write(cur, REALM, publish, changes), ["origin"])
        cur.execute("SELECT changes, left_out FROM mids.publish WHERE id = %s", (publish.id,))
        assert cur.fetchone() == (changes.height, ["origin"])
    conn.commit()
    assert_frame_equal(read(conn, REALM, "bbb"), changes)
    assert read(conn, REALM, "aaa").is_empty() and read(conn, "rebirth", "bbb").is_empty()


def test_each_publish_keeps_its_own_and_the_last_that_changed_anything_is_read(conn, ids, changes):
    with conn.cursor() as cur:
        for some in (changes, changes.head(2), pl.DataFrame(schema=SCHEMA)):
            write(cur, REALM, published(cur, ids[1], ids[0]), some)
        cur.execute("SELECT count(*) FROM mids.release_change GROUP BY publish_id ORDER BY publish_id DESC")
        assert cur.fetchall()[:2] == [(2,), (changes.height,)]
    assert_frame_equal(read(conn, REALM, "bbb"), changes.head(2))
    conn.rollback()
