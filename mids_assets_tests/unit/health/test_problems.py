"""The standing checks, judged from facts that are made up: what is a problem, what is none, and for how long."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mids_assets.health.facts import Facts, PlannedBuild
from mids_assets.health.problems import FORGOTTEN, KINDS, UNCHECKED, UNDER_WAY, problems
from mids_assets.settings import Settings
from mids_assets.transform.set_aside import SetAside
from mids_assets.updates.other_patch import OtherPatch
from mids_assets.warehouse.backup.attempts import Attempts
from mids_assets.warehouse.history import Entry
from mids_assets.warehouse.register import ReleaseRow

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=30)
NOTHING = Facts("homecoming", [], None, False, True, None, None, {}, frozenset())


def row(number: int, state: str, *, seen: datetime = LONG_AGO, **more: Any) -> ReleaseRow:
    facts = dict.fromkeys(ReleaseRow.__dataclass_fields__)
    return ReleaseRow(
        **{
            **facts,
            "id": number,
            "realm": "homecoming",
            "release": f"release{number}",
            "build": f"build{number}",
            "state": state,
            "version": f"1.{number}",
            "is_sample": False,
            "seen_at": seen,
            **more,
        }
    )  # type: ignore[arg-type]


def entry(at: datetime, error: str | None, **more: Any) -> Entry:
    facts = dict.fromkeys(Entry.__dataclass_fields__)
    return Entry(**{**facts, "realm": "homecoming", "at": at, "error": error, **more})  # type: ignore[arg-type]


def kinds(now: datetime = NOW, settings: Settings | None = None, **facts: Any) -> list[str]:
    return [one.key for one in problems(replace(NOTHING, **facts), settings or Settings(), now)]


PUBLISHED = row(1, "published")


def test_a_fetched_version_that_is_offered_with_other_bytes():
    other = OtherPatch("1.1", "https://example.org/1.1.mru", ("i12.mhd",), "homecoming-1.1-cumulative.hash")
    assert kinds(releases=[PUBLISHED], looked=NOW, other_patch=other) == ["other_patch:1.1"]


def test_a_realm_that_nothing_was_ever_imported_to_has_no_problem():
    assert kinds() == []


@pytest.mark.parametrize("asked", [True, False])
def test_a_source_that_nobody_looked_at_for_two_days(asked):
    facts = {"releases": [PUBLISHED], "asked": asked}
    assert kinds(looked=NOW - UNCHECKED, **facts) == []
    assert kinds(looked=NOW - UNCHECKED - timedelta(seconds=1), **facts) == ["source_unchecked"]
    # Never looked at: counted from the first release.
    assert kinds(**facts) == ["source_unchecked"]
    assert kinds(releases=[row(1, "published", seen=NOW)], asked=asked) == []


def test_what_is_to_be_done_about_a_source_names_who_looks_at_it():
    facts = replace(NOTHING, releases=[PUBLISHED], looked=LONG_AGO)
    (asked,) = problems(facts, Settings(), NOW)
    (landing,) = problems(replace(facts, asked=False), Settings(), NOW)
    assert "homecoming_update" in asked.what_to_do and "homecoming_landing" in landing.what_to_do
    assert asked.since == LONG_AGO and asked.kind == asked.key == "source_unchecked"


@pytest.mark.parametrize(
    ("states", "found"),
    [
        (["published", "seen"], ["release_unpublished:release2"]),
        (["published", "parsed"], ["release_unpublished:release2"]),
        (["parsed", "published"], []),
        (["published", "superseded"], []),
        (["published", "rolled_back"], []),
        (["published", "parsed", "rolled_back"], []),
        (["published", "blocked"], ["release_blocked:release2"]),
        (["published", "blocked", "parsed"], ["release_unpublished:release3"]),
        (["published", "rejected"], ["release_rejected:release2"]),
        (["published", "parsed", "rejected"], ["release_rejected:release3", "release_unpublished:release2"]),
        (["rejected", "published"], []),
        (["seen"], ["release_unpublished:release1"]),
        (["blocked"], ["release_blocked:release1"]),
    ],
)
def test_releases_that_are_newer_than_the_published_one(states, found):
    rows = [row(number, state) for number, state in enumerate(states, 1)]
    assert kinds(releases=rows, looked=NOW) == found


def test_a_release_has_an_hour_from_being_seen_to_being_published():
    fresh = row(2, "parsed", seen=NOW - UNDER_WAY)
    assert kinds(releases=[PUBLISHED, fresh], looked=NOW) == []
    late = replace(fresh, seen_at=fresh.seen_at - timedelta(seconds=1))
    assert kinds(releases=[PUBLISHED, late], looked=NOW) == ["release_unpublished:release2"]


def test_a_sample_is_newer_than_nothing_real_and_any_real_release_is_newer_than_it():
    sample = row(2, "parsed", is_sample=True)
    assert kinds(releases=[PUBLISHED, sample], looked=NOW) == []
    published = row(2, "published", is_sample=True)
    assert kinds(releases=[row(1, "parsed"), published], looked=NOW) == ["release_unpublished:release1"]


def test_a_failed_import_is_a_problem_until_another_one_or_a_week_later():
    facts: dict[str, Any] = {"releases": [PUBLISHED], "looked": NOW}
    failed = entry(NOW - FORGOTTEN, "disk full", action="failed", run_id="run7")
    assert kinds(last_attempt=failed, **facts) == ["import_failed:run7"]
    assert kinds(last_attempt=replace(failed, at=failed.at - timedelta(seconds=1)), **facts) == []
    assert kinds(last_attempt=failed, over=True, **facts) == []
    assert kinds(last_attempt=entry(NOW, None, action="update"), **facts) == []


def test_one_cause_is_told_once():
    blocked = [PUBLISHED, row(2, "blocked")]
    failed = entry(NOW, "blocked", action="blocked", run_id="run7", release="release2")
    planned = PlannedBuild("release2", "build2", 4, failures={"power": {"unique": 3}})
    assert kinds(releases=blocked, looked=NOW, last_attempt=failed, planned=planned) == ["release_blocked:release2"]
    # The published release, made again by other code: the register says nothing of it.
    again = replace(planned, release="release1")
    assert kinds(releases=[PUBLISHED], looked=NOW, planned=again) == ["check_failed:power"]


def test_chunks_that_nobody_goes_on_with():
    planned = PlannedBuild("release1", "build", 4, missing=("a", "b"), touched=NOW - UNDER_WAY)
    facts: dict[str, Any] = {"releases": [PUBLISHED], "looked": NOW}
    assert kinds(planned=planned, **facts) == []
    idle = replace(planned, touched=NOW - UNDER_WAY - timedelta(seconds=1))
    assert kinds(planned=idle, **facts) == ["chunks_missing:build"]
    assert kinds(planned=replace(idle, missing=()), **facts) == []
    assert kinds(planned=replace(idle, touched=None), **facts) == []


def test_the_share_in_quarantine_unless_a_person_let_it_pass():
    counts = {"power": SetAside(1000, 20), "recipe": SetAside(1000, 19), "salvage": SetAside(10_000, 100)}
    facts: dict[str, Any] = {"releases": [PUBLISHED], "looked": NOW, "set_aside": counts}
    assert kinds(**facts) == ["quarantine_share:power"]
    assert kinds(settings=Settings(quarantine_share=0.02), **facts) == []
    assert kinds(accepted=frozenset({"power"}), **facts) == []


def test_what_is_broken_comes_first():
    found = problems(replace(NOTHING, releases=[PUBLISHED, row(2, "blocked")]), Settings(), NOW)
    assert [one.severity for one in found] == ["broken", "warn"]
    assert found[0].as_json()["since"] == LONG_AGO.isoformat()


TRIED = Attempts(scheduled_at=LONG_AGO, made_at=NOW - timedelta(hours=8))
NO_DISK = {"failed_at": NOW - timedelta(hours=1), "error": "No space left on device"}
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    "attempts, found",
    [
        # Nobody's schedule ever tried: an import by hand is not reminded of backups, nor is one who made one by hand.
        (Attempts(), []),
        (Attempts(made_at=LONG_AGO), []),
        (Attempts(**NO_DISK), []),
        (TRIED, []),
        (replace(TRIED, made_at=NOW - 2 * DAY), []),
        (replace(TRIED, made_at=NOW - 2.01 * DAY), ["backup_old:homecoming"]),
        (replace(TRIED, made_at=None), ["backup_old:homecoming"]),
        (replace(TRIED, made_at=None, scheduled_at=NOW - DAY), []),
        (replace(TRIED, **NO_DISK), ["backup_failed:homecoming"]),
        # One problem, not two, and over with the next one that is made.
        (replace(TRIED, made_at=LONG_AGO, **NO_DISK), ["backup_failed:homecoming"]),
        (replace(TRIED, made_at=NOW, **NO_DISK), []),
    ],
)
def test_backups_that_the_schedule_began_to_make_and_that_fail_or_stop(attempts, found):
    facts = {"looked": NOW, "backups": attempts}
    assert kinds(releases=[PUBLISHED], **facts) == found
    assert kinds(releases=[PUBLISHED], settings=Settings(backup_fresh_days=0), **facts) == []
    assert kinds(releases=[], **facts) == []
    assert set(KINDS) >= {key.partition(":")[0] for key in found}
