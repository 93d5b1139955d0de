"""Work beside a block, in a thread. Does not belong here: what the work is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager


@contextmanager
def beside(work: Callable[[threading.Event], None]) -> Iterator[None]:
    """`work` goes on until the event is set, at the end of the block; what it raises is raised there."""
    ended = threading.Event()
    with ThreadPoolExecutor(1) as thread:
        going = thread.submit(work, ended)
        try:
            yield
        finally:
            ended.set()
        going.result()
