"""Looks at a real database with a real receiver: each thing is told once, arrives later if need be, or is dropped."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import polars as pl
import pytest

from mids_assets.errors import CheckFailed, MidsError, RealmBusy
from mids_assets.notify import news, telling
from mids_assets.notify.record import PAUSE_SECONDS, TRIES, latest
from mids_assets.notify.telling import Look, look
from mids_assets.settings import Settings
from mids_assets.warehouse import import_log
from mids_assets.warehouse.connection import connect, realm_lock
from mids_assets.warehouse.import_log import EntityLog
from mids_assets.warehouse.outcome import note_failure
from mids_assets.warehouse.register import ReleaseRecord, action_of, mark_published, note_release, published
from mids_assets.warehouse.schema import ensure_operations
from mids_assets_tests.made_up import made_up
from mids_assets_tests.published import REALM, go, rows
from mids_assets_tests.receiver import Inbox, receiving

NOW = datetime(2030, 1, 1, tzinfo=UTC)
_RUNS = count()


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with receiving() as found:
        yield found


@pytest.fixture
def told(empty, server, inbox) -> Settings:
    """The first look is over, at a database without anything."""
    # Two addresses that differ in the password only are one receiver.
    urls = tuple(inbox.url().replace("//", f"//me:{password}@") for password in ("old", "new"))
    settings = replace(server, notify_urls=urls)
    assert look(settings, REALM).new == []
    return settings


def record_of(version: str) -> ReleaseRecord:
    moment = datetime(2022, 3, int(version), tzinfo=UTC)
    return ReleaseRecord(f"release{version}", version, moment, 27, 4, "Page", False, "x", {})


def note_publish(conn, version: str, run: str = "run") -> None:
    """What a publish writes into schema `mids`, without its tables, which would take a second."""
    now = datetime.now(UTC)
    with conn, conn.cursor() as cur:
        before = published(conn, REALM)
        action = action_of(record_of(version), before)
        number = note_release(conn, REALM, record_of(version))
        log = [EntityLog(name, None, 1, 1, [], now, None) for name in ("power", "recipe")]
        import_log.write(cur, REALM, number, "build", action, run, log)
        mark_published(cur, REALM, number, "build", {"tables": {"power": 1}}, action)


def fail(settings: Settings, text: str, error: type[MidsError] = MidsError, release: str | None = None) -> str:
    """Note a run that failed. Its id."""
    run = f"failed {next(_RUNS)}"
    assert note_failure(settings, REALM, release, release and "build", run, [], error(text))
    return run


def shown(conn) -> list[tuple[str, bool]]:
    with conn:
        return [(one.kind, one.lasts) for one in latest(conn, [REALM], 10)]


def test_what_was_before_the_first_look_is_not_told(empty, conn, server, inbox):
    settings = replace(server, notify_urls=(inbox.url(),))
    ensure_operations(conn)
    note_publish(conn, "1")
    fail(settings, "the disk is full")
    assert look(settings, REALM) == look(settings, REALM) == Look()
    note_publish(conn, "2", "later")
    assert look(settings, REALM) == Look(["homecoming 2: published"], delivered=1)
    assert look(settings, REALM) == Look() and inbox.titles == ["homecoming 2: published"]


def test_publishes_are_told_with_what_they_changed(told, conn, tmp_path, inbox, monkeypatch):
    first, second = (made_up(seed, share=0.4).write(tmp_path / str(seed)) for seed in (1, 2))
    go(conn, told, first, record=record_of("1"), run_id="first")
    look(told, REALM)
    (first_one,) = inbox.empty()
    assert first_one["title"] == "homecoming 1: published" and first_one["type"] == "info"
    assert "Release release1 of 2022-03-01" in first_one["message"] and "It is the first one:" in first_one["message"]
    go(conn, told, second, record=record_of("2"), run_id="second")
    look(told, REALM)
    (later,) = inbox.empty()
    assert "It replaces 1 (release release1)" in later["message"] and "Rows changed: " in later["message"]
    assert "mids diff release1 release2 --realm homecoming" in later["message"]
    # That a file is damaged keeps no news back.
    with monkeypatch.context() as patch:
        patch.setattr(news, "kept_comparison", lambda *_: pl.read_parquet(__file__))
        note_publish(conn, "3", "damaged")
        assert look(told, REALM).delivered == 1
    assert "It replaces 2 (release release2)" in inbox.empty()[0]["message"]
    note_publish(conn, "2", "back")
    assert look(told, REALM).new == ["homecoming: rolled back to 2"]
    # The same release once more, as another build, is no news.
    go(conn, told, first, record=record_of("2"), run_id="third", build="other")
    assert look(told, REALM) == Look()


def test_a_failure_is_told_once_and_its_end_too(told, conn, inbox):
    runs = []
    for port in (5000, 5001, 5002):
        runs.append(fail(told, f"the server on port {port} hung up, password=geheimes"))
        look(told, REALM)
    (failed,) = inbox.empty()
    assert failed["title"] == "homecoming: an import failed" and failed["type"] == "failure"
    assert "hung up" in failed["message"] and "geheimes" not in failed["message"]
    assert f"Run {runs[0]}:" in failed["message"]
    note_publish(conn, "1")
    look(told, REALM)
    new, recovered = inbox.empty()
    assert new["title"] == "homecoming 1: published"
    assert recovered["title"] == "homecoming: imports work again" and recovered["type"] == "success"
    assert recovered["message"].splitlines()[1:] == ["- homecoming: an import failed"]
    assert look(told, REALM) == Look()


def test_a_block_says_table_rows_and_what_to_do(told, conn, inbox):
    note_publish(conn, "1")
    with conn, conn.cursor() as cur:
        cur.execute(
            "INSERT INTO mids.release (realm, release, state, is_sample, seen_at, version, release_date)"
            " VALUES (%s, 'later', 'seen', false, now(), '9', '2022-03-09')",
            (REALM,),
        )
    look(told, REALM)
    inbox.empty()
    reason = "nothing was published, 30 of 300 rows of table power would vanish. If this is .. mids accept later"
    fail(told, reason, CheckFailed, "later")
    look(told, REALM)
    (blocked,) = inbox.empty()
    assert blocked["title"] == "homecoming 9: blocked by a check" and blocked["type"] == "warning"
    assert blocked["message"].startswith(reason) and "homecoming_tables" in blocked["message"]
    # A release between the two is news, and the block stays.
    note_publish(conn, "2", "second")
    assert look(told, REALM).new == ["homecoming 2: published"]
    assert [lasts for kind, lasts in shown(conn) if kind == "blocked"] == [True]
    note_publish(conn, "10", "third")
    assert look(told, REALM).new == ["homecoming 10: published", "homecoming: imports work again"]


def test_what_a_run_that_goes_on_wrote_waits_for_its_end(told, conn, inbox):
    note_publish(conn, "1", "going on")
    assert look(told, REALM, under_way={"going on"}) == Look()
    assert look(told, REALM).new == ["homecoming 1: published"]


def test_a_receiver_that_is_away_gets_it_later_and_the_others_once(told, conn, inbox):
    note_publish(conn, "1")
    with receiving() as other:
        both = replace(told, notify_urls=(inbox.url(), other.url("other")))
        inbox.status = 503
        assert look(both, REALM, now=NOW) == Look(["homecoming 1: published"], delivered=1, failed=1)
        # Not at once, and not to the one who has it.
        assert look(both, REALM, now=NOW + timedelta(seconds=PAUSE_SECONDS - 1)) == Look()
        inbox.status = 200
        assert look(both, REALM, now=NOW + timedelta(seconds=PAUSE_SECONDS)) == Look(delivered=1)
        assert look(both, REALM, now=NOW + timedelta(days=1)) == Look()
        assert len(inbox.taken) == len(other.taken) == 1 and inbox.asked == 2


def test_after_the_last_try_it_is_dropped_with_a_word_and_counted(told, conn, inbox, caplog):
    note_publish(conn, "1")
    fail(told, "no space left")
    inbox.status = 500
    found, now = Look(), NOW
    # A receiver that is away is asked once in a look, whatever waits for it.
    assert look(told, REALM, now=now).failed == inbox.asked == 1
    found.failed += 1
    for number in range(1, 200):
        one = look(told, REALM, now=now + timedelta(minutes=5 * number))
        found.failed += one.failed
        found.dropped += one.dropped
    assert found == Look(failed=2 * (TRIES - 1), dropped=2) and inbox.asked == 2 * TRIES
    assert "dropped after 6 tries for json://****" in caplog.text and "secret-token" not in caplog.text
    states = rows(conn, "SELECT state, tries, error FROM mids.notification_delivery")
    assert [(state, tries) for state, tries, _ in states] == [("dropped", TRIES)] * 2 and "500" in states[0][2]
    inbox.status = 200
    assert look(told, REALM, now=NOW + timedelta(days=9)) == Look()


def test_without_addresses_it_stands_in_the_log_and_is_not_sent_later(told, conn, inbox, caplog):
    note_publish(conn, "1")
    with caplog.at_level("INFO"):
        assert look(replace(told, notify_urls=()), REALM) == Look(["homecoming 1: published"])
    assert "homecoming 1: published\nRelease release1" in caplog.text
    assert look(told, REALM) == Look()
    with conn:
        assert [one.deliveries for one in latest(conn, [REALM], 5)] == [{}]


def test_two_who_look_at_once_tell_it_once(told, conn, inbox):
    note_publish(conn, "1")
    with (
        closing(connect(told, application_name="other")) as other,
        realm_lock(other, f"{REALM} notifications"),
        pytest.raises(RealmBusy),
    ):
        look(told, REALM)
    found: list[Look | RealmBusy] = []

    def one() -> None:
        try:
            found.append(look(told, REALM))
        except RealmBusy as busy:
            found.append(busy)

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(len(one.new) for one in found if isinstance(one, Look)) == 1 and inbox.asked == 1


def test_a_process_that_is_killed_before_it_sends_leaves_it_to_the_next(told, conn, inbox, monkeypatch):
    note_publish(conn, "1")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(telling, "send", killed)
        with pytest.raises(KeyboardInterrupt):
            look(told, REALM)
    assert look(told, REALM) == Look(delivered=1) and inbox.titles == ["homecoming 1: published"]
