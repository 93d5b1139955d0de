"""The number under which PostgreSQL knows an advisory lock of ours.

Does not belong here: taking such locks (connection.py for realms, migrations/applying.py for schemas).
"""

from __future__ import annotations

import zlib


def lock_key(name: str) -> int:
    """Second key of the advisory lock: a signed 32-bit number that every version and machine computes alike."""
    number = zlib.crc32(name.encode())
    return number - (1 << 32) if number >= 1 << 31 else number
