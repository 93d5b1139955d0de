"""A JSON file of records cut into byte ranges at record starts, by one structural pass that parses no value.

The records stand in an array, in the first array inside an object, or one object a line.
Does not belong here: the structure of bytes (`readers.json_structure`), what a record means, decoding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

import numpy as np

from mids_assets.errors import FormatError
from mids_assets.readers.json_structure import BLANKS, BLOCK, BOM, Scanner

_LINES = (".jsonl", ".ndjson")


@dataclass(frozen=True, slots=True)
class _Bounds:
    """Where the records lie: from `begin` to `end`; `held`: in an object, and the array ends at its bracket."""

    begin: int
    end: int
    held: bool = False


def plan_chunks(path: Path, chunk_bytes: int) -> list[tuple[int, int, int]]:
    """Cut a file of records into (start, end, records), in order, at record starts.

    The file holds one JSON array of objects, or an object whose first array holds them, or one object a line. A
    chunk ends with the first record start that lies `chunk_bytes` or more behind its own start; all bytes from the
    first record to the end of the array belong to exactly one chunk. Reads the file once, a block at a time. Raises
    `FormatError` when it is none of these, is cut off, or is damaged without line breaks to go by.
    """
    bounds = _bounds(path)
    begin, end = bounds.begin, bounds.end
    scanner = Scanner(watch=(b"]", 0) if bounds.held else None)
    closed = False
    starts: list[np.ndarray] = []
    with path.open("rb") as file:
        file.seek(begin)
        for block in _blocks(file, end - begin):
            starts.append(scanner.feed(block)[0] + begin)
            if bounds.held and len(scanner.watched):
                closed, end = True, begin + int(scanner.watched[0])
                break
    places = np.concatenate(starts) if starts else np.zeros(0, np.int64)
    if closed:
        places = places[places < end]
    elif bounds.held:
        raise FormatError(
            "the array of records in this object is not closed, or its quotes and braces do not balance",
            file=path,
            offset=int(places[-1]) if len(places) else begin,
        )
    elif not scanner.clean:
        places = _damaged_starts(path, begin, end, places)
    if not len(places):
        return []
    return plan_from_offsets(places, end, chunk_bytes, start=_first_byte(path, begin))


def _blocks(file: BufferedReader, size: int) -> Iterator[np.ndarray]:
    """The next `size` bytes as arrays (uint8) that are valid until the next one is asked for."""
    buffer = bytearray(BLOCK)
    view = memoryview(buffer)
    while size > 0:
        count = file.readinto(view[: min(BLOCK, size)])
        if not count:
            return
        size -= count
        yield np.frombuffer(buffer, np.uint8, count)


def plan_from_offsets(
    offsets: Sequence[int] | np.ndarray, size: int, chunk_bytes: int, *, start: int | None = None
) -> list[tuple[int, int, int]]:
    """The same cut from known record starts (ascending); `size` is where the last chunk ends (the bracket)."""
    if not len(offsets):
        return []
    places = np.asarray(offsets, np.int64)
    chunks = []
    first, low = 0, int(places[0]) if start is None else start
    while first < len(places):
        after = max(int(np.searchsorted(places, low + chunk_bytes)), first + 1)
        high = int(places[after]) if after < len(places) else size
        chunks.append((low, high, after - first))
        first, low = after, high
    return chunks


def _bounds(path: Path) -> _Bounds:
    """Where the records begin and end."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(4096)
        file.seek(max(0, size - 4096))
        tail = file.read()
    lead = head[len(BOM) :] if head.startswith(BOM) else head
    begin = len(head) - len(lead.lstrip(BLANKS))
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FormatError("the file is UTF-16: JSON is UTF-8, export it again", file=path, offset=0)
    if not lead.strip(BLANKS):
        raise FormatError("the file is empty: it should hold a JSON array of records", file=path, offset=0)
    if head[begin : begin + 1] == b"<":
        raise FormatError("the file is a web page, not JSON: was a download link saved?", file=path, offset=begin)
    kept = tail.rstrip(BLANKS)
    end = size - len(tail) + len(kept)
    if head[begin : begin + 1] == b"{":
        return _Bounds(begin, end) if _one_a_line(path, begin, end) else _held(path, begin, end)
    if head[begin : begin + 1] != b"[":
        raise FormatError("a JSON array of records should begin here", file=path, offset=begin)
    if not kept.endswith(b"]") or end - 1 <= begin:
        raise FormatError("the array is not closed: the file seems to be cut off", file=path, offset=end)
    return _Bounds(begin + 1, end - 1)


def _one_a_line(path: Path, begin: int, end: int) -> bool:
    """Whether another object follows the first one. A single object is a record only by the name of its file."""
    scanner = Scanner()
    with path.open("rb") as file:
        file.seek(begin)
        for block in _blocks(file, end - begin):
            _, ends = scanner.feed(block)
            if len(ends):
                file.seek(begin + int(ends[0]))
                rest = file.read(min(65536, end - begin - int(ends[0])))
                return rest.lstrip(BLANKS).startswith(b"{") or (not rest and path.suffix.lower() in _LINES)
            if scanner.damaged:
                break
    return path.suffix.lower() in _LINES


def _held(path: Path, begin: int, end: int) -> _Bounds:
    """The first array of objects that is a member of the object at `begin`; else the first empty one."""
    scanner = Scanner(watch=(b"[", 1))
    empty = None
    with path.open("rb") as file, path.open("rb") as beside:
        file.seek(begin)
        for block in _blocks(file, end - begin):
            scanner.feed(block)
            for place in (scanner.watched + begin + 1).tolist():
                beside.seek(place)
                after = beside.read(4096).lstrip(BLANKS)
                if after.startswith(b"{"):
                    return _Bounds(place, end, held=True)
                if after.startswith(b"]"):
                    empty = empty or place
    if empty is not None:
        return _Bounds(empty, end, held=True)
    raise FormatError("an array of records should stand here, or an object that holds one", file=path, offset=begin)


def _first_byte(path: Path, begin: int) -> int:
    """The first byte behind `begin` that is not blank, so that a plan starts where its first record does."""
    with path.open("rb") as file:
        file.seek(begin)
        head = file.read(65536)
    return begin + len(head) - len(head.lstrip(BLANKS))


def _damaged_starts(path: Path, begin: int, end: int, whole: np.ndarray) -> np.ndarray:
    """Record starts by lines, for a file whose quotes or braces do not balance."""
    with path.open("rb") as file:
        file.seek(begin)
        head = re.match(rb"((?:[ \t\r]*\n)*)([ \t]*)\{", file.read(65536))
        # A first record on the line of the bracket says nothing about where the others stand; a line begins them.
        indent = head[2] if head and head[1] else b""
        line = re.compile(rb"\n" + indent + rb"\{")
        found = [begin + head.end() - 1] if head else []
        offset = begin
        while offset < end:
            file.seek(offset)
            block = file.read(min(BLOCK, end - offset) + len(indent) + 1)
            found += [offset + match.end() - 1 for match in line.finditer(block[: end - offset])]
            offset += BLOCK
    places = np.array(sorted(set(found)), np.int64)
    if len(places) < 2 and not (head and head[1]):
        place = int(whole[-1]) if len(whole) else begin
        raise FormatError("quotes or braces do not balance in or after this record", file=path, offset=place)
    return places
