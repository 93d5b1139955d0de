"""Schema mids_v1: which rows readers see of the register of releases, and what each publish is numbered."""

from __future__ import annotations

from datetime import UTC, datetime

from mids_assets.warehouse.backup.place import open_place
from mids_assets.warehouse.backup.restoring import restore
from mids_assets.warehouse.backup.taking import back_up
from mids_assets.warehouse.register import ReleaseRecord, note_release
from mids_assets_tests.made_up import made_up
from mids_assets_tests.published import REALM, forget, go, rows

SECRET = "/home/somebody/releases"


def test_only_what_was_published_is_shown_and_nothing_of_where_it_came_from(empty, server, tmp_path):
    record = ReleaseRecord("seen", "1.3", None, None, None, None, False, SECRET, {"file": SECRET})
    go(empty, server, made_up(1, share=0.3).write(tmp_path / "1"), release="first")
    go(empty, server, made_up(2, share=0.3).write(tmp_path / "2"), release="second")
    note_release(empty, REALM, record)
    empty.commit()
    seen = rows(empty, "SELECT release, state, publish, published_at FROM mids_v1.release ORDER BY publish")
    assert [row[:2] for row in seen] == [("first", "superseded"), ("second", "published")]
    for _, _, publish, at in seen:
        since = at - datetime(1970, 1, 1, tzinfo=UTC)
        assert publish == (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    whole = rows(empty, "SELECT to_jsonb(r)::text FROM mids_v1.release r")
    assert SECRET in str(rows(empty, "SELECT to_jsonb(r)::text FROM mids.release r")) and SECRET not in str(whole)


def test_a_restore_into_an_empty_database_brings_the_views_along(empty, server, tmp_path):
    place = open_place(server)
    go(empty, server, made_up(1, share=0.3).write(tmp_path / "1"), release="first")
    taken = back_up(server, REALM, "asked").manifest
    before = rows(empty, "SELECT * FROM mids_v1.release")
    forget(empty)
    restore(server, place, [taken])
    assert rows(empty, "SELECT * FROM mids_v1.release") == before
    with empty, empty.cursor() as cur:
        # As somebody does who clears the schema, and does not know of its views.
        cur.execute(f"DROP SCHEMA mids CASCADE; DROP SCHEMA {REALM} CASCADE")
    restore(server, place, [taken])
    assert rows(empty, "SELECT * FROM mids_v1.release") == before
