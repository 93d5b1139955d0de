"""What a sample of a given size consists of: which powersets, with how many powers each, and who names whom.

A plan holds names and counts only (a few bytes per powerset, nothing per power), so that a sample of several
hundred thousand powers can be streamed. Does not belong here: the content of any record.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

from mids_assets.sample import names
from mids_assets.sample.classes import BRANCHING, ENHANCEMENT_CLASSES, PLAYABLE

SET_TYPES = {
    "primary": 1, "secondary": 2, "epic": 3, "inherent": 4, "pool": 5, "temp": 7, "pet": 8, "set_bonus": 9,
    "boost": 10, "incarnate": 11, "redirect": 12, "mob": 0,
}  # fmt: skip
_GROUPS = {"pool": "Pool", "epic": "EPIC", "pet": "Pets", "mob": "Sample_Foes", "redirect": "Redirects"}
_INCARNATE = ("Alpha", "Interface", "Lore")


class SetPlan(NamedTuple):
    """One powerset: its powers are those at `first` .. `first + size - 1` of the file."""

    kind: str
    full_name: str
    owner: int
    """Position of the owning archetype, -1 = shared."""
    ordinal: int
    first: int
    size: int

    def power(self, place: int) -> str:
        """Full name of the power at `place` inside the set."""
        if self.kind == "boost":
            return f"{self.full_name}.{self.full_name.partition('.')[2]}"
        return f"{self.full_name}.{names.power_name(self.kind, self.ordinal, place % self.size)}"


class Piece(NamedTuple):
    """One enhancement. `type_id` 1 normal, 2 invention, 3 special, 4 piece number `place` of set `set_ordinal`."""

    uid: str
    type_id: int
    class_position: int
    set_ordinal: int
    place: int


def _pieces(count: int) -> list[Piece]:
    classes = len(ENHANCEMENT_CLASSES)
    made = []
    for type_id, kind, amount in (
        (1, "Plain", min(classes, count // 6)),
        (2, "Worked", min(classes, count // 8)),
        (3, "Colossus", min(8, count // 12)),
    ):
        # Positions 3, 4 and 25 first: those are the rows whose id differs from position + 1.
        for place in range(amount):
            position = (3, 4, 25, *(p for p in range(classes) if p not in (3, 4, 25)))[place]
            made.append(Piece(f"{kind}_{ENHANCEMENT_CLASSES[position].class_id[:-6]}", type_id, position, -1, -1))
    ordinal = 0
    while len(made) < count:
        size = {1: 3, 2: 1}.get(ordinal, 6)
        for place in range(min(size, count - len(made))):
            made.append(Piece(f"{enhancement_set_uid(ordinal)}_{'ABCDEF'[place]}", 4, -1, ordinal, place))
        ordinal += 1
    return made


def enhancement_set_uid(ordinal: int) -> str:
    return f"{names.word(ordinal + 5)}_Regalia"


class Plan:
    """All names and counts of a sample of `powers` powers. `powers` must be at least `MINIMUM`."""

    def __init__(self, powers: int) -> None:
        self.powers = powers
        self.pieces = _pieces(min(1300, max(36, powers // 5)))
        self.sets: list[SetPlan] = []
        self._next_ordinal: dict[str, int] = {}
        self._size = 0
        self._fixed()
        self._fill()
        self._firsts = [entry.first for entry in self.sets]
        self.by_kind: dict[str, list[SetPlan]] = {}
        for entry in self.sets:
            self.by_kind.setdefault(entry.kind, []).append(entry)

    def _add(self, kind: str, size: int, owner: int = -1, full_name: str | None = None) -> None:
        ordinal = self._next_ordinal.get(kind, 0)
        self._next_ordinal[kind] = ordinal + 1
        if full_name is None:
            if kind == "primary":
                group = PLAYABLE[owner].primary_group
            elif kind == "secondary":
                group = PLAYABLE[owner].secondary_group
            elif kind == "incarnate":
                group = "Incarnate"
            else:
                group = _GROUPS[kind]
            full_name = f"{group}.{names.set_name(kind, ordinal)}"
        self.sets.append(SetPlan(kind, full_name, owner, ordinal, self._size, size))
        self._size += size

    def _fixed(self) -> None:
        for owner in range(len(PLAYABLE)):
            if owner == BRANCHING:
                for _ in range(3):
                    self._add("primary", 4, owner)
                for _ in range(2):
                    self._add("secondary", 4, owner)
            else:
                self._add("primary", 8, owner)
                self._add("secondary", 8, owner)
        for _ in range(2):
            self._add("pool", 5)
        for owner in (0, -1, -1):
            self._add("epic", 5, owner)
        self._add("inherent", 6, full_name="Inherent.Inherent")
        self._add("temp", 8, full_name="Temporary_Powers.Temporary_Powers")
        for slot in _INCARNATE:
            self._add("incarnate", 3, full_name=f"Incarnate.{slot}")
        for _ in range(5):
            self._add("pet", 2)
        self._add("redirect", 3)
        for owner in (5, 6):
            self._add("mob", 4, owner)
        self._add("set_bonus", min(1000, max(18, self.powers // 15)), full_name="Set_Bonus.Set_Bonus")
        # The last two enhancements have no power of their own: not every name resolves in real files either.
        for piece in self.pieces[:-2]:
            self._add("boost", 1, full_name=f"Boosts.{piece.uid}")

    def _fill(self) -> None:
        turn = 0
        while self._size < self.powers:
            kind, size = (
                ("primary", 9), ("secondary", 9), ("pet", 4), ("mob", 12), ("pool", 5), ("epic", 5),
            )[turn % 6]  # fmt: skip
            owner = {"primary": turn // 6 % BRANCHING, "secondary": turn // 6 % BRANCHING, "mob": 5 + turn % 3}
            self._add(kind, min(size, self.powers - self._size), owner.get(kind, -1))
            turn += 1

    def set_at(self, position: int) -> SetPlan:
        """The set of the power at `position` of the file."""
        return self.sets[bisect_right(self._firsts, position) - 1]

    def power_at(self, position: int) -> str:
        """Full name of the power at `position` of the file."""
        entry = self.set_at(position)
        return entry.power(position - entry.first)

    def entity_uid(self, number: int) -> str:
        """Uid of summoned entity `number`. Entity 0, the henchman, takes the first three sets of pets."""
        return self.by_kind["pet"][0 if number == 0 else number + 2].full_name.replace(".", "_")

    @property
    def entities(self) -> int:
        return len(self.by_kind["pet"]) - 2


MINIMUM = 240
"""Fewer powers leave no room for at least one of every kind of set."""
