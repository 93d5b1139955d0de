"""How many records of an entity are set aside, and when that is too many.

Loads nothing that is slow, since `mids status` asks as well. Does not belong here: counting them in a build
(`transform.quarantine_limit`) or in the database (`warehouse.set_aside`).
"""

from __future__ import annotations

from dataclasses import dataclass

RULE = "quarantine_share"
LEAST = 20
"""Fewer records block nothing, whatever their share."""


@dataclass(frozen=True, slots=True)
class SetAside:
    """Of one entity: records in the source, and those in quarantine that no rule of the format expects."""

    processed: int
    unexpected: int

    @property
    def share(self) -> float:
        return self.unexpected / max(self.processed, self.unexpected, 1)

    def exceeds(self, share: float) -> bool:
        return self.unexpected >= LEAST and self.share > share
