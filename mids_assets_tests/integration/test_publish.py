"""Publishing builds into a real PostgreSQL: the rows are exactly the build's, and only what changed is touched."""

from __future__ import annotations

import threading
from contextlib import closing
from itertools import count

from hypothesis import HealthCheck, Phase, given, settings, strategies

from mids_assets.model.tables import TABLES
from mids_assets.transform.quarantine import quarantine_frame
from mids_assets.warehouse import merge as merging
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.publish import Changed, preview
from mids_assets.warehouse.register import find, published
from mids_assets.warehouse.stored import quote
from mids_assets_tests.made_up import content_changes, made_up, natural_key
from mids_assets_tests.published import (
    REALM,
    contents,
    everything,
    expected,
    go,
    rows,
    schemas_for_others,
    stamps,
    versions,
)

SERIAL = count()
# Without shrinking: an example is a seed, so a smaller one says no more, and each costs seconds.
FEW = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
)


@FEW
@given(seed=strategies.integers(0, 10**9), share=strategies.sampled_from([0.1, 0.5, 0.8, 1.0]))
def test_any_build_over_any_other_gives_its_rows_true_counts_and_true_times(server, conn, tmp_path, seed, share):
    """Each example publishes over what the one before left, so removals and returns of keys are among them."""
    build = made_up(seed, share=share)
    folder = build.write(tmp_path / str(next(SERIAL)))
    fresh = not rows(conn, "SELECT 1 FROM pg_namespace WHERE nspname = %s", (REALM,))
    before = {table.name: {} for table in TABLES} if fresh else contents(conn)
    old_stamps = {table.name: {} for table in TABLES} if fresh else stamps(conn)
    foreseen = preview(conn, REALM, folder)

    result = go(conn, server, folder)

    after = contents(conn)
    assert after == expected(conn, build)
    counted = {n: (c.inserted, c.updated, c.deleted) for n, c in result.changed.items()}
    assert counted == {t.name: content_changes(t, before[t.name], after[t.name]) for t in TABLES}
    assert foreseen == result.changed
    assert result.rows == {t.name: len(build.rows[t.name]) for t in TABLES}
    identities = {(t, k): i for t, k, i in rows(conn, "SELECT table_name, natural_key, id FROM mids.identity")}
    new_stamps = stamps(conn)
    for table in (t for t in TABLES if t.kind != "child"):
        places = {key: place for place, key in enumerate(build.by_key()[table.name])}
        for key, place in places.items():
            stored_key = (identities[table.name, key[0]],) if table.kind == "entity" else key
            created, updated, release, position = new_stamps[table.name][stored_key]
            assert position == place
            if stored_key not in old_stamps[table.name]:
                assert created == updated and release == result.release_id
            else:
                was_created, was_updated, was_release, _ = old_stamps[table.name][stored_key]
                same = all(before[table.name][key][n] == after[table.name][key][n] for n in table.hashed)
                assert created == was_created
                assert (updated == was_updated, release == was_release) == (same, same)

    untouched = versions(conn)
    again = go(conn, server, folder)
    assert sum(changed.total for changed in again.changed.values()) == 0
    assert versions(conn) == untouched


def test_a_key_that_returns_has_its_old_id(empty, server, tmp_path):
    full, part = made_up(1, share=1.0), made_up(2, share=0.4)
    gone = set(full.keys["salvage"]) - set(part.keys["salvage"])
    assert gone and part.keys["salvage"]
    ids = "SELECT table_name, natural_key, id FROM mids.identity ORDER BY 1, 2"
    away = "SELECT count(*) FROM mids.identity WHERE table_name = 'salvage' AND last_release_id = %s"
    first = go(empty, server, full.write(tmp_path / "a"))
    given_ids = rows(empty, ids)
    go(empty, server, part.write(tmp_path / "b"))
    assert rows(empty, ids) == given_ids
    assert rows(empty, away, (first.release_id,)) == [(len(gone),)]
    go(empty, server, tmp_path / "a")
    assert rows(empty, ids) == given_ids
    assert rows(empty, away, (first.release_id,)) == [(0,)]
    stored = rows(empty, f"SELECT id FROM {REALM}.salvage ORDER BY 1")
    assert stored == sorted((i,) for t, _, i in given_ids if t == "salvage")


def test_a_row_that_only_moved_is_no_change(empty, server, tmp_path):
    build = made_up(3, share=1.0)
    go(empty, server, build.write(tmp_path / "a"))
    before = stamps(empty)["salvage"]
    build.rows["salvage"].reverse()
    build.keys["salvage"].reverse()
    result = go(empty, server, build.write(tmp_path / "b"))
    assert sum(changed.total for changed in result.changed.values()) == 0
    after = stamps(empty)["salvage"]
    assert [value[:3] for value in after.values()] == [before[key][:3] for key in after]
    last = len(after) - 1
    assert {key: last - value[3] for key, value in after.items()} == {key: value[3] for key, value in before.items()}


def test_hashes_made_another_way_change_nothing(empty, server, tmp_path):
    """A new version of the hash must not report every row as changed."""
    build = made_up(4)
    go(empty, server, build.write(tmp_path / "a"))
    before, kept = contents(empty), stamps(empty)
    with empty, empty.cursor() as cur:
        for table in (t for t in TABLES if t.kind != "child"):
            more = ", children_hash = children_hash + 1" if TABLES.children(table.name) else ""
            cur.execute(f"UPDATE {REALM}.{quote(table.name)} SET row_hash = row_hash + 1{more}")
    result = go(empty, server, tmp_path / "a")
    assert sum(changed.total for changed in result.changed.values()) == 0
    assert (contents(empty), stamps(empty)) == (before, kept)
    settled = versions(empty)
    go(empty, server, tmp_path / "a")
    assert versions(empty) == settled


def test_readers_see_the_old_release_or_the_new_one_and_nothing_between(empty, server, tmp_path, monkeypatch):
    old, new = made_up(12, share=1.0), made_up(13, share=1.0)
    go(empty, server, old.write(tmp_path / "a"))
    counts = " UNION ALL ".join(
        f"SELECT '{name}', count(*), coalesce(sum(hashtext(t::text)::int8), 0) FROM {REALM}.{name} t"
        for name in ("power", "power_effect", "recipe_salvage", "salvage")
    )
    done, seen = threading.Event(), []

    def read() -> None:
        with closing(connect(server, application_name="reader")) as reader:
            while not done.is_set():
                seen.append(tuple(rows(reader, counts)))

    slow = merging.Merge.child

    def slowly(self, *arguments):
        done.wait(0.02)
        return slow(self, *arguments)

    monkeypatch.setattr(merging.Merge, "child", slowly)
    first = tuple(rows(empty, counts))
    thread = threading.Thread(target=read)
    thread.start()
    try:
        go(empty, server, new.write(tmp_path / "b"))
    finally:
        done.set()
        thread.join()
    last = tuple(rows(empty, counts))
    assert first != last
    assert len(seen) > 10 and seen[0] == first
    assert set(seen) <= {first, last}


def test_a_preview_keeps_nothing(empty, server, tmp_path):
    folder, other = made_up(18).write(tmp_path / "a"), made_up(19).write(tmp_path / "b")
    assert all(changed.inserted == changed.total for changed in preview(empty, REALM, folder).values())
    assert schemas_for_others(server) == []
    go(empty, server, folder)
    before = everything(empty)
    empty.rollback()
    assert sum(changed.total for changed in preview(empty, REALM, other).values()) > 0
    assert everything(empty) == before


def test_what_a_publish_leaves_in_the_operational_tables(empty, server, tmp_path):
    entry = {
        "entity": "recipe",
        "source_file": "Recipe.mhd",
        "source_position": 4,
        "byte_offset": None,
        "rule": "header",
        "expected": True,
        "field": None,
        "message": 'said "no"\t\\',
        "record": '{"a": "\\\\N\\n"}',
    }
    result = go(empty, server, made_up(21).write(tmp_path / "a"), "one", quarantine=quarantine_frame([entry, entry]))
    go(empty, server, tmp_path / "a", "one", quarantine=quarantine_frame([entry]))
    kept = (
        "SELECT release_id, build, entity, source_position, byte_offset, expected, message, record,"
        " resolved_at IS NULL FROM mids.quarantine ORDER BY id"
    )
    text = (entry["message"], entry["record"])
    entries = [(result.release_id, "build", "recipe", 4, None, True, *text, is_open) for is_open in (True, False)]
    assert rows(empty, kept) == entries
    log = "SELECT realm, release_id, run_id, import_type, file_name, records_processed, records_imported, errors"
    assert (
        rows(empty, f"{log} FROM mids.import_log WHERE completed_at >= started_at")
        == [(REALM, result.release_id, "run", "power", "I12.mhd", 10, 9, [{"rule": "r", "count": 1}])] * 2
    )
    row = published(empty, REALM)
    assert row and (row.id, row.release, row.build, row.state) == (result.release_id, "one", "build", "published")
    assert row.summary["checks"] == {"failed": 0, "warned": 3}
    assert row.summary["tables"] == result.rows
    assert row.summary["changed"]["power"] == {"inserted": 0, "updated": 0, "deleted": 0}
    empty.rollback()
    go(empty, server, tmp_path / "a", "two")
    old, new = find(empty, REALM, "one"), find(empty, REALM, "two")
    assert old and new and (old.state, new.state) == ("superseded", "published")


def test_natural_keys_of_made_up_builds_are_what_the_model_says(server):
    """The helper's folding is the one that the unique indexes enforce."""
    build = made_up(22, share=1.0)
    assert build.keys["salvage"] == [row["internal_name"].lower() for row in build.rows["salvage"]]
    assert natural_key(TABLES["salvage"], 0) in build.keys["salvage"]


def test_a_change_that_only_bits_show_is_a_change(empty, server, tmp_path):
    """0.0 = -0.0, and 1 = 1.0 inside jsonb: equal for PostgreSQL, two things in a release."""
    build = made_up(23, share=1.0)
    effect = build.rows["power_effect"][0]
    build.rows["power"][0]["accuracy"], build.rows["power"][0]["effects"] = 0.0, '{"scale": 1}'
    build.rows["power"][1]["effects"], effect["scale"] = '{"scale": 1}', 0.0
    go(empty, server, build.write(tmp_path / "a"))
    build.rows["power"][0]["accuracy"], effect["scale"] = -0.0, -0.0
    build.rows["power"][1]["effects"] = '{"scale": 1.0}'
    result = go(empty, server, build.write(tmp_path / "b"))
    assert {name: one for name, one in result.changed.items() if one.total} == {
        "power": Changed(updated=2),
        "power_effect": Changed(updated=1),
    }
    assert contents(empty) == expected(empty, build)
    assert rows(empty, f"SELECT count(*) FROM {REALM}.power WHERE effects::text = %s", ('{"scale": 1.0}',)) == [(1,)]


def test_columns_outside_the_hash_follow_without_a_change(empty, server, tmp_path):
    """Also below parents whose children are otherwise the same, which no hash points out."""
    build = made_up(24, share=1.0)
    unhashed = [(t.name, n) for t in TABLES for n in t.own if n not in t.hashed]
    assert {("power", "sort_override"), ("power_effect", "unique_id")} <= set(unhashed)
    kept = None
    for step, (flag, number) in enumerate([(True, 1), (None, 2), (False, None)]):
        for table, name in unhashed:
            for row in build.rows[table][::2]:
                row[name] = flag if TABLES[table].stored_type(name) == "bool" else number
        result = go(empty, server, build.write(tmp_path / str(step)))
        assert contents(empty) == expected(empty, build)
        if step:
            assert sum(one.total for one in result.changed.values()) == 0
            assert stamps(empty) == kept
        kept = stamps(empty)
