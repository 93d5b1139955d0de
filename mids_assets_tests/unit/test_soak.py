"""Bounds of the soak: each is broken by what it is about, and by nothing else."""

from __future__ import annotations

import statistics
from dataclasses import replace

import pytest

from mids_assets_tests.soak.growth import Sample
from mids_assets_tests.soak.load import Backups, Publish, Reading
from mids_assets_tests.soak.verdict import (
    EVENTS_A_PUBLISH,
    Soak,
    bound_table,
    bounds,
    growth_table,
    latency_table,
    work_table,
)

CALM = Sample(
    at=0.0,
    dagster_mib=600.0,
    postgres_mib=60.0,
    connections=30,
    releases_mib=10.0,
    backups_mib=1.0,
    postgres_disk_mib=100.0,
    warehouse_mib=20.0,
    events=0,
)


def soak(**changes) -> Soak:
    """Twelve publishes in which nothing went wrong, with these changes."""
    publishes = [Publish(n, "mids import", 10.0 * n, 5.0) for n in range(12)]
    samples = [replace(CALM, at=float(n), events=500 * n) for n in range(12)]
    found = Soak(
        publishes=publishes,
        reading=Reading([("one power", 10.0 * n + n % 10, 0.001 * (n + 1)) for n in range(12)]),
        backups=Backups([1.0], [1000]),
        samples=samples,
        ticks=100,
        failed_ticks=0,
        failed_runs=0,
        stored=3,
        kept=3,
        events_kept=1500,
        runs_kept=7,
    )
    return replace(found, **changes)


def growing(name: str, step: float) -> list[Sample]:
    return [replace(CALM, **{"events": 500 * n, name: getattr(CALM, name) + step * n}) for n in range(12)]


def broken(found: Soak) -> list[str]:
    return [bound.name for bound in bounds(found) if not bound.held]


def test_a_calm_soak_holds_all_bounds():
    assert broken(soak()) == []


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"reading": Reading(errors=["parts of two releases"])}, "errors of readers"),
        (
            {"publishes": [Publish(n, "mids import", 0, 1, "no" if n == 3 else None) for n in range(12)]},
            "publishes that",
        ),
        ({"backups": Backups([1.0], [1], ["no"])}, "backups that failed"),
        ({"backups": Backups()}, "backups at all"),
        ({"failed_ticks": 1}, "ticks that failed"),
        ({"ticks": 0}, "ticks at all"),
        ({"failed_runs": 1}, "runs that failed"),
        ({"stored": 4}, "releases with files"),
        ({"events_kept": 5 * EVENTS_A_PUBLISH}, "events after housekeeping"),
        ({"samples": growing("connections", 1)}, "connections left behind"),
        ({"samples": growing("events", 700)}, "events a publish"),
        ({"samples": growing("dagster_mib", 40)}, "memory of Dagster"),
        ({"samples": growing("postgres_mib", 20)}, "memory of PostgreSQL"),
        ({"samples": growing("warehouse_mib", 10)}, "database of the tables"),
    ],
)
def test_each_bound_is_broken_by_what_it_is_about(changes, name):
    found = soak(**changes)
    (only,) = broken(found)
    assert only.startswith(name)
    assert "BROKEN" in bound_table(bounds(found))


def test_a_short_soak_does_not_judge_what_grows():
    found = soak(
        publishes=[Publish(2, "mids import", 0.0, 5.0)],
        samples=[CALM, replace(growing("dagster_mib", 40)[-1], events=9)],
    )
    assert {bound.held for bound in bounds(found)} == {True, None}


def test_the_tables_show_what_was_found():
    found = soak()
    assert cells(work_table(found)) == ["publish by mids import", "12", "5.0", "5.0"]
    # Quantiles of 1 to 12 ms; those of the answers that fell into a publish are the last two.
    during = [1000 * s for _, at, s in found.reading.answers if at % 10 <= 5]
    shown = cells(latency_table(found.reading, found.publishes))
    assert shown[:5] == ["one power", "12", "6.5", "11.9", "12.0"]
    assert shown[5] == f"{statistics.median(during):.1f}" != "6.5"
    connections = growth_table(growing("connections", 3)).splitlines()[5]
    assert cells(f"\n\n{connections}") == ["connections", "30", "42", "51", "63", "63"]


def cells(text: str) -> list[str]:
    """Of the first row below the head."""
    return [cell.strip() for cell in text.splitlines()[2].strip("| ").split("|")]
