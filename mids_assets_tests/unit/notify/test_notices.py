"""What is told of: from entries of the log to notices, once each, whatever the order in which people look."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

from mids_assets.notify.notices import Facts, Notice, notices
from mids_assets.warehouse.history import Entry

BEGIN = datetime(2025, 5, 1, tzinfo=UTC)
WEB_PAGE = "RunFailed: homecoming_ingest: mids_assets.errors.SourceError: I12.mhd is a web page"
GONE = "RunFailed: homecoming_publish: Its process host:{}:1746 is gone: killed, or the machine was restarted."
AWAY = "RunFailed: homecoming_ingest: mids_assets.errors.NetworkUnavailable: u.example answers 503"
DOWN = "DatabaseUnavailable: PostgreSQL does not answer after 5 attempts: connection to port 5432 refused"


class Log:
    """A log that grows, looked at as the sensor does it: what was told is remembered."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.told: dict[tuple[str, str], Notice] = {}
        self.over: set[tuple[str, str]] = set()
        self._runs = count()

    def add(self, action: str, release: str | None = "aaa", error: str | None = None, run: str | None = None) -> None:
        number = len(self.entries) + 1
        at = BEGIN + timedelta(hours=number)
        run = run or f"run{next(self._runs)}"
        version = f"version {release}" if release else None
        entry = Entry(
            number, "homecoming", at, action, release, version, 1, f"build {release}", run, 1.0, 0, 0, error, []
        )
        self.entries.append(entry)

    def look(self, newest: int = 50, **known: object) -> list[Notice]:
        shown = self.entries[-newest:]
        before = [e.id for e in self.entries[:-newest] if e.action in ("first", "update", "rebuild", "rollback")]
        facts = replace(Facts(shown, max(before, default=0)), **known)
        found = notices(self._remembering(facts))
        for notice in found:
            assert (notice.kind, notice.key) not in self.told
            self.told[notice.kind, notice.key] = notice
            self.over.update(notice.over)
        assert notices(self._remembering(facts)) == [], "a second look at the same has nothing to tell"
        return found

    def _remembering(self, facts: Facts) -> Facts:
        return replace(
            facts,
            told=frozenset(self.told),
            open=[n for p, n in self.told.items() if n.kind in ("failed", "blocked") and p not in self.over],
            recovered=[n.log_id for n in self.told.values() if n.kind == "recovered"],
        )


def kinds(found: list[Notice]) -> list[str]:
    return [notice.kind for notice in found]


def test_a_publish_is_told_and_a_rebuild_is_not():
    log = Log()
    for action, told in (("first", ["published"]), ("rebuild", []), ("update", ["published"])):
        log.add(action)
        assert kinds(log.look()) == told
    log.add("rollback", "zzz")
    (notice,) = log.look()
    assert (notice.kind, notice.action, notice.release) == ("published", "rollback", "zzz")


def test_one_cause_is_told_once_until_it_is_over_and_anew_afterwards():
    log = Log()
    log.add("first")
    log.look()
    log.add("failed", None, WEB_PAGE)
    (notice,) = log.look()
    assert notice.kind == "failed" and notice.errors == (WEB_PAGE,)
    for _ in range(60):  # More than a look takes in.
        log.add("failed", None, WEB_PAGE)
        assert log.look() == []
    log.add("failed", None, AWAY)
    assert kinds(log.look()) == ["failed"]
    log.add("update", "bbb")
    published, recovered = log.look()
    assert published.kind == "published" and kinds([recovered]) == ["recovered"] and len(recovered.over) == 2
    log.add("failed", None, WEB_PAGE)
    assert kinds(log.look()) == ["failed"]


def test_numbers_of_processes_and_ids_make_no_other_cause():
    log = Log()
    for pid in (4711, 4712):
        log.add("failed", "bbb", GONE.format(pid))
    assert kinds(log.look()) == ["failed"]
    log.add("failed", "ccc", GONE.format(4713))
    assert kinds(log.look()) == ["failed"], "another release that fails is news"


def test_a_block_is_told_once_per_build_with_all_that_blocks():
    log = Log()
    log.add("blocked", "bbb", "CheckFailed: power (duplicate_key: 3 rows)", run="one")
    log.add("blocked", "bbb", "CheckFailed: recipe (required: 1 rows)", run="one")
    (notice,) = log.look()
    assert notice.kind == "blocked" and len(notice.errors) == 2 and notice.release == "bbb"
    log.add("blocked", "bbb", "CheckFailed: power (duplicate_key: 3 rows)")
    assert log.look() == []
    log.add("blocked", "ccc", "CheckFailed: power (duplicate_key: 3 rows)")
    assert kinds(log.look()) == ["blocked"]


def test_a_block_is_over_when_it_is_published_or_when_it_is_behind_what_is():
    log = Log()
    log.add("first", "aaa")
    log.add("blocked", "ccc", "CheckFailed: x")
    log.look(ahead=frozenset({"ccc"}))
    log.add("update", "bbb")
    assert kinds(log.look(ahead=frozenset({"ccc"}))) == ["published"]
    log.add("update", "ddd")
    assert kinds(log.look()) == ["published", "recovered"]
    log.add("blocked", "eee", "CheckFailed: x")
    log.look(ahead=frozenset({"eee"}))
    log.add("update", "eee")
    assert kinds(log.look(ahead=frozenset({"eee"}))) == ["published", "recovered"]


def test_a_failure_and_its_end_between_two_looks_are_both_told():
    log = Log()
    log.add("failed", "aaa", GONE.format(1))
    log.add("first", "aaa")
    assert kinds(log.look()) == ["failed", "published", "recovered"]


def test_a_step_that_was_tried_again_in_its_run_is_no_failure():
    log = Log()
    log.add("failed", "aaa", DOWN, run="one")
    log.add("first", "aaa", run="one")
    assert kinds(log.look()) == ["published"]


def test_a_fault_of_the_moment_is_over_when_the_source_was_looked_at_again_and_comes_back_as_news():
    log = Log()
    log.add("first", "aaa")
    log.add("failed", None, DOWN)
    log.look(published="aaa")
    early, late = log.entries[-1].at - timedelta(minutes=1), log.entries[-1].at + timedelta(days=1)
    assert log.look(published="aaa", unchanged_at=early) == []
    assert kinds(log.look(published="aaa", unchanged_at=late)) == ["recovered"]
    log.add("failed", None, DOWN)
    assert kinds(log.look(published="aaa")) == ["failed"]


def test_a_fault_of_a_file_or_of_the_update_server_is_not_over_because_an_old_source_is_as_it_was():
    log = Log()
    log.add("first", "aaa")
    for release, error in ((None, WEB_PAGE), (None, AWAY), ("bbb", GONE.format(1))):
        log.add("failed", release, error)
    later = log.entries[-1].at + timedelta(days=1)
    assert kinds(log.look(published="aaa")) == ["published", *["failed"] * 3]
    assert log.look(published="aaa", unchanged_at=later) == []
