"""How far the work is: stages report here, and whoever shows it (the `mids` command) listens.

Deep code must not know who is watching; with nobody listening a report costs nothing. Does not belong here: how
it is shown.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` units of a stage; `note` is the unit or a short remark."""

    stage: str
    done: int
    total: int
    note: str = ""


_listener: Callable[[Progress], None] | None = None
_finished: dict[str, set[str]] = {}
"""Units that ended, by stage, since somebody began to listen; steps may come in any order."""


def report(stage: str, done: int, total: int, note: str = "") -> None:
    if _listener is not None:
        _listener(Progress(stage, done, total, note))


def finished(stage: str, unit: str, total: int) -> None:
    """One of `total` units of a stage is done, whichever comes first."""
    if _listener is not None:
        units = _finished.setdefault(stage, set())
        units.add(unit)
        report(stage, len(units), total, unit)


@contextmanager
def listening(listener: Callable[[Progress], None]) -> Iterator[None]:
    """Send all reports of this process to `listener` while the block runs."""
    global _listener
    before, _listener = _listener, listener
    _finished.clear()
    try:
        yield
    finally:
        _listener = before


class Pace:
    """How fast records go through a stage whose number of records is known, and when it will be done."""

    def __init__(self, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._total = total
        self._clock = clock
        self._started = clock()
        self._done = 0

    def add(self, records: int) -> None:
        self._done += records

    @property
    def per_second(self) -> float:
        return self._done / max(self._clock() - self._started, 0.001)

    def __str__(self) -> str:
        if not self._done:
            return ""
        text = f"{self._done:,} records, {self.per_second:,.0f}/s"
        left = (self._total - self._done) / self.per_second
        return f"{text}, {duration(left)} left" if left > 0 else text


class Interval:
    """Says when it is time to speak again: after `seconds`, and each time after twice as long."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._spoken = clock()

    def due(self) -> bool:
        if self._clock() - self._spoken < self._seconds:
            return False
        self._spoken = self._clock()
        self._seconds *= 2
        return True


def duration(seconds: float) -> str:
    """`8 s`, `3 min 20 s`, `2 h 5 min`."""
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
