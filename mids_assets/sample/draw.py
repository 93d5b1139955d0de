"""Numbers that follow from a key and nothing else.

`random.Random` is not used: its sequences for ranges and choices have changed between Python versions, and
seeding one per power costs more than making the power. Does not belong here: anything that knows the game.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
_MASK = (1 << 64) - 1


class Draw:
    """A stream of pseudo-random integers (splitmix64) that depends only on the integers of `key`."""

    __slots__ = ("_state",)

    def __init__(self, *key: int) -> None:
        self._state = 0
        for part in key:
            self._state = (self._next() ^ part) & _MASK

    def _next(self) -> int:
        self._state = state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
        return state ^ (state >> 31)

    def below(self, n: int) -> int:
        """0 .. n - 1."""
        return self._next() % n

    def pick(self, items: Sequence[T]) -> T:
        return items[self._next() % len(items)]

    def percent(self, chance: int) -> bool:
        return self._next() % 100 < chance

    def decimal(self, low: float, high: float, places: int = 2) -> float:
        """A number with at most `places` decimals in [low, high]: short enough to survive a trip through f32."""
        unit = 10**places
        first, last = round(low * unit), round(high * unit)
        return (first + self._next() % (last - first + 1)) / unit
