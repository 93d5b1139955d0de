"""A binary file read and written again in its own layout: for an export, and the proof that nothing gets lost.

What comes out are the bytes that went in, unless a NaN carries bits that a float of Python does not keep.
Does not belong here: reading (`binary`), writing (`binary_write`), conversion between layouts.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import BinaryIO

from mids_assets.readers.binary import Part, find_layout, scan
from mids_assets.readers.binary_rows import row_to_dict, rows_to_dicts
from mids_assets.readers.binary_write import write_stream
from mids_assets.readers.layout import Layout

_BATCH = 500


def rewrite(data: bytes, layouts: Sequence[Layout], out: BinaryIO, *, file: str | PurePath | None = None) -> Layout:
    """Write `data` to the seekable `out`, in the layout it has; `FormatError` where none of `layouts` fits.

    Arrays of records pass in batches, so memory does not grow with the file.
    """
    layout = find_layout(data, layouts, file=file)
    write_stream(out, layout, _Fields(layout, scan(data, layout, file=file, batch=_BATCH)))
    return layout


def rewritten(data: bytes, layouts: Sequence[Layout]) -> bytes:
    """Like `rewrite`, into memory."""
    out = io.BytesIO()
    rewrite(data, layouts, out)
    return out.getvalue()


class _Fields(Mapping[str, object]):
    """The root record of a scan that is under way; the writer asks for the fields in the order of the scan."""

    def __init__(self, layout: Layout, parts: Iterator[Part]) -> None:
        self._layout = layout
        self._parts = parts
        self._known: dict[str, object] = {}

    def __getitem__(self, name: str) -> object:
        if name not in self._known:
            self._known[name] = self._next(name)
        return self._known[name]

    def __contains__(self, name: object) -> bool:
        return any(field.name == name for field in self._layout[self._layout.root])

    def __iter__(self) -> Iterator[str]:
        return (field.name for field in self._layout[self._layout.root])

    def __len__(self) -> int:
        return len(self._layout[self._layout.root].fields)

    def _next(self, name: str) -> object:
        part = next(part for part in self._parts if part.field.name == name)
        record = part.field.record
        if record is None or part.value is None:
            return part.value
        if part.field.wire == "record" and isinstance(part.value, tuple):
            return row_to_dict(self._layout, record, part.value)
        if not part.starts and isinstance(part.value, list):
            return rows_to_dicts(self._layout, record, part.value)
        return self._records(part, record)

    def _records(self, part: Part, record: str) -> Iterator[dict]:
        while isinstance(part.value, list):
            yield from rows_to_dicts(self._layout, record, part.value)
            if part.first + len(part.value) == part.count:
                return
            part = next(self._parts)
