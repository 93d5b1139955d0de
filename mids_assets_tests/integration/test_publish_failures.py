"""A publish that cannot be: what is broken is named, and everything is as before."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import psycopg2
import psycopg2.errors
import pytest
from psycopg2.extensions import TRANSACTION_STATUS_IDLE

from mids_assets.errors import CheckFailed, DatabaseUnavailable, RealmBusy, StaleBuild
from mids_assets.settings import Settings
from mids_assets.warehouse.connection import connect, realm_lock
from mids_assets.warehouse.publish import preview
from mids_assets.warehouse.register import find
from mids_assets_tests.made_up import made_up
from mids_assets_tests.published import (
    REALM,
    contents,
    everything,
    expected,
    go,
    rows,
    schemas_for_others,
)


@pytest.mark.parametrize("fresh", [True, False])
def test_a_failure_on_the_way_leaves_all_as_before(empty, server, tmp_path, monkeypatch, fresh):
    build, other = made_up(5), made_up(6)
    before = None
    if not fresh:
        go(empty, server, build.write(tmp_path / "a"), "good")
        before = everything(empty)
        empty.rollback()

    class Broken(Exception):
        pass

    def broken(*_):
        raise Broken("the power is out")

    # The last step before the commit: every row is written by then.
    monkeypatch.setattr("mids_assets.warehouse.register.mark_published", broken)
    with pytest.raises(Broken):
        go(empty, server, other.write(tmp_path / "b"), "bad")
    if fresh:
        assert rows(empty, "SELECT count(*) FROM pg_namespace WHERE nspname LIKE %s", (f"{REALM}%",)) == [(0,)]
        assert rows(empty, "SELECT count(*) FROM mids.identity") == [(0,)]
    else:
        assert everything(empty) == before
    log = rows(empty, "SELECT import_type, records_imported, errors, completed_at IS NOT NULL FROM mids.import_log"
                      " ORDER BY id DESC LIMIT 1")  # fmt: skip
    assert log == [("power", 0, {"error": "Broken: the power is out"}, True)]


def test_a_foreign_key_that_leads_nowhere_blocks(empty, server, tmp_path):
    build = made_up(7, share=1.0)
    go(empty, server, build.write(tmp_path / "a"), "good")
    before = everything(empty)
    empty.rollback()
    build.rows["enhancement_set"][0]["set_type"] = 99
    with pytest.raises(
        CheckFailed, match=r"table homecoming\.enhancement_set, constraint enhancement_set_set_type_fkey"
    ):
        go(empty, server, build.write(tmp_path / "b"), "bad")
    assert everything(empty) == before
    blocked = find(empty, REALM, "bad")
    assert blocked and blocked.state == "blocked" and "set_type_fkey" in str(blocked.reason)


def test_a_foreign_key_that_leads_nowhere_blocks_the_first_load_too(empty, server, tmp_path):
    build = made_up(7, share=1.0)
    build.rows["enhancement_set"][0]["set_type"] = 99
    with pytest.raises(CheckFailed, match="enhancement_set_set_type_fkey"):
        go(empty, server, build.write(tmp_path / "b"))
    assert rows(empty, "SELECT count(*) FROM pg_namespace WHERE nspname = %s", (REALM,)) == [(0,)]


def test_a_name_that_the_build_does_not_hold_blocks(empty, server, tmp_path):
    build = made_up(8, share=1.0)
    build.rows["power"][0]["powerset"] = "nobody"
    with pytest.raises(CheckFailed, match=r"table power, reference powerset: 1 rows name a powerset .* 'nobody'"):
        go(empty, server, build.write(tmp_path / "a"))


@pytest.mark.parametrize("fresh", [True, False])
@pytest.mark.parametrize("name", ["salvage", "power_effect", "enhancement_class"])
def test_a_repeated_key_blocks(empty, server, tmp_path, fresh, name):
    build = made_up(9, share=1.0)
    before = None
    if not fresh:
        go(empty, server, build.write(tmp_path / "a"))
        before = everything(empty)
        empty.rollback()
    build.rows[name].insert(1, dict(build.rows[name][0]))
    if name in build.keys:
        build.keys[name].insert(1, build.keys[name][0])
    with pytest.raises(CheckFailed, match=f"table .*{name}, constraint {name}_pkey"):
        go(empty, server, build.write(tmp_path / "b"))
    if not fresh:
        assert everything(empty) == before


def test_the_rules_are_asked_before_anything_is_written(empty, server, tmp_path):
    seen = []

    def verify(folder: Path) -> None:
        seen.append((folder, schemas_for_others(server)))
        raise CheckFailed("rule broken")

    folder = made_up(10).write(tmp_path / "a")
    with pytest.raises(CheckFailed, match="rule broken"):
        go(empty, server, folder, "bad", verify=verify)
    assert seen == [(folder, [])]
    assert schemas_for_others(server) == []


def test_files_of_another_model_are_refused(empty, server, tmp_path):
    folder = made_up(11).write(tmp_path / "a")
    (folder / "salvage.parquet").rename(folder / "elsewhere")
    with pytest.raises(StaleBuild, match=r"salvage\.parquet is not there"):
        go(empty, server, folder)
    with pytest.raises(StaleBuild):
        preview(empty, REALM, folder)


def test_a_lock_that_is_not_free_is_transient_and_changes_nothing(empty, server, tmp_path):
    go(empty, server, made_up(14).write(tmp_path / "a"))
    before = everything(empty)
    empty.rollback()
    hasty = Settings(data_dir=server.data_dir, lock_timeout_seconds=0.2)
    with closing(connect(server, application_name="other")) as other, other.cursor() as cur:
        cur.execute(f"LOCK TABLE {REALM}.power IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(DatabaseUnavailable, match="lock"):
            go(empty, hasty, made_up(15).write(tmp_path / "b"))
    assert everything(empty) == before


def test_a_second_publish_of_the_realm_waits_its_turn(empty, server, tmp_path):
    folder = made_up(16).write(tmp_path / "a")
    hasty = Settings(data_dir=server.data_dir, lock_timeout_seconds=0.2)
    with closing(connect(server, application_name="other")) as other, realm_lock(other, REALM):
        with pytest.raises(RealmBusy, match="other"):
            go(empty, hasty, folder)
        go(empty, hasty, folder, realm="rebirth")  # another realm is nobody's business
    with realm_lock(empty, REALM):
        go(empty, hasty, folder)
    assert contents(empty) == expected(empty, made_up(16))


def test_a_lost_connection_is_transient(empty, server, tmp_path):
    folder = made_up(17).write(tmp_path / "a")

    def verify(_) -> None:
        with closing(connect(server, application_name="other")) as other:
            rows(other, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'test'")

    with pytest.raises(DatabaseUnavailable) as caught:
        go(empty, server, folder, verify=verify)
    assert "://" not in str(caught.value)
    with closing(connect(server, application_name="after")) as after:
        (errors,) = rows(after, "SELECT errors FROM mids.import_log ORDER BY id DESC LIMIT 1")[0]
        assert errors["error"].startswith("DatabaseUnavailable")
        go(after, server, folder)


@pytest.mark.parametrize("spelling", [str.upper, str.lower])
def test_constraints_hold_after_a_publish(empty, server, tmp_path, spelling):
    """Those of a first load are there, and those that a merge deferred are immediate again."""
    build = made_up(20, share=1.0)
    again = f"INSERT INTO {REALM}.salvage SELECT (jsonb_populate_record(t, %s)).* FROM {REALM}.salvage t WHERE id = 1"
    for folder in ("a", "b"):
        go(empty, server, build.write(tmp_path / folder))
        with pytest.raises(psycopg2.errors.ForeignKeyViolation), empty, empty.cursor() as cur:
            cur.execute(f"UPDATE {REALM}.enhancement_set SET set_type = 99")
        ((name,),) = rows(empty, f"SELECT internal_name FROM {REALM}.salvage WHERE id = 1")
        other = json.dumps({"id": 12345, "internal_name": spelling(name)})
        with pytest.raises(psycopg2.errors.UniqueViolation, match="salvage_natural_key"), empty, empty.cursor() as cur:
            cur.execute(again, (other,))


@pytest.mark.parametrize("fresh", [True, False])
@pytest.mark.parametrize(("column", "value"), [("effects", '{"half": '), ("display_name", "zero \0 inside")])
def test_a_value_that_postgresql_cannot_hold_names_its_table(empty, server, tmp_path, fresh, column, value):
    build = made_up(25, share=1.0)
    if not fresh:
        go(empty, server, build.write(tmp_path / "a"))
    build.rows["power"][2][column] = value
    with pytest.raises(CheckFailed, match=r"table homecoming\.power"):
        go(empty, server, build.write(tmp_path / "b"))


def test_a_failure_while_rows_are_made_is_told_as_itself(empty, server, tmp_path, monkeypatch):
    """Not as the COPY that had to be given up because of it, which would look like a cancelled statement."""

    def broken(_) -> bytes:
        raise MemoryError("no room for the batch")

    folder = made_up(26).write(tmp_path / "a")
    monkeypatch.setattr("mids_assets.warehouse.copying.encode", broken)
    with pytest.raises(MemoryError, match="no room"):
        go(empty, server, folder)
    assert empty.info.transaction_status == TRANSACTION_STATUS_IDLE
