"""Which layout a binary file has, and whole files in one go.

Nothing in a file names its layout, so layouts are tried; one that does not fit is given up at its first impossible
value. Where none fits, the error is the one of the layout that got furthest.
Does not belong here: the pass over a file (`binary_scan`), reading single values (`binary_fast`, `binary_exact`),
writing (`binary_write`), and what the records mean (`i12`, `items`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TypeVar

from mids_assets.errors import FormatError
from mids_assets.readers.binary_scan import Part, Records, is_streamed, scan
from mids_assets.readers.binary_window import Source, Window
from mids_assets.readers.gc_pause import paused_gc
from mids_assets.readers.layout import Layout, layout_fingerprint

T = TypeVar("T")
_HEAD = 512
_GLANCE = 64 * 1024
"""Bytes that are read at a time where most layouts end soon."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A whole file: `value` is the root record as a tuple in the field order of `layout[layout.root]`."""

    layout: Layout
    value: tuple
    has_odd_floats: bool
    """A NaN or an infinity is among the values of the arrays of records."""


def decode(data: bytes | memoryview, layouts: Sequence[Layout], *, file: str | PurePath | None = None) -> Decoded:
    """Read `data` with the one of `layouts` (tried in order) that consumes every byte; else `FormatError`."""
    raw = bytes(data)

    def collect(layout: Layout) -> Decoded:
        parts = list(scan(raw, layout, file=file))
        odd = any(part.has_odd_floats for part in parts)
        return Decoded(layout, tuple([part.value for part in parts]), odd)

    with paused_gc():
        return first_fit(raw, layouts, file, collect)


def find_layout(source: Source, layouts: Sequence[Layout], *, file: str | PurePath | None = None) -> Layout:
    """The first of `layouts` that consumes every byte: the whole file is checked in little memory."""

    def consume(layout: Layout) -> Layout:
        for _ in scan(source, layout, file=file, batch=1000):
            pass
        return layout

    return first_fit(source, layouts, file, consume)


def choose_layout(
    source: Source, layouts: Sequence[Layout], *, file: str | PurePath | None = None, records: int = 100
) -> Layout:
    """The layout that `find_layout` would find if it finds any, mostly from the beginning of the file alone.

    The beginning ends with the first `records` records of the first array in which the layouts differ. If one layout
    alone reads it, no other can read the whole file, and whoever reads on finds out whether this one does. If several
    do, the whole file decides; if none does, `FormatError`.
    """
    possible = _of_magic(source, layouts, file)
    if len(possible) == 1:
        return possible[0]
    until = _first_difference(possible)
    ends: dict[tuple[int, str], int] = {}
    fitting = []
    for layout in possible:
        try:
            _read_beginning(source, layout, until, records, ends)
        except FormatError:
            continue
        fitting.append(layout)
    return fitting[0] if len(fitting) == 1 else find_layout(source, fitting or layouts, file=file)


def _first_difference(layouts: Sequence[Layout]) -> str | None:
    """The first array of records that is not the same in all layouts."""
    for field in layouts[0][layouts[0].root]:
        if is_streamed(field) and len({layout_fingerprint(layout, str(field.record)) for layout in layouts}) > 1:
            return field.name
    return None


def _read_beginning(
    source: Source, layout: Layout, until: str | None, most: int, ends: dict[tuple[int, str], int]
) -> None:
    """`ends`: (start, fingerprint of the array) -> end, of arrays that another layout has read: layouts share most."""
    with Window(source, block=_GLANCE) as window:
        records = Records(window, layout)
        exact = records.exact
        earlier: dict[str, object] = {}
        for field in layout[layout.root]:
            if not is_streamed(field):
                earlier[field.name] = exact.field(field, None, earlier)
                continue
            known = (exact.pos, layout_fingerprint(layout, str(field.record)))
            count = exact.count(field, None)
            if field.name == until:
                # A wrong layout mostly ends at the first records, before a reader is compiled for it.
                few = min(count, most, 3)
                for index in range(few):
                    exact.record(str(field.record), f"{field.record} {index}")
                records.read(str(field.record), few, min(count, most))
                return
            if known in ends:
                window.forward(ends[known])
                exact.pos = ends[known]
                continue
            done = 0
            while done < count:
                done += len(records.read(str(field.record), done, min(count, done + 1000))[0])
            ends[known] = exact.pos


def first_fit(source: Source, layouts: Sequence[Layout], file: str | PurePath | None, use: Callable[[Layout], T]) -> T:
    """`use` of the first layout on which it raises no `FormatError`; else the error that lies furthest in."""
    fitting = _of_magic(source, layouts, file)
    errors: list[tuple[FormatError, Layout]] = []
    for layout in fitting:
        try:
            return use(layout)
        except FormatError as error:
            errors.append((error, layout))
    error, layout = max(errors, key=lambda entry: entry[0].offset or 0)
    raise read_as(error, layout, len(fitting)) from None


def read_as(error: FormatError, layout: Layout, tried: int) -> FormatError:
    """The error with the layout in its message, where more than one was tried."""
    if tried == 1:
        return error
    return FormatError(
        f"{error.message} (read as {layout.kind} layout {layout.id}, of {tried} the one that got furthest)",
        file=error.file,
        offset=error.offset,
        record=error.record,
        field=error.field,
    )


def _of_magic(source: Source, layouts: Sequence[Layout], file: str | PurePath | None) -> list[Layout]:
    """Those of `layouts` whose magic the file begins with; `FormatError` where there are none."""
    if isinstance(source, Path):
        with source.open("rb") as opened:
            head = opened.read(_HEAD)
    else:
        head = bytes(source[:_HEAD])
    refuse_foreign(head, file)
    fitting = [layout for layout in layouts if not layout.magics or begins_with_magic(head, layout)]
    if not fitting:
        raise _unknown_magic(head, layouts, file)
    return fitting


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
    "choose_layout",
    "decode",
    "find_layout",
    "first_fit",
    "is_web_page",
    "read_as",
    "refuse_foreign",
    "scan",
]
