"""What ijson may be given: a stream without byte order mark and without numbers that crash its C parser.

Python refuses to make an integer of more than 4,300 digits; ijson 3.6 then goes on with the error pending, and ends in
SystemError or a segmentation fault (found by `make fuzz`).
Does not belong here: parsing, and JSON that is read whole.
"""

from __future__ import annotations

import re
from typing import IO

from mids_assets.readers.json_structure import BOM

_MOST_DIGITS = 1000
_TOO_LONG = re.compile(rb"\d{%d}" % (_MOST_DIGITS + 1))


class NumberTooLong(ValueError):
    """More digits in a row than any number has."""


class JsonStream:
    """`stream` for ijson. Raises `NumberTooLong` in place of the block that holds one."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._head = stream.read(len(BOM)).removeprefix(BOM)
        self._tail = b""

    def read(self, size: int = -1) -> bytes:
        if self._head and size:
            block, self._head = self._head, b""
        else:
            block = self._stream.read(size)
        seen = self._tail + block
        if _TOO_LONG.search(seen):
            raise NumberTooLong(f"a number of more than {_MOST_DIGITS:,} digits")
        self._tail = seen[-_MOST_DIGITS:]
        return block
