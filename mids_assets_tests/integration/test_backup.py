"""Backups of made-up builds with the hardest values, on a real server: whole, alone, and refused where they must be."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mids_assets.errors import BackupUnusable, DatabaseUnavailable, NothingToBackUp, UserError
from mids_assets.model.operations import BACKED_UP, NOTIFICATION, NOTIFICATION_DELIVERY, OPERATIONAL_TABLES
from mids_assets.objects.place import Place
from mids_assets.settings import Settings
from mids_assets.warehouse.backup import restoring, taking
from mids_assets.warehouse.backup.keeping import thin_out
from mids_assets.warehouse.backup.manifest import Manifest, backups, find_backup
from mids_assets.warehouse.backup.place import open_place
from mids_assets.warehouse.backup.restoring import restore
from mids_assets.warehouse.backup.taking import back_up
from mids_assets.warehouse.backup.verifying import verify
from mids_assets.warehouse.client_programs import dump_programs
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.discrepancies import note_discrepancies
from mids_assets_tests.differing import OURS, THEIRS, frame, one
from mids_assets_tests.edited import Editor
from mids_assets_tests.images import catalogue, rows_of_realm
from mids_assets_tests.made_up import made_up
from mids_assets_tests.published import REALM, contents, expected, forget, go, rows
from mids_assets_tests.real import PROJECT
from mids_assets_tests.servers import environment


@pytest.fixture
def settings(server: Settings, tmp_path: Path) -> Settings:
    return replace(server, backup_url=str(tmp_path / "backups"))


@pytest.fixture
def place(settings: Settings) -> Place:
    return open_place(settings)


def back(settings: Settings, place: Place, *taken: Manifest, **more) -> None:
    restore(settings, place, taken, **more)


def test_all_comes_back_after_everything_was_dropped(empty, settings, place, tmp_path):
    go(empty, settings, made_up(1, share=1.0).write(tmp_path / "1"))
    go(empty, settings, (build := made_up(2, share=0.8)).write(tmp_path / "2"))
    note_discrepancies(empty, REALM, frame(one(), one(field="range")), OURS, THEIRS)
    note_discrepancies(empty, REALM, frame(one()), OURS, THEIRS)
    with empty, empty.cursor() as cur:
        cur.execute("DROP ROLE IF EXISTS backup_reader; CREATE ROLE backup_reader")
        cur.execute("GRANT USAGE ON SCHEMA homecoming_v1, mids TO backup_reader")
        cur.execute("GRANT SELECT ON ALL TABLES IN SCHEMA homecoming_v1 TO backup_reader")
        cur.execute("GRANT SELECT (id, full_name) ON homecoming.power TO backup_reader")
        cur.execute("GRANT SELECT ON mids.release TO backup_reader")
    before = catalogue(empty, REALM), rows_of_realm(empty, REALM)
    taken = back_up(settings, REALM, "asked").manifest
    assert taken.roles == ("backup_reader",)
    assert (taken.tables["mids.discrepancy"], taken.tables["mids.cross_check"]) == (2, 1)
    assert taken.tables["homecoming.power"] == len(build.rows["power"]) > 0
    audited = taken.tables["mids.audit"]
    assert audited == 2, "a row for each publish"
    assert sum(taken.tables.values()) == audited + sum(len(found) for found in before[1].values())

    forget(empty)
    back(settings, place, taken)

    assert (catalogue(empty, REALM), rows_of_realm(empty, REALM)) == before
    assert contents(empty) == expected(empty, build)
    # It goes on from there: nothing changes where nothing is new, and a change is found.
    same = go(empty, settings, build.write(tmp_path / "3"))
    assert not any(changed.inserted or changed.updated or changed.deleted for changed in same.changed.values())
    go(empty, settings, (later := made_up(3, share=0.9)).write(tmp_path / "4"))
    assert contents(empty) == expected(empty, later)

    with empty, empty.cursor() as cur:
        cur.execute("DROP OWNED BY backup_reader; DROP ROLE backup_reader")
    with pytest.raises(UserError, match=r"backup_reader.*--no-grants"):
        back(settings, place, taken)
    assert contents(empty) == expected(empty, later)
    back(settings, place, taken, grants=False)
    assert contents(empty) == expected(empty, build)


def test_one_realm_comes_back_and_another_keeps_what_it_has(empty, settings, place, tmp_path):
    go(empty, settings, made_up(1, share=0.5).write(tmp_path / "1"))
    go(empty, settings, made_up(2, share=0.5).write(tmp_path / "2"), realm="rebirth")
    ours = rows_of_realm(empty, REALM)
    taken = back_up(settings, REALM, "asked").manifest
    go(empty, settings, made_up(3, share=0.5).write(tmp_path / "3"), realm="rebirth")
    theirs = rows_of_realm(empty, "rebirth")
    go(empty, settings, made_up(4, share=0.5).write(tmp_path / "4"))
    assert rows_of_realm(empty, REALM) != ours

    back(settings, place, taken)

    now = rows_of_realm(empty, REALM)
    ids = now.pop("mids.identity"), ours.pop("mids.identity")
    assert now == ours
    assert set(ids[1]) <= set(ids[0]), "ids of then are lost"
    assert rows_of_realm(empty, "rebirth") == theirs


def test_realms_that_were_imported_anew_come_back_together_only(empty, settings, place, tmp_path):
    """On a lost server somebody imported before anybody restored: numbers in mids.release now mean others."""
    go(empty, settings, made_up(1, share=0.5).write(tmp_path / "1"))
    go(empty, settings, made_up(2, share=0.5).write(tmp_path / "2"), realm="rebirth")
    before = [rows_of_realm(empty, realm) for realm in (REALM, "rebirth")]
    taken = [back_up(settings, realm, "asked").manifest for realm in (REALM, "rebirth")]
    forget(empty)
    go(empty, settings, made_up(2, share=0.5).write(tmp_path / "3"), realm="rebirth")
    go(empty, settings, made_up(1, share=0.5).write(tmp_path / "4"))
    with pytest.raises(UserError, match="belong to realm rebirth now: restore all realms together"):
        back(settings, place, taken[0])
    back(settings, place, *taken)
    assert [rows_of_realm(empty, realm) for realm in (REALM, "rebirth")] == before


def test_ids_given_since_the_backup_are_never_another_row_s(empty, settings, place, tmp_path):
    editor = Editor(3)
    releases = [editor.first()]
    go(empty, settings, releases[0].write(tmp_path / "0"), release="r0")
    taken = back_up(settings, REALM, "asked").manifest
    for number in range(1, 3):
        releases.append(editor.next(releases[-1])[0])
        go(empty, settings, releases[-1].write(tmp_path / str(number)), release=f"r{number}")
    identities = "SELECT table_name, natural_key, id FROM mids.identity ORDER BY 1, 2"
    given, after = rows(empty, identities), contents(empty)
    numbers = rows(empty, "SELECT max(id) FROM mids.release")

    back(settings, place, taken)

    assert contents(empty) == expected(empty, releases[0])
    assert rows(empty, identities) == given
    go(empty, settings, releases[-1].write(tmp_path / "again"), release="r2")
    assert contents(empty) == after
    assert rows(empty, identities) == given
    assert rows(empty, "SELECT max(id) FROM mids.release") > numbers, "the number of a release was given again"


def test_a_key_of_then_that_is_another_row_now_is_that_of_then_again(empty, settings, place, tmp_path):
    go(empty, settings, made_up(1, share=1.0).write(tmp_path / "1"))
    taken = back_up(settings, REALM, "asked").manifest
    before = rows_of_realm(empty, REALM)
    with empty, empty.cursor() as cur:
        cur.execute("SELECT id, natural_key FROM mids.identity WHERE table_name = 'power' ORDER BY id LIMIT 3")
        (first, one), (second, two), (third, _) = cur.fetchall()
        # Two exchanged their keys; the key of a third belongs to a new row.
        for number, key in ((first, "away"), (second, one), (first, two)):
            cur.execute(
                "UPDATE mids.identity SET natural_key = %s WHERE table_name = 'power' AND id = %s", (key, number)
            )
        cur.execute("UPDATE mids.identity SET id = 1000000 WHERE table_name = 'power' AND id = %s", (third,))
    back(settings, place, taken)
    assert rows_of_realm(empty, REALM) == before


def test_what_depends_on_the_realm_from_outside_holds_the_restore_up(empty, settings, place, tmp_path):
    go(empty, settings, made_up(1, share=1.0).write(tmp_path / "1"))
    taken = back_up(settings, REALM, "asked").manifest
    go(empty, settings, made_up(2, share=1.0).write(tmp_path / "2"))
    now = catalogue(empty, REALM), rows_of_realm(empty, REALM)
    with empty, empty.cursor() as cur:
        cur.execute("DROP SCHEMA IF EXISTS planner CASCADE; CREATE SCHEMA planner")
        cur.execute("CREATE TABLE planner.saved (power_id int8 REFERENCES homecoming.power)")
    try:
        with pytest.raises(UserError, match=r"saved_power_id_fkey on table planner\.saved") as told:
            back(settings, place, taken)
        assert "\n" not in str(told.value) and rows(empty, "SELECT count(*) FROM planner.saved") == [(0,)]
        assert (catalogue(empty, REALM), rows_of_realm(empty, REALM)) == now
        with empty, empty.cursor() as cur:
            cur.execute("DROP TABLE planner.saved")
            cur.execute(
                "CREATE TABLE planner.kept (realm text, name text, id int8,"
                " FOREIGN KEY (realm, name, id) REFERENCES mids.identity (realm, table_name, id))"
            )
            cur.execute("INSERT INTO planner.kept SELECT realm, table_name, id FROM mids.identity")
        back(settings, place, taken)
        assert rows(empty, "SELECT count(*) FROM planner.kept")[0] == (len(now[1]["mids.identity"]),)
    finally:
        with empty, empty.cursor() as cur:
            cur.execute("DROP SCHEMA planner CASCADE")


def test_a_dump_that_waits_for_somebody_s_lock_breaks_off_for_the_moment(
    empty, server, settings, place, tmp_path, monkeypatch
):
    go(empty, settings, made_up(1, share=0.5).write(tmp_path / "1"))
    # Counting would wait first, over our own connection.
    monkeypatch.setattr(taking, "row_counts", lambda *_: {})
    with closing(connect(server, application_name="another")) as another, another.cursor() as cur:
        cur.execute("LOCK TABLE homecoming.power IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(DatabaseUnavailable, match=r"the dump broke off.*due to statement timeout$"):
            back_up(replace(settings, lock_timeout_seconds=0.3), REALM, "asked")
    assert place.files() == []


def test_readers_see_the_old_rows_until_all_is_back(empty, server, settings, place, tmp_path, monkeypatch):
    go(empty, settings, made_up(1, share=0.5).write(tmp_path / "1"))
    taken = back_up(settings, REALM, "asked").manifest
    go(empty, settings, made_up(2, share=1.0).write(tmp_path / "2"))
    before, seen = contents(empty), []

    def then_read(realm):
        # By now psql has been given the whole dump.
        with closing(connect(server, application_name="a reader")) as reader:
            rows(reader, "SELECT set_config('statement_timeout', '5s', false)")
            seen.append(contents(reader))
        yield from after_rows(realm)

    after_rows = restoring.operations.after_rows
    monkeypatch.setattr(restoring.operations, "after_rows", then_read)
    back(settings, place, taken)
    assert seen == [before] and contents(empty) != before


def test_a_damaged_backup_is_refused_and_changes_nothing(empty, settings, place, tmp_path):
    go(empty, settings, made_up(1, share=0.5).write(tmp_path / "1"))
    taken = back_up(settings, REALM, "asked").manifest
    go(empty, settings, (now := made_up(2, share=0.5)).write(tmp_path / "2"))
    folder = Path(place.name) / taken.of / taken.name
    for file in taken.files:
        whole = (folder / file).read_bytes()
        for damaged in (whole[:-1], whole[:40] + bytes([whole[40] ^ 1]) + whole[41:]):
            (folder / file).write_bytes(damaged)
            with pytest.raises(BackupUnusable, match=file):
                back(settings, place, taken)
        (folder / file).unlink()
        with pytest.raises(BackupUnusable, match=f"{file} is not in"):
            back(settings, place, taken)
        (folder / file).write_bytes(whole)
    # Rows that are missing are told even where checksums hold.
    fewer = replace(taken, tables={**taken.tables, "homecoming.power": taken.tables["homecoming.power"] + 1})
    with pytest.raises(BackupUnusable, match=r"lacks rows: homecoming\.power"):
        verify(place, fewer, dump_programs(14, elsewhere=False))
    with pytest.raises(UserError, match="made on PostgreSQL 99"):
        back(settings, place, replace(taken, server="99.1"))
    assert contents(empty) == expected(empty, now)


def test_a_damaged_manifest_hides_no_other_backup_and_gives_no_file_away(empty, settings, place, tmp_path, caplog):
    go(empty, settings, made_up(1, share=0.5).write(tmp_path / "1"))
    first, second = (back_up(settings, REALM, "asked").manifest for _ in range(2))
    manifest = Path(place.name) / first.path("manifest.json")
    for damaged in ("{}", "", "[1]", json.dumps(first.as_json() | {"format": 2})):
        manifest.write_text(damaged)
        assert backups(place) == [second]
        assert first.name in caplog.records[-1].getMessage()
    thin_out(place, REALM, settings, datetime.now(UTC) + timedelta(days=2))
    assert len(place.files(f"{REALM}/{first.name}")) == 4


def test_what_cannot_be_verified_is_no_backup_and_pushes_none_out(empty, settings, place, tmp_path, monkeypatch):
    go(empty, settings, made_up(1, share=0.5).write(tmp_path / "1"))
    keep_one = replace(settings, backup_keep_daily=1, backup_keep_weekly=0, backup_keep_monthly=0)
    good = back_up(keep_one, REALM, "asked").manifest

    def broken(*_):
        assert backups(place) == [good], "it is listed before it was verified"
        raise BackupUnusable("cannot be read")

    monkeypatch.setattr("mids_assets.warehouse.backup.taking.verify", broken)
    with pytest.raises(BackupUnusable):
        back_up(keep_one, REALM, "asked")
    assert backups(place) == [good]
    assert {file.path.split("/")[1] for file in place.files()} == {good.name}


def test_nothing_published_is_nothing_to_back_up(empty, settings, place):
    with pytest.raises(NothingToBackUp, match="nothing is published"):
        back_up(settings, REALM, "asked")
    assert place.files() == []


def test_a_backup_sees_one_moment_while_a_publish_goes_on(empty, server, settings, place, tmp_path, monkeypatch):
    go(empty, settings, (build := made_up(1, share=0.5)).write(tmp_path / "1"))
    later = made_up(2, share=0.9).write(tmp_path / "2")
    counted = taking.row_counts

    def then_publish(cur, schemas):
        found = counted(cur, schemas)
        with closing(connect(server, application_name="another")) as another:
            go(another, server, later)
        return found

    monkeypatch.setattr(taking, "row_counts", then_publish)
    taken = back_up(settings, REALM, "asked").manifest
    back(settings, place, taken)
    assert contents(empty) == expected(empty, build)


def test_backups_before_a_publish_are_a_series_of_their_own(empty, settings, place, tmp_path):
    go(empty, settings, made_up(1, share=0.5).write(tmp_path / "1"))
    taken = back_up(settings, REALM, "before_publish").manifest
    source = Path(place.name) / taken.of / taken.name
    now = datetime(2026, 5, 20, 12, tzinfo=UTC)
    for days in range(60):
        for reason in ("schedule", "before_publish"):
            at = now - timedelta(days=days, hours=0 if reason == "schedule" else 2)
            one = replace(taken, name=f"homecoming-{reason}-{days}", reason=reason, created_at=at)
            shutil.copytree(source, source.with_name(one.name))
            (source.with_name(one.name) / "manifest.json").write_text(json.dumps(one.as_json()))
    shutil.rmtree(source)
    gone = thin_out(place, REALM, settings, now)
    left = backups(place, REALM)
    # Seven days, the ends of the weeks before, the ends of the months before.
    days = [*range(20, 13, -1), "May 10", "May 3", "April 30", "March 31"]
    for reason in ("schedule", "before_publish"):
        assert len([one for one in left if one.reason == reason]) == len(days)
    assert {one.name for one in gone}.isdisjoint(one.name for one in left) and len(gone) + len(left) == 120
    assert find_backup(place, REALM, "latest").name == "homecoming-schedule-0"
    assert {file.path.split("/")[1] for file in place.files()} == {one.name for one in left}


def test_files_of_a_backup_that_was_cut_short_go_after_a_day(empty, settings, place, tmp_path):
    """The process is killed when all is written but the manifest."""
    go(empty, settings, made_up(1, share=0.5).write(tmp_path / "1"))
    code = (
        "import os; from mids_assets.settings import Settings; from mids_assets.warehouse.backup import taking;"
        "taking.write_manifest = lambda *_: os.kill(os.getpid(), 9);"
        f"taking.back_up(Settings.from_env(), {REALM!r}, 'asked')"
    )
    env = environment(settings, MIDS_BACKUP_URL=str(settings.backup_url))
    killed = subprocess.run([sys.executable, "-c", code], env=env, cwd=PROJECT, timeout=120, capture_output=True)
    assert killed.returncode == -9, killed.stderr
    assert len(place.files(REALM)) == 3 and backups(place) == []
    with pytest.raises(UserError, match="there is no backup of homecoming"):
        find_backup(place, REALM, "latest")
    thin_out(place, REALM, settings, datetime.now(UTC))
    assert len(place.files(REALM)) == 3, "somebody may be writing them"
    whole = back_up(settings, REALM, "asked").manifest
    thin_out(place, REALM, settings, datetime.now(UTC) + timedelta(days=2))
    assert {file.path.split("/")[1] for file in place.files()} == {whole.name}


def test_every_operational_table_is_backed_up_or_left_out_on_purpose():
    assert {*BACKED_UP} | {NOTIFICATION, NOTIFICATION_DELIVERY} == {*OPERATIONAL_TABLES}
    assert all("realm" in {column.name for column in table.columns} for table in BACKED_UP)
