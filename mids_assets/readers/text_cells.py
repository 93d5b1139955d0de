"""Lines and cells of the text files of a database folder: the rules that all of them share.

Does not belong here: the layout of any single file (`readers.text_tables`, `readers.text_power_names`).
Source: formats items.md 4.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import NoReturn

from mids_assets.errors import FormatError

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_INTEGER = re.compile(r"[+-]?\d{1,10}")
_LINE_END = re.compile(rb"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Row:
    """One line: `line` counts from 1, `offset` is its first byte, `cells` are cleaned."""

    line: int
    offset: int
    cells: tuple[str, ...]

    def cell(self, place: int) -> str:
        """The cell, or empty text behind the last one."""
        return self.cells[place] if place < len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of one file, with errors that name the place."""

    file: str | PurePath | None
    rows: list[Row]

    def fail(self, message: str, row: Row | None = None, field: str | None = None) -> NoReturn:
        raise FormatError(
            message,
            file=self.file,
            offset=row.offset if row else None,
            record=f"line {row.line}" if row else None,
            field=field,
        )

    def seek(self, rows: Iterator[Row], first: str) -> Row:
        """Skip to the line whose first cell is exactly `first`."""
        for row in rows:
            if row.cell(0) == first:
                return row
        self.fail(f"no line begins with {first!r}", self.rows[-1] if self.rows else None)

    def until_end(self, rows: Iterator[Row]) -> Iterator[Row]:
        """The rows before the one whose first cell is `End`; empty lines are left out."""
        last = None
        for row in rows:
            if row.cell(0) == "End":
                return
            last = row
            if any(row.cells):
                yield row
        self.fail("the closing line 'End' is missing: the file seems to be cut off", last)

    def take(self, rows: Iterator[Row], count: int, what: str) -> Iterator[Row]:
        """Exactly `count` rows; lines without a single character do not count."""
        seen = 0
        last = None
        while seen < count:
            last = row = next(rows, None)
            if row is None:
                self.fail(f"{what}: {count} rows are due, the file ends after {seen}", last)
            if row.cells != ("",):
                seen += 1
                yield row

    def integer(self, row: Row, place: int, field: str) -> int:
        text = row.cell(place).strip()
        if not _INTEGER.fullmatch(text) or not -(2**31) <= int(text) < 2**31:
            self.fail(f"{text!r} is no 32-bit integer", row, field)
        return int(text)

    def number(self, row: Row, place: int, field: str) -> float:
        text = row.cell(place).strip()
        if not _NUMBER.fullmatch(text) or float(text) in (float("inf"), float("-inf")):
            self.fail(f"{text!r} is no number", row, field)
        return float(text)

    def text(self, row: Row, place: int, field: str) -> str:
        """A cell that must not be empty."""
        found = row.cell(place)
        if not found:
            self.fail("the cell is empty", row, field)
        return found


def split_lines(data: bytes, file: str | PurePath | None) -> Iterator[tuple[int, int, str]]:
    """(line number from 1, byte offset, text) of every line; any line end, a byte order mark is dropped.

    Raises `FormatError` for a file without content and for bytes that are no UTF-8.
    """
    offset = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    if not data[offset:].strip():
        raise FormatError("the file is empty", file=file, offset=0)
    number = 1
    while offset <= len(data):
        end = _LINE_END.search(data, offset)
        stop = end.start() if end else len(data)
        try:
            text = data[offset:stop].decode()
        except UnicodeDecodeError as error:
            raise FormatError(
                "these bytes are no UTF-8 text", file=file, offset=offset + error.start, record=f"line {number}"
            ) from None
        yield number, offset, text
        if end is None:
            return
        number, offset = number + 1, end.end()


def read_cells(data: bytes, file: str | PurePath | None) -> Lines:
    """All lines of a tab file, split and cleaned."""
    return Lines(
        file,
        [
            Row(number, offset, tuple(clean(cell) for cell in text.split("\t")))
            for number, offset, text in split_lines(data, file)
        ],
    )


def clean(cell: str) -> str:
    """One leading apostrophe or space, one trailing space and all quotes are an artefact of the spreadsheet."""
    if cell[:1] in ("'", " "):
        cell = cell[1:]
    return cell.removesuffix(" ").replace('"', "")


def join_cells(rows: Iterable[Sequence[object]]) -> bytes:
    """The tab file of these rows. Raises ValueError for a text that would not come back as it is."""
    lines = []
    for row in rows:
        cells = ["" if cell is None else str(cell) for cell in row]
        for cell in cells:
            if re.search(r"[\t\r\n]", cell) or clean(cell) != cell:
                raise ValueError(f"{cell!r} cannot be a cell of a tab file")
        lines.append("\t".join(cells))
    return ("\n".join(lines) + "\n").encode()
