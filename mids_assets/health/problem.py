"""A standing problem of a realm, as everybody who lists problems sees it.

Does not belong here: finding problems (problems.py).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

Severity = Literal["broken", "warn"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that stays wrong until somebody, or the next import, puts it right.

    `key` is the same for as long as it is the same problem: its kind, a colon, and what it is about. `what` and
    `what_to_do` are sentences that do not change with the passing of time. `since`: aware, in UTC, where it is known.
    """

    realm: str
    key: str
    severity: Severity
    what: str
    what_to_do: str
    since: datetime | None = None

    @property
    def kind(self) -> str:
        """The part of the key that says which check found it."""
        return self.key.partition(":")[0]

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"since": self.since.isoformat() if self.since else None}
