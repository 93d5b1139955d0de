"""One pass over a binary file under one layout: its fields in file order, arrays of records in batches.

The fast reader reads; where it refuses, the exact one says why. Memory does not grow with the file.
Does not belong here: which layout a file has (`binary`), what becomes of a record (`Make` functions).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from mids_assets.errors import FormatError
from mids_assets.readers.binary_exact import ExactReader
from mids_assets.readers.binary_fast import FAILURES, Make, ReadRecord, record_readers, tuples
from mids_assets.readers.binary_window import Digest, Source, Window
from mids_assets.readers.gc_pause import paused_gc
from mids_assets.readers.layout import Field, Layout
from mids_assets.readers.wire import ShortFloats, Texts

_BATCH_BYTES = 1024 * 1024
"""A batch ends with the record that goes beyond this."""


@dataclass(frozen=True, slots=True)
class Part:
    """One field of the root record, or a batch of the records of a root array.

    For an array of records `value` is a list, `first` the position of the first of them in the array, `count` the
    length of the whole array, and `starts` their byte offsets plus the offset behind the last. `has_odd_floats`:
    a NaN or an infinity is among the values of the batch.
    """

    field: Field
    value: object
    first: int = 0
    count: int = 0
    starts: Sequence[int] = ()
    has_odd_floats: bool = False


def scan(
    source: Source,
    layout: Layout,
    *,
    file: str | PurePath | None = None,
    batch: int | None = None,
    make: Make = tuples,
    digest: Digest | None = None,
) -> Iterator[Part]:
    """The fields of the root record in file order; arrays of records in batches of at most `batch` records.

    An empty array gives one part without rows. `digest` is fed with the bytes that are parsed, all of them by the
    end. Raises `FormatError` at the first byte that does not fit, and at the end if bytes are left over;
    `SourceError` if the file is written to meanwhile.
    """
    with Window(source, digest) as window:
        records = Records(window, layout, file=file, make=make)
        exact = records.exact
        earlier: dict[str, object] = {}
        for field in layout[layout.root]:
            if not is_streamed(field):
                earlier[field.name] = exact.field(field, None, earlier)
                yield Part(field, earlier[field.name])
                continue
            count, done = exact.count(field, None), 0
            while True:
                stop = count if batch is None else min(count, done + batch)
                records.floats.odd = False
                rows, starts = records.read(str(field.record), done, stop, None if batch is None else _BATCH_BYTES)
                yield Part(field, rows, done, count, starts, records.floats.odd)
                done += len(rows)
                if done == count:
                    break
        if exact.pos != window.size:
            raise FormatError(
                f"the file should end here, but {window.size - exact.pos} bytes are left over",
                file=exact.file,
                offset=exact.pos,
            )
        window.finish()


def is_streamed(field: Field) -> bool:
    """Whether a field of the root record is an array that comes in batches."""
    return field.wire == "array" and field.item == "record" and field.when is None and not field.optional_at_end


class Records:
    """Records one after the other, at the position of `exact`."""

    def __init__(
        self, window: Window, layout: Layout, *, file: str | PurePath | None = None, make: Make = tuples
    ) -> None:
        self.window = window
        self.layout = layout
        self.floats = ShortFloats()
        self.exact = ExactReader(window, layout, file=None if file is None else str(file))
        self.exact.floats = self.floats
        self._texts = Texts()
        self._make = make
        self._readers: dict[str, ReadRecord] = {}
        self._base = self._loaded = -1

    def read(self, record: str, first: int, stop: int, enough: int | None = None) -> tuple[list, list[int]]:
        """The records `first` to `stop` of an array, or fewer once they have more than `enough` bytes; their starts.

        The offset behind the last record is one start more.
        """
        rows: list = []
        starts: list[int] = []
        self._bind()
        begin = pos = self.exact.pos
        read, base, loaded = self._readers[record], self._base, self._loaded
        with paused_gc():
            for index in range(first, stop):
                if enough is not None and pos - begin > enough:
                    break
                starts.append(pos)
                try:
                    row, end = read(pos - base)
                except FAILURES:
                    row, end = None, -1
                if row is None or end > loaded:
                    row, end = self._read_again(record, index, pos)
                    read, base, loaded = self._readers[record], self._base, self._loaded
                rows.append(row)
                pos = base + end
        starts.append(pos)
        self.exact.pos = pos
        return rows, starts

    def _bind(self) -> None:
        """Readers over what is loaded now; the first call compiles them."""
        window = self.window
        if (self._base, self._loaded) == (window.start, len(window.data)):
            return
        self._base, self._loaded = window.start, len(window.data)
        self._readers = record_readers(
            window.data, self.layout, self.floats, self._texts, end=window.size - window.start, make=self._make
        )

    def _read_again(self, record: str, index: int, pos: int) -> tuple[object, int]:
        """A record that crosses the end of the window, or is broken: then the exact reader raises `FormatError`."""
        if self.window.end < self.window.size:
            self.window.forward(pos)
            self._bind()
            try:
                row, end = self._readers[record](0)
                if end <= self._loaded:
                    return row, end
            except FAILURES:
                pass
        self.exact.pos = pos
        self.exact.record(record, f"{record} {index}")
        # Sound, and longer than a window: the exact reader has made the window as long as the record.
        self._bind()
        return self._readers[record](pos - self._base)
