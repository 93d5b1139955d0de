"""The same work on one thing after another, some of them at the same time, results in order.

For work that leaves Python's lock to others most of the time (Polars, numpy, Arrow).
Does not belong here: processes (`transform.chunks`).
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")

THREADS = min(2, os.cpu_count() or 1)
"""More would hold more batches in memory, and Polars has threads of its own."""


def in_order(work: Callable[[Given], Made], things: Iterable[Given]) -> Generator[Made, None, None]:
    """`work` of each thing, in the order of the things. No more than `THREADS` results wait for being taken.

    What `work` raises is raised in its place; things behind it may have been worked on.
    """
    waiting: deque[Future[Made]] = deque()
    with ThreadPoolExecutor(THREADS, thread_name_prefix="mids-batch") as pool:
        try:
            for thing in things:
                waiting.append(pool.submit(work, thing))
                if len(waiting) > THREADS:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
