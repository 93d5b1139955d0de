"""Processes that do the same work side by side: one that ends is started again, TERM ends all of them.

Belongs here: starting, watching, starting again, ending. Does not belong here: what they do (serving.py).

Why not uvicorn's own: it ends all processes where one cannot start, as while the database is away, kills those that
take long to start on a machine with other work, and leaves them behind when it is killed itself.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from time import monotonic
from typing import Any

from mids_assets.errors import MidsError

log = logging.getLogger(__name__)
LONGEST_WAIT_SECONDS = 30.0
_spawn = multiprocessing.get_context("spawn")

Work = Callable[..., None]
"""Called in a process of its own with a function that says that it has begun to serve, and the arguments of `run`.

It ends itself on SIGTERM, which also comes when this process was killed. SIGINT never reaches it.
"""


@dataclass
class _Place:
    """One of the processes, and its successors."""

    process: SpawnProcess
    told: Connection
    serves: bool = False
    failures: int = 0
    due: float | None = None
    """When the next one is started; None while one runs."""


def run(
    work: Work,
    arguments: Sequence[Any],
    number: int,
    *,
    ready: Callable[[], None],
    ending: Callable[[], None],
    gone: Callable[[int], None],
) -> None:
    """Keep `number` processes at work until TERM or INT, and wait for their end; a second signal kills them.

    `ready` is called once, when the first of them all serve; `ending` before they are told to end; `gone` with the id
    of each that ended. Raises `MidsError` if one ends before any has served.
    """
    with _asked_to_end() as asked:
        places = [_Place(*_start(work, arguments)) for _ in range(number)]
        try:
            awaited = True
            while not asked.poll():
                _look(places, work, arguments, asked, gone, first=awaited)
                if awaited and all(place.serves for place in places):
                    awaited = False
                    ready()
        finally:
            ending()
            _end([place.process for place in places], asked)
            for place in places:
                gone(place.process.pid or 0)


def _look(
    places: list[_Place],
    work: Work,
    arguments: Sequence[Any],
    asked: Connection,
    gone: Callable[[int], None],
    *,
    first: bool,
) -> None:
    """Wait for one thing to happen, and do what follows from it."""
    due = [place.due for place in places if place.due is not None]
    watched = [place.process.sentinel for place in places if place.due is None]
    watched += [place.told for place in places if place.due is None and not place.serves]
    happened = wait([asked, *watched], max(0.0, min(due) - monotonic()) if due else None)
    for place in places:
        if place.due is not None:
            if place.due <= monotonic():
                place.process, place.told = _start(work, arguments)
                place.due = None
            continue
        if place.told in happened:
            with suppress(EOFError):  # It ended instead.
                place.told.recv()
                place.serves, place.failures = True, 0
        if place.process.sentinel in happened:
            place.process.join()
            gone(place.process.pid or 0)
            _note_end(place, first)


def _note_end(place: _Place, first: bool) -> None:
    code = place.process.exitcode or 0
    how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
    if first and not place.serves:
        raise MidsError(f"a worker {how} before it served; the lines above say why")
    # One that served is missed now; one that does not come up is tried less and less often.
    seconds = 0.0 if place.serves else min(LONGEST_WAIT_SECONDS, 0.5 * 2**place.failures)
    log.error("worker %d %s; another is started in %g s", place.process.pid, how, seconds)
    place.failures += not place.serves
    place.serves, place.due = False, monotonic() + seconds


def _start(work: Work, arguments: Sequence[Any]) -> tuple[SpawnProcess, Connection]:
    told, telling = _spawn.Pipe(duplex=False)
    process = _spawn.Process(target=_in_process, args=(work, telling, *arguments))
    # It starts with the first process otherwise, and lets signals through again.
    resource_tracker.ensure_running()
    # A blocked signal stays blocked in what is started: Ctrl-C, which goes to all processes of a terminal, is ours.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        telling.close()
    return process, told


def _in_process(work: Work, telling: Connection, *arguments: Any) -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None

    def follow() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=follow, daemon=True).start()
    with suppress(KeyboardInterrupt):
        work(lambda: telling.send(True), *arguments)


def _end(processes: list[SpawnProcess], asked: Connection) -> None:
    """TERM, and SIGKILL where a signal asks for the end again."""
    for process in processes:
        process.terminate()
    while asked.poll():
        asked.recv()
    while running := [process.sentinel for process in processes if process.exitcode is None]:
        if asked in wait([asked, *running]):
            asked.recv()
            for process in processes:
                process.kill()


@contextmanager
def _asked_to_end() -> Iterator[Connection]:
    """Readable after each TERM or INT."""
    asked, asking = _spawn.Pipe(duplex=False)
    before = {number: signal.signal(number, lambda *_: asking.send(True)) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        asked.close()
        asking.close()
