"""Locks, time limits and full disks of the server: a publish ends with one sentence, and changes nothing."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from mids_assets.errors import DatabaseUnavailable
from mids_assets.settings import Settings
from mids_assets.warehouse.connection import connect
from mids_assets_tests.integration.faults.builds import FINGERPRINT, REALM
from mids_assets_tests.integration.faults.watch import (
    Reader,
    assert_nothing_left,
    failures,
    holds,
    last_failure,
)
from mids_assets_tests.published import rows
from mids_assets_tests.servers import open_folder, temporary_settings

HASTY = 0.3


@contextlib.contextmanager
def idle_transaction(settings: Settings, statement: str) -> Iterator[None]:
    """Somebody's transaction that ran `statement` and then does nothing."""
    with closing(connect(settings, application_name="idle")) as conn:
        with conn.cursor() as cursor:
            cursor.execute(statement)
        yield


@contextlib.contextmanager
def altered(settings: Settings, do: str, undo: str) -> Iterator[None]:
    with closing(connect(settings, application_name="administrator")) as conn:
        conn.autocommit = True
        with conn.cursor() as cursor:
            cursor.execute(do)
            try:
                yield
            finally:
                cursor.execute(undo)


def fails_and_succeeds_later(settings: Settings, builds, fault, words: str, noted: bool = True) -> None:
    before = failures(settings)
    with Reader(settings, builds) as reader:
        with fault, pytest.raises(DatabaseUnavailable) as caught:
            builds["B"].publish(replace(settings, lock_timeout_seconds=HASTY))
        assert reader.seen == ["A"]
    told = str(caught.value)
    assert words in told and len(told.splitlines()) == 1
    assert holds(settings, builds) == "A"
    assert_nothing_left(settings)
    if noted:
        assert failures(settings) > before
        assert last_failure(settings) == f"DatabaseUnavailable: {told}"
    builds["B"].publish(settings)
    assert holds(settings, builds) == "B"


@pytest.mark.parametrize(
    "statement",
    [
        f"LOCK TABLE {REALM}.power_effect IN SHARE MODE",  # as a dump or CREATE INDEX of somebody
        f"SELECT id FROM {REALM}.power FOR UPDATE",
        "LOCK TABLE mids.release IN SHARE MODE",
    ],
    ids=["table", "rows", "register"],
)
def test_a_lock_in_an_idle_transaction(published_a, builds, statement):
    settings = published_a.settings
    fails_and_succeeds_later(settings, builds, idle_transaction(settings, statement), "lock")


@contextlib.contextmanager
def short_limit(settings: Settings) -> Iterator[None]:
    """A limit of the server for its users, hit at a statement for which the publish does not lift it."""
    set_, reset = (f"ALTER ROLE CURRENT_USER {what}" for what in ("SET statement_timeout = '150ms'", "RESET ALL"))
    with altered(settings, set_, reset), idle_transaction(settings, "LOCK TABLE mids.release IN SHARE MODE"):
        yield


def test_a_time_limit_that_the_server_sets_for_its_users(published_a, builds):
    settings = published_a.settings
    fails_and_succeeds_later(settings, builds, short_limit(settings), "statement timeout")


def test_time_limits_do_not_end_the_publish_itself(published_a, builds):
    settings = published_a.settings
    sleepy = (
        "CREATE FUNCTION public.sleep() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN PERFORM pg_sleep(0.6); RETURN NULL; END $$;"
        f"CREATE TRIGGER sleepy AFTER INSERT ON {REALM}.power_effect EXECUTE FUNCTION public.sleep();"
        "ALTER ROLE CURRENT_USER SET statement_timeout = '500ms'"
    )
    awake = "ALTER ROLE CURRENT_USER RESET statement_timeout; DROP FUNCTION public.sleep CASCADE"
    with altered(settings, sleepy, awake):
        builds["B"].publish(settings)
    assert holds(settings, builds) == "B"


def test_a_reader_in_a_long_transaction_keeps_its_release_and_hinders_nobody(published_a, builds):
    settings = published_a.settings
    with closing(connect(settings, application_name="idle")) as conn, conn.cursor() as cursor:
        conn.set_session(isolation_level="REPEATABLE READ")
        for name in ("A", "B"):
            cursor.execute(FINGERPRINT.format(realm=REALM))
            assert cursor.fetchone() == builds["A"].fingerprint
            builds[name].publish(replace(settings, lock_timeout_seconds=HASTY))
        cursor.execute(FINGERPRINT.format(realm=REALM))
        assert cursor.fetchone() == builds["A"].fingerprint
        conn.rollback()
        cursor.execute(FINGERPRINT.format(realm=REALM))
        assert cursor.fetchone() == builds["B"].fingerprint
    assert holds(settings, builds) == "B"


def test_a_reader_in_an_idle_transaction_while_the_tables_have_to_be_altered(published_a, builds):
    settings = published_a.settings
    with altered(settings, f"COMMENT ON SCHEMA {REALM} IS 'made by an older model'", "SELECT 1"):
        fault = idle_transaction(settings, f"SELECT count(*) FROM {REALM}_v1.power")
        fails_and_succeeds_later(settings, builds, fault, "lock")


@pytest.mark.parametrize("table", [f"{REALM}.power_effect", "mids.identity"])
def test_the_server_says_that_its_disk_is_full(published_a, builds, table):
    settings = published_a.settings
    full = (
        "CREATE FUNCTION public.full_disk() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;"
        f"CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON {table} EXECUTE FUNCTION public.full_disk()"
    )
    fault = altered(settings, full, "DROP FUNCTION public.full_disk CASCADE")
    fails_and_succeeds_later(settings, builds, fault, "No space left on device")


@pytest.mark.skipif(os.getuid() != 0, reason="only root may mount a small file system")
def test_the_disk_of_the_server_is_really_full(builds):
    """Then even the note of it finds no room, and the server itself may stop; room is all that it needs."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(open_folder())
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200m", "tmpfs", str(folder)], capture_output=True)
        if mounted.returncode != 0:
            pytest.skip("may not mount a small file system here")
        stack.callback(subprocess.run, ["umount", str(folder)], check=True)
        folder.chmod(0o755)
        settings = stack.enter_context(temporary_settings(folder))
        builds["A"].publish(settings)
        with closing(connect(settings, application_name="administrator")) as conn:
            conn.autocommit = True
            rows(conn, "SELECT pg_switch_wal()")
        filler = folder / "filler"
        with filler.open("wb", buffering=0) as out, contextlib.suppress(OSError):
            while True:
                out.write(bytes(1 << 16))
        with pytest.raises(DatabaseUnavailable):
            builds["B"].publish(settings)
        filler.unlink()
        assert holds(settings, builds) == "A"
        assert_nothing_left(settings)
        builds["B"].publish(settings)
        assert holds(settings, builds) == "B"
