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


def report(stage: str, done: int, total: int, note: str = "") -> None:
    if _listener is not None:
        _listener(Progress(stage, done, total, note))


@contextmanager
def listening(listener: Callable[[Progress], None]) -> Iterator[None]:
    """Send all reports of this process to `listener` while the block runs."""
    global _listener
    before, _listener = _listener, listener
    try:
        yield
    finally:
        _listener = before
