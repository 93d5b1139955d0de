"""Records of a binary file as JSON: an array, one record a line, written while the file is read.

The reader makes each record an object that is encoded without a dict in between (half the time of the whole).
Does not belong here: which records a file has (`i12`, `items`), dicts for other uses (`binary_rows`).
"""

from __future__ import annotations

import hashlib
import math
from array import array
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from mids_assets.readers.binary_fast import Make
from mids_assets.readers.layout import Family, Layout
from mids_assets.readers.upgrade import newest_values


@cache
def newest_structs(family: Family) -> Make:
    """Records are read as `msgspec.Struct` with the fields of `family.newest`, whatever their layout; no markers."""

    def make(layout: Layout, record: str, values: Mapping[str, str]) -> tuple[str, Mapping[str, object]]:
        new = newest_values(family, layout, record, values)
        constants = {field.name for field in layout[record] if field.const is not None}
        kept = {name: value for name, value in new.items() if name not in constants}
        # Without cycles in them, they need no place in the lists of the garbage collector.
        struct = msgspec.defstruct(record, list(kept), gc=False)
        return f"Make_{record}({', '.join(kept.values())})", {f"Make_{record}": struct}

    return make


class JsonArray:
    """A JSON array in a file that gets its name by `publish`; until then, or after `discard`, there is no such file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.bytes = 0
        self._starts = array("q")
        self._part = path.with_name(path.name + ".part")
        self._out = self._part.open("wb")
        self._hash = hashlib.sha256()
        self._encode = msgspec.json.Encoder().encode_into
        self._put(b"[")

    def write(self, records: Sequence[msgspec.Struct], *, has_odd_floats: bool) -> None:
        """Append records. A NaN or an infinity, which JSON cannot hold, becomes a text."""
        text = bytearray()
        encode, starts, size = self._encode, self._starts, self.bytes
        for record in records:
            text += b",\n" if starts else b"\n"
            starts.append(size + len(text))
            encode(finite(msgspec.to_builtins(record)) if has_odd_floats else record, text, -1)
        self._put(text)

    def end(self) -> None:
        self._put(b"\n]\n")
        self._out.close()

    def publish(self) -> None:
        self._part.replace(self.path)

    def discard(self) -> None:
        self._out.close()
        self._part.unlink(missing_ok=True)

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    @property
    def starts(self) -> np.ndarray:
        """int64: byte offset of each record in the file."""
        return np.array(self._starts, np.int64)

    def _put(self, data: bytes | bytearray) -> None:
        self._out.write(data)
        self._hash.update(data)
        self.bytes += len(data)


def finite(value: Any) -> Any:
    """The same value with each NaN or infinity, which JSON cannot hold, as text."""
    if isinstance(value, Mapping):
        return {key: finite(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [finite(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value
