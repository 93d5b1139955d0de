"""What a soak found, held against its bounds, and as tables.

What grows is judged by its floor in the first third and in the last: a run that happens to be under way adds to a
moment, what is never given back adds to all of them. Does not belong here: measuring.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from mids_assets_tests.bench.figures import table
from mids_assets_tests.soak.growth import Sample
from mids_assets_tests.soak.load import Backups, Publish, Reading

EVENTS_A_PUBLISH = 600
"""An import writes fewer than 500; the rest are the landing folder's own small run and the backups."""
GROWTH = 1.25
"""What holds memory or disk may hold this much more in the last third than in the first, and `SLACK_MIB`."""
SLACK_MIB = 50.0
CONNECTIONS_LEFT = 5
ENOUGH_PUBLISHES = 9
"""With fewer, the first third says nothing about what grows."""


@dataclass(frozen=True, slots=True)
class Soak:
    """All that was found. `stored`: releases whose files are there at the end; `kept`: how many may be.
    `events_kept`: rows of the event log after the housekeeping of a later day, `runs_kept` its runs.
    `failed_ticks`, `failed_runs`: of Dagster."""

    publishes: Sequence[Publish]
    reading: Reading
    backups: Backups
    samples: Sequence[Sample]
    ticks: int
    failed_ticks: int
    failed_runs: int
    stored: int
    kept: int
    events_kept: int
    runs_kept: int


@dataclass(frozen=True, slots=True)
class Bound:
    """`held`: None where the soak was too short to say."""

    name: str
    found: str
    at_most: str
    held: bool | None


def bounds(soak: Soak) -> list[Bound]:
    """Every bound, in the order in which they are shown."""
    return list(_bounds(soak))


def _bounds(soak: Soak) -> Iterator[Bound]:
    failed = [publish.error for publish in soak.publishes if publish.error]
    for name, count in (
        ("errors of readers", len(soak.reading.errors)),
        ("publishes that failed", len(failed)),
        ("backups that failed", len(soak.backups.errors)),
        ("ticks that failed", soak.failed_ticks),
        ("runs that failed", soak.failed_runs),
    ):
        yield Bound(name, str(count), "0", count == 0)
    for name, made in (("publishes", soak.publishes), ("backups", soak.backups.seconds), ("ticks", range(soak.ticks))):
        # A soak in which nothing went on would find no error either.
        yield Bound(f"{name} at all", str(len(made)), "at least 1", len(made) > 0)
    first, last = soak.samples[0], soak.samples[-1]
    left = last.connections - first.connections
    yield Bound("connections left behind", str(left), str(CONNECTIONS_LEFT), left <= CONNECTIONS_LEFT)
    yield Bound("releases with files", str(soak.stored), str(soak.kept), soak.stored <= soak.kept)
    events = (last.events - first.events) / max(1, len(soak.publishes))
    yield Bound("events a publish", f"{events:.0f}", str(EVENTS_A_PUBLISH), events <= EVENTS_A_PUBLISH)
    most = EVENTS_A_PUBLISH * (soak.kept + 1)
    yield Bound("events after housekeeping", str(soak.events_kept), str(most), soak.events_kept <= most)
    enough = len(soak.publishes) >= ENOUGH_PUBLISHES
    for name, value in GROWING.items():
        before, after = _floor(soak.samples, value, 0), _floor(soak.samples, value, 2)
        limit = before * GROWTH + SLACK_MIB
        yield Bound(name, f"{before:,.0f} -> {after:,.0f}", f"{limit:,.0f}", after <= limit if enough else None)


GROWING: dict[str, Callable[[Sample], float]] = {
    "memory of Dagster, MiB": lambda sample: sample.dagster_mib,
    "memory of PostgreSQL, MiB": lambda sample: sample.postgres_mib,
    "database of the tables, MiB": lambda sample: sample.warehouse_mib,
}


SHOWN = GROWING | {
    "connections": lambda sample: sample.connections,
    "stored releases, MiB": lambda sample: sample.releases_mib,
    "backups, MiB": lambda sample: sample.backups_mib,
    "files of PostgreSQL, MiB": lambda sample: sample.postgres_disk_mib,
    "rows of Dagster's event log": lambda sample: sample.events,
}


def growth_table(samples: Sequence[Sample]) -> str:
    """What grows, and how: at the beginning, at each third, and the most at any moment."""
    last = len(samples) - 1
    moments = [samples[round(part * last / 3)] for part in range(4)]
    rows = [
        (name, *(f"{value(sample):,.0f}" for sample in moments), f"{max(map(value, samples)):,.0f}")
        for name, value in SHOWN.items()
    ]
    return table(("What grows", "Beginning", "A third", "Two thirds", "End", "Most"), rows)


def _floor(samples: Sequence[Sample], value: Callable[[Sample], float], third: int) -> float:
    size = max(1, len(samples) // 3)
    part = samples[:size] if third == 0 else samples[-size:]
    return min(map(value, part))


def latency_table(reading: Reading, publishes: Sequence[Publish]) -> str:
    """Milliseconds of each question: all the time, and while a publish was under way."""
    spans = [(publish.began, publish.began + publish.seconds) for publish in publishes]
    rows = []
    for question in sorted({question for question, _, _ in reading.answers}):
        found = [(at, seconds) for asked, at, seconds in reading.answers if asked == question]
        during = [seconds for at, seconds in found if any(low <= at <= high for low, high in spans)]
        rows.append((question, f"{len(found):,}", *_quantiles([s for _, s in found]), *_quantiles(during)[:2]))
    head = ("Question", "Answers", "p50 ms", "p99 ms", "most ms", "p50 in a publish", "p99 in a publish")
    return table(head, rows)


def _quantiles(seconds: Sequence[float]) -> tuple[str, str, str]:
    if len(seconds) < 2:
        return ("", "", "")
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return tuple(f"{1000 * value:,.1f}" for value in (cuts[49], cuts[98], max(seconds)))  # type: ignore[return-value]


def work_table(soak: Soak) -> str:
    rows = []
    for how in sorted({publish.how for publish in soak.publishes}):
        rows.append(_work(f"publish by {how}", [p.seconds for p in soak.publishes if p.how == how and not p.error]))
    rows.append(_work("backup", soak.backups.seconds))
    return table(("Work", "Times", "Seconds, median", "Seconds, most"), rows)


def _work(name: str, seconds: Sequence[float]) -> tuple[str, str, str, str]:
    if not seconds:
        return (name, "0", "", "")
    return (name, str(len(seconds)), f"{statistics.median(seconds):.1f}", f"{max(seconds):.1f}")


def bound_table(found: Sequence[Bound]) -> str:
    words = {True: "held", False: "BROKEN", None: "too short to say"}
    rows = [(bound.name, bound.found, bound.at_most, words[bound.held]) for bound in found]
    return table(("What", "Found", "At most", ""), rows)
