"""How far the work is: stages report here, and whoever shows it (the `mids` command) listens.

Deep code must not know who is watching; with nobody listening a report costs nothing. Does not belong here: how
it is shown.
"""

from __future__ import annotations

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
