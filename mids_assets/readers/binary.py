"""Whole binary files: find the layout that fits and hand out its records, in one go or in batches.

Nothing in a file names its layout, so layouts are tried, newest first; the one that consumes every byte is the
right one. Where none does, the error is the one of the layout that got furthest.
Does not belong here: reading single values (`binary_fast`, `binary_exact`), writing (`binary_write`), and what
the records mean (`i12`, `items`).
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath
from typing import TypeVar

from mids_assets.errors import FormatError
from mids_assets.readers.binary_exact import ExactReader
from mids_assets.readers.binary_fast import FAILURES, record_readers
from mids_assets.readers.layout import Field, Layout
from mids_assets.readers.wire import ShortFloats, Texts

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A whole file: `value` is the root record as a tuple in the field order of `layout[layout.root]`."""

    layout: Layout
    value: tuple


@dataclass(frozen=True, slots=True)
class Part:
    """One field of the root record, or a batch of the records of a root array.

    For an array of records `value` is a list of tuples, `first` the position of the first of them in the array,
    `count` the length of the whole array, and `starts` their byte offsets plus the offset behind the last.
    """

    field: Field
    value: object
    first: int = 0
    count: int = 0
    starts: Sequence[int] = ()
    has_odd_floats: bool = False


def decode(data: bytes | memoryview, layouts: Sequence[Layout], *, file: str | PurePath | None = None) -> Decoded:
    """Read `data` with the one of `layouts` (tried in order) that consumes every byte; else `FormatError`."""
    raw = bytes(data)
    with paused_gc():
        return first_fit(raw, layouts, file, lambda layout: Decoded(layout, _collect(scan(raw, layout, file=file))))


def find_layout(data: bytes | memoryview, layouts: Sequence[Layout], *, file: str | PurePath | None = None) -> Layout:
    """Like `decode`, but keeps nothing: the whole file is checked in little memory."""
    raw = bytes(data)

    def consume(layout: Layout) -> Layout:
        for _ in scan(raw, layout, file=file, batch=1000):
            pass
        return layout

    return first_fit(raw, layouts, file, consume)


def first_fit(data: bytes, layouts: Sequence[Layout], file: str | PurePath | None, use: Callable[[Layout], T]) -> T:
    """`use` of the first layout on which it raises no `FormatError`; else the error that lies furthest in."""
    refuse_foreign(data, file)
    fitting = [layout for layout in layouts if not layout.magics or begins_with_magic(data, layout)]
    if not fitting:
        raise _unknown_magic(data, layouts, file)
    errors: list[tuple[int, FormatError, Layout]] = []
    for layout in fitting:
        try:
            return use(layout)
        except FormatError as error:
            errors.append((error.offset or 0, error, layout))
    _, error, layout = max(errors, key=lambda entry: entry[0])
    raise FormatError(
        f"{error.message} (read as {layout.kind} layout {layout.id}, of {len(fitting)} the one that got furthest)"
        if len(fitting) > 1
        else error.message,
        file=error.file,
        offset=error.offset,
        record=error.record,
        field=error.field,
    ) from None


def scan(
    data: bytes, layout: Layout, *, file: str | PurePath | None = None, batch: int | None = None
) -> Iterator[Part]:
    """The fields of the root record in file order; arrays of records in batches of at most `batch` records.

    An empty array gives one part without rows. Raises `FormatError` at the first byte that does not fit, and at
    the end if bytes are left over.
    """
    name = None if file is None else str(file)
    floats = ShortFloats()
    readers = record_readers(data, layout, floats, Texts())
    exact = ExactReader(data, layout, file=name)
    exact.floats = floats
    earlier: dict[str, object] = {}
    for field in layout[layout.root]:
        if field.wire != "array" or field.item != "record" or field.when is not None or field.optional_at_end:
            earlier[field.name] = exact.field(field, None, earlier)
            yield Part(field, earlier[field.name])
            continue
        count = exact.count(field, None)
        record, read, done = str(field.record), readers[str(field.record)], 0
        while True:
            stop = count if batch is None else min(count, done + batch)
            rows: list[tuple] = []
            starts: list[int] = []
            with paused_gc():
                for index in range(done, stop):
                    start = exact.pos
                    starts.append(start)
                    try:
                        row, exact.pos = read(start)
                    except FAILURES:
                        row = None
                    if row is None or exact.pos > len(data):
                        exact.pos = start
                        row = exact.record(record, f"{record} {index}")
                    rows.append(row)
            starts.append(exact.pos)
            yield Part(field, rows, done, count, starts, floats.odd)
            done = stop
            if done == count:
                break
    if exact.pos != len(data):
        raise FormatError(
            f"the file should end here, but {len(data) - exact.pos} bytes are left over", file=name, offset=exact.pos
        )


def begins_with_magic(data: bytes, layout: Layout) -> bool:
    """Whether the first text of a file is one of the magics of the layout."""
    return any(data.startswith(bytes([len(magic)]) + magic.encode()) for magic in layout.magics)


def refuse_foreign(data: bytes, file: str | PurePath | None) -> None:
    """`FormatError` for what people save by mistake: nothing at all, or a web page."""
    if not data:
        raise FormatError("the file is empty", file=file, offset=0)
    if is_web_page(data):
        raise FormatError("this is a web page, saved instead of the file itself", file=file, offset=0)


def is_web_page(data: bytes) -> bool:
    start = data[:512].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return start.startswith((b"<!doctype html", b"<html", b"<head", b"<body"))


@contextmanager
def paused_gc() -> Iterator[None]:
    """No garbage collection inside: it would walk millions of new tuples again and again and find nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _collect(parts: Iterator[Part]) -> tuple:
    return tuple([part.value for part in parts])


def _unknown_magic(data: bytes, layouts: Sequence[Layout], file: str | PurePath | None) -> FormatError:
    known = " or ".join(dict.fromkeys(repr(magic) for layout in layouts for magic in layout.magics))
    start = data[1:41] if data[0] < 128 else data[:40]
    return FormatError(
        f"magic {known} expected, the file begins with {start.decode('ascii', 'replace')!r}",
        file=file,
        offset=0,
        field="magic",
    )


__all__ = [
    "Decoded",
    "Part",
    "begins_with_magic",
    "decode",
    "find_layout",
    "first_fit",
    "is_web_page",
    "paused_gc",
    "refuse_foreign",
    "scan",
]
