"""The smallest pieces of the binary formats: text length, f32 as its shortest decimal, .NET dates, sizes.

Shared by the fast reader, the exact reader and the writer. Does not belong here: walking a layout, errors with a
place (the exact reader makes those).
"""

from __future__ import annotations

import math
import struct
from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np

from mids_assets.readers.layout import Field, Layout, Wire

SIZES: dict[Wire, int] = {"i32": 4, "i64": 8, "f32": 4, "f64": 8, "bool": 1, "datetime": 8}
"""Bytes of each fixed-width wire type."""
FORMATS: dict[Wire, str] = {"i32": "i", "i64": "q", "f32": "I", "f64": "d", "bool": "?", "datetime": "q"}
"""`struct` code of each when read. An f32 is taken as its bits, so that -0.0 and 0.0 stay apart in a cache."""

_MOST_CACHED = 100_000
_TICKS = (1 << 62) - 1
_EPOCH = datetime(1, 1, 1, tzinfo=UTC)
_LAST_TICK = 3_155_378_975_999_999_999


class ShortFloats(dict[int, float]):
    """f32 bits -> the float of the shortest decimal that reads back as the same f32 (0.3, not 0.30000001192).

    A cache of bounded size: game data holds few distinct numbers. `odd` turns true when a NaN or an infinity is met.
    """

    odd = False

    def __missing__(self, bits: int) -> float:
        exact = struct.unpack("<f", struct.pack("<I", bits))[0]
        if not math.isfinite(exact):
            self.odd = True
            return exact
        if len(self) >= _MOST_CACHED:
            self.clear()
        short = self[bits] = float(str(np.float32(exact)))
        return short


class Texts(dict[bytes, str]):
    """UTF-8 bytes -> text; short texts, which repeat a lot, are kept for a while, so that equal ones are one object."""

    def __missing__(self, raw: bytes) -> str:
        text = raw.decode()
        if len(raw) <= 64:
            if len(self) >= _MOST_CACHED:
                self.clear()
            self[raw] = text
        return text


def text_prefix(size: int) -> bytes:
    """The unsigned LEB128 length in front of a text of `size` bytes."""
    out = bytearray()
    while size > 127:
        out.append(size & 127 | 128)
        size >>= 7
    out.append(size)
    return bytes(out)


def from_net_date(stored: int) -> datetime | None:
    """The moment of a .NET DateTime.ToBinary value, in UTC to the microsecond; None for zero ticks (never set).

    Local kinds hold ticks that are already UTC; an unspecified kind is taken as UTC. ValueError past year 9999.
    """
    ticks = stored & _TICKS
    if ticks > _LAST_TICK:
        raise ValueError(f"{stored} is no .NET date")
    return _EPOCH + timedelta(microseconds=ticks // 10) if ticks else None


def to_net_date(moment: datetime | None) -> int:
    """The value that .NET writes for a moment in UTC (kind UTC); 0 for None."""
    if moment is None:
        return 0
    since = moment.astimezone(UTC) - _EPOCH
    ticks = (since.days * 86_400 + since.seconds) * 10_000_000 + since.microseconds * 10
    return ticks | 1 << 62


@cache
def least_size(layout: Layout, record: str) -> int:
    """The fewest bytes that one record can take: what a count may at most claim."""
    return sum(least_field_size(layout, field) for field in layout[record])


def least_field_size(layout: Layout, field: Field) -> int:
    if field.when is not None or field.optional_at_end:
        return 0
    if field.wire == "record":
        return least_size(layout, str(field.record))
    if field.wire == "array":
        return field.count * least_item_size(layout, field) if isinstance(field.count, int) else 4
    return SIZES.get(field.wire, 1)


def least_item_size(layout: Layout, field: Field) -> int:
    if field.item == "record":
        return least_size(layout, str(field.record))
    return SIZES.get(field.item or "string", 1)
