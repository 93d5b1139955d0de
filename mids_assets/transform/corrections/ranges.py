"""Which releases a correction holds for: from and to, each a date or a version, both ends included.

Does not belong here: the order of releases in the register, which is the same (`warehouse.register`).
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_VERSION = re.compile(r"\d+(\.\d+){1,3}")


def is_bound(text: str) -> bool:
    """Whether a text is a date (2022-09-29) or a version (2022.9.29)."""
    if _VERSION.fullmatch(text):
        return True
    try:
        return bool(_DATE.fullmatch(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def holds(since: str | None, until: str | None, *, version: str | None, moment: datetime | None) -> bool:
    """Whether a release lies between two bounds; None is no bound.

    A release that states no date, or no version, comes before every one that does. Versions compare as in .NET:
    number by number, and a part that is not given is less than 0.
    """
    return (since is None or _compare(since, version, moment) >= 0) and (
        until is None or _compare(until, version, moment) <= 0
    )


def _compare(bound: str, version: str | None, moment: datetime | None) -> int:
    """-1, 0 or 1: where the release lies beside the bound."""
    if _DATE.fullmatch(bound):
        if moment is None:
            return -1
        day = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).date()
        return _sign(day, date.fromisoformat(bound))
    return _sign(_parts(version or ""), _parts(bound))


def _parts(version: str) -> tuple[int, ...]:
    parts = [int(part) for part in re.findall(r"\d+", version)][:4]
    return tuple(parts + [-1] * (4 - len(parts)))


def _sign(one, other) -> int:
    return (one > other) - (one < other)
