"""A pause of Python's garbage collection, for work that makes many objects and no cycles.

Does not belong here: what a process keeps for good (`gc.freeze`, which its start calls).
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused_gc() -> Iterator[None]:
    """No garbage collection inside: it would walk millions of new objects again and again and find nothing. Also a
    decorator."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
