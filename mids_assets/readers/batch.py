"""What comes out of decoding a byte range: rows and failures, nothing dropped without one of both.

Does not belong here: decoding.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

_PAYLOAD_LIMIT = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Failure:
    """A record that is no row. `position` counts records of the file from 0, `offset` bytes of the file.

    `path` is the canonical field such as `effects[3].scale` (empty = the record as a whole), `rule` one of syntax,
    encoding, text, type, range, missing, duplicate, parallel. `payload` is the record as it stands in the file, cut
    after 4 MiB; bytes that are no UTF-8 are written \\xNN. Text between two records that is no object is a failure
    of rule `syntax` at the position of the record that follows it.
    """

    position: int
    offset: int
    path: str
    rule: str
    message: str
    payload: str


@dataclass(frozen=True, slots=True)
class Batch:
    """`frame`: source_position and source_offset (Int64), `columnar.frame_schema` of the record, and extra (String,
    see `readers.json_extra`), in file order.

    `unknown` counts the values under keys that the alias table does not know, by path ('effects[].Foo'); their
    records are good.
    `nul_texts` counts, by path ('effects[].reward'), the texts of good records that hold NUL characters: whoever
    writes to PostgreSQL, which cannot store them, has to replace them and to say so.
    """

    frame: pl.DataFrame
    failures: list[Failure]
    unknown: dict[str, int]
    nul_texts: dict[str, int]
    records: int
    """Objects found: rows plus failures, without the failures for text between records."""
    files: Mapping[int, str] = field(default_factory=dict)
    """Position of a record -> the source's file that it is from, where each has one of its own."""


def payload(data: bytes, start: int, end: int) -> str:
    """A record as it stands in the file, cut after 4 MiB; bytes that are no UTF-8 are written \\xNN."""
    return data[start : min(end, start + _PAYLOAD_LIMIT)].decode(errors="backslashreplace")
