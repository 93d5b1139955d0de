"""What a target is.

Does not belong here: the targets themselves (`targets_*`), the damage (`mutations`), how a run goes (`cases`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from mids_assets_tests.fuzz.mutations import mutate


class Wrong(Exception):
    """A reader was content with bytes that it misread."""


@dataclass
class Target:
    """`seeds` are sound inputs; `read` comes back, raises `MidsError`, or has found a fault; `damage` makes an input
    of a seed and of all seeds."""

    name: str
    seeds: Sequence[bytes]
    read: Callable[[bytes], object]
    damage: Callable[[Random, bytes, Sequence[bytes]], bytes] = field(default=mutate)

    def case(self, seed: int, number: int) -> bytes:
        """The input of a case: the same for the same seed, target and number."""
        random = Random(f"{seed}/{self.name}/{number}")
        return self.damage(random, random.choice(self.seeds), self.seeds)
