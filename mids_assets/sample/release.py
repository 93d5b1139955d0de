"""A sample release as a description from which its records can be drawn, again and again.

Does not belong here: records themselves (one module per kind) and files (`files`).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from mids_assets.errors import UserError
from mids_assets.sample import classes, enhancements, powers, recipes, structure
from mids_assets.sample.blank import Record
from mids_assets.sample.draw import Draw
from mids_assets.sample.plan import MINIMUM, Plan
from mids_assets.settings import realm_name

MAXIMUM = 2_000_000
LAST_SEED = 1_000_000
"""The seed is the day of the header's date and the last part of the version."""


class Records(Iterable[Record]):
    """Records that are made while they are iterated, every time from the start; `len` is known beforehand."""

    def __init__(self, count: int, make: Callable[[], Iterator[Record]]) -> None:
        self._count = count
        self._make = make

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Record]:
        return self._make()


@dataclass(frozen=True)
class SampleRelease:
    """Records have the canonical names of `readers.layouts` and every stored field; dates are .NET integers.

    Lists of powersets, powers and entities are `Records`; everything else is small and made once.
    """

    power_count: int
    seed: int
    realm: str

    @cached_property
    def plan(self) -> Plan:
        return Plan(self.power_count)

    @property
    def realm_number(self) -> int:
        return zlib.crc32(self.realm.encode())

    @property
    def version(self) -> str:
        return str(self.header["version"])

    @property
    def header(self) -> Record:
        return structure.header(self.seed)

    @cached_property
    def archetypes(self) -> list[Record]:
        return classes.archetypes(Draw(self.seed, self.realm_number, 1 << 44))

    @property
    def powersets(self) -> Records:
        return Records(len(self.plan.sets), lambda: structure.powersets(self.plan))

    @property
    def powers(self) -> Records:
        return Records(self.power_count, lambda: powers.powers(self.plan, self.seed, self.realm_number))

    @property
    def entities(self) -> Records:
        return Records(self.plan.entities, lambda: structure.entities(self.plan))

    @cached_property
    def enhdb(self) -> Record:
        """The root record of EnhDB.mhd: `enhancements` and `sets` besides its head."""
        return enhancements.enhdb(self.plan, self.seed, self.realm_number, self.realm)

    @cached_property
    def recipes(self) -> Record:
        """The root record of Recipe.mhd."""
        return recipes.recipes(self.plan, self.seed, self.realm_number, self.realm)

    @cached_property
    def salvage(self) -> Record:
        """The root record of Salvage.mhd."""
        return recipes.salvage()


def generate(powers: int = 300, seed: int = 1, realm: str = "homecoming") -> SampleRelease:
    """Describe a sample release. `UserError` for a size, seed or realm that cannot be.

    The same arguments give the same records everywhere. Another seed is another issue of the same made-up game: the
    names stay, the numbers change. Another realm edits the numbers in its own way and shows that realm's oddities.
    """
    if not MINIMUM <= powers <= MAXIMUM:
        raise UserError(f"a sample has {MINIMUM} to {MAXIMUM} powers, not {powers}: give --powers in that range")
    if not 0 <= seed <= LAST_SEED:
        raise UserError(f"the seed is a number from 0 to {LAST_SEED}, not {seed}: give --seed in that range")
    return SampleRelease(powers, seed, realm_name(realm))
