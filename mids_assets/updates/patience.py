"""How long a tick waits for servers: under a second, and now and then longer, so that a slow one is heard, too.

Others wait while a tick waits, so one that finds nobody has to end quickly; and a server that needs two seconds for its
answer must not go unheard. Does not belong here: the limits of a fetch, which may take its time (`updates.http`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from mids_assets.errors import NetworkUnavailable
from mids_assets.updates.http import Limits

T = TypeVar("T")
LONG_EVERY = 6


@dataclass(frozen=True, slots=True)
class Patience:
    """`seconds` for all servers together, whatever they and the lookup of their names do. `silent`: how many ticks in a
    row got no answer."""

    silent: int

    @property
    def is_long(self) -> bool:
        return self.silent % LONG_EVERY == 1

    @property
    def seconds(self) -> float:
        return 5.0 if self.is_long else 0.8

    @property
    def limits(self) -> Limits:
        """One try: the next tick is the next one. Long patience has room for two silent servers."""
        step = 2.4 if self.is_long else 0.6
        return Limits(connect=step, silence=step, total=self.seconds, tries=1)

    def answered(self) -> Patience:
        """For the next tick: a server that was heard by long patience alone needs it again."""
        return Patience(1 if self.is_long else 0)

    def unanswered(self) -> Patience:
        return Patience(self.silent + 1)


def within(seconds: float, work: Callable[[], T]) -> T:
    """What `work` gives or raises; `NetworkUnavailable` if that takes longer. It then goes on unheard in a thread.

    A thread, because nothing else bounds a name server that is silent, or a name with many addresses.
    """
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True, name="updates")
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not results:
        raise NetworkUnavailable(f"no answer within {seconds:g} s; the next tick asks again")
    return results[0]
