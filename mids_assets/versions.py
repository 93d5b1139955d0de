"""Versions of databases and programs, read and compared as .NET's System.Version does.

Source: formats updates.md 4. Does not belong here: the order of releases, which goes by date first
(`transform.diff.order`).
"""

from __future__ import annotations

import re

_EXACT = re.compile(r"[0-9]{1,10}(\.[0-9]{1,10}){1,3}")
_MOST = 2**31 - 1
Version = tuple[int, int, int, int]


def version_key(text: str | None) -> Version:
    """The numbers of any text as something to sort by: 1.2 < 1.2.0, 20.9 < 20.10, and no number before all others."""
    return _padded([int(part) for part in re.findall(r"\d+", text or "")][:4])


def parse_version(text: str | None) -> Version | None:
    """The same for what .NET takes for a version: 2 to 4 numbers below 2^31 with points between. None for all else."""
    text = (text or "").strip()
    if not _EXACT.fullmatch(text):
        return None
    parts = [int(part) for part in text.split(".")]
    return _padded(parts) if max(parts) <= _MOST else None


def _padded(parts: list[int]) -> Version:
    first, second, third, fourth = parts + [-1] * (4 - len(parts))
    return first, second, third, fourth
