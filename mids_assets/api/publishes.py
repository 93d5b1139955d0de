"""What readers see of a realm at one time, and the number by which every answer and every key of a cache names it.

Does not belong here: finding it out (freshness.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Publish:
    """One publish. `number`: when it was, in microseconds since 1970, so that a later one has a greater number."""

    realm: str
    number: int
    release: str
    version: str | None
    published_at: datetime
