"""Where the records of a JSON array lie: one structural pass over bytes, without parsing any value.

A quote flips between text and structure, a backslash in front of it cancels it, and braces in structure open and
close objects: that is all a cut needs, and numpy does it at several hundred MB/s. Damage (a line break inside a
text, a brace too many, an end inside a record) is noticed; files with line breaks are then cut where a line
begins an object at the indentation of the records, so that one broken record does not swallow the others.
Does not belong here: what a record means, decoding, failures of single records.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from mids_assets.errors import FormatError

BOM = b"\xef\xbb\xbf"
BLANKS = b" \t\r\n"
_BLOCK = 4 * 1024 * 1024
_QUOTE, _BACKSLASH, _OPEN, _CLOSE, _NEWLINE = b'"\\{}\n'


@dataclass(slots=True)
class _State:
    """What a block leaves to the next: inside a text, how many objects are open, whether the structure broke."""

    in_text: int = 0
    depth: int = 0
    damaged: bool = False

    @property
    def clean(self) -> bool:
        return not (self.in_text or self.depth or self.damaged)


def _quote_mask(data: np.ndarray) -> np.ndarray:
    """Where a quote stands that no backslash cancels."""
    quote = data == _QUOTE
    backslash = data == _BACKSLASH
    if backslash.any():
        where = np.flatnonzero(backslash)
        first = np.flatnonzero(np.diff(where, prepend=-2) != 1)
        length = np.diff(first, append=len(where))
        escaped = where[first] + length
        escaped = escaped[(length % 2 == 1) & (escaped < len(data))]
        quote[escaped] = False
    return quote


def _scan(data: np.ndarray, state: _State) -> tuple[np.ndarray, np.ndarray]:
    """Starts and ends (exclusive) of top level objects in one block."""
    quote = _quote_mask(data)
    places = np.flatnonzero(quote | (data == _OPEN) | (data == _CLOSE) | (data == _NEWLINE))
    kinds = data[places]
    # An escaped quote is masked out above, so every quote left flips the parity.
    text_after = (np.cumsum(kinds == _QUOTE) + state.in_text) & 1
    outside = text_after == 0
    if bool(np.any((kinds == _NEWLINE) & ~outside)):
        state.damaged = True
    opens = (kinds == _OPEN) & outside
    closes = (kinds == _CLOSE) & outside
    depth = np.cumsum(opens.astype(np.int64) - closes) + state.depth
    if len(places):
        state.in_text = int(text_after[-1])
        state.depth = int(depth[-1])
        state.damaged = state.damaged or bool(depth.min() < 0)
    return places[opens & (depth == 1)], places[closes & (depth == 0)] + 1


def record_spans(data: bytes | memoryview) -> tuple[np.ndarray, np.ndarray]:
    """Byte offsets (int64) at which the top level objects of `data` start and end (exclusive)."""
    starts, ends, _ = scan_records(data)
    return starts, ends


def scan_records(data: bytes | memoryview) -> tuple[np.ndarray, np.ndarray, bool]:
    """`record_spans`, and whether quotes and braces balance: if not, a span may hold no object or several."""
    state = _State()
    starts, ends = _scan(np.frombuffer(data, np.uint8), state)
    if state.clean:
        return starts, ends, True
    text = bytes(data)
    lines = _line_starts(text)
    if lines is None:
        # Nothing to resynchronise at: the rest after the last whole record is one broken record.
        whole = min(len(starts), len(ends))
        ends = np.append(ends[:whole], len(data)) if len(starts) > whole else ends[:whole]
        return starts[: len(ends)], ends, False
    bounds = [*lines.tolist(), len(text)]
    trimmed = [begin + len(text[begin:end].rstrip(BLANKS + b",")) for begin, end in pairwise(bounds)]
    if text[: trimmed[-1]].endswith(b"]"):
        trimmed[-1] = len(text[: trimmed[-1] - 1].rstrip(BLANKS + b","))
    return lines, np.array(trimmed, np.int64), False


def _line_starts(text: bytes) -> np.ndarray | None:
    """Offsets of the first object and of those that begin a line at the indentation of the records; None without
    line breaks to go by.

    A slice begins at a record, so the indentation is not seen at the first one. It is less than that of the
    members, where these stand on lines of their own: an object inside a record must not pass for a record.
    """
    head = re.match(rb"[\s\xef\xbb\xbf]*\[?[ \t\r\n]*\{", text)
    if head is None or b"\n" not in text:
        return None
    first = head.end() - 1
    member = re.match(rb"[ \t\r]*\n([ \t]*)", text[first + 1 : first + 4096])
    found = [(len(match[1]), match.end() - 1) for match in re.finditer(rb"\n([ \t]*)\{", text)]
    if member:
        found = [place for place in found if place[0] < len(member[1])]
    least = min((indent for indent, _ in found), default=0)
    return np.array(sorted({first, *(place for indent, place in found if indent == least)}), np.int64)


def plan_chunks(path: Path, chunk_bytes: int) -> list[tuple[int, int, int]]:
    """Cut a file that is one JSON array of objects into (start, end, records), in order, at record starts.

    A chunk ends with the first record start that lies `chunk_bytes` or more behind its own start; all bytes
    between the brackets belong to exactly one chunk. Reads the file once, a block at a time. Raises `FormatError`
    when it is no array, is cut off before its closing bracket, or is damaged without line breaks to go by.
    """
    begin, end = _array_bounds(path)
    state = _State()
    starts: list[np.ndarray] = []
    with path.open("rb") as file:
        file.seek(begin)
        offset, rest = begin, b""
        while offset < end:
            block = rest + file.read(min(_BLOCK, end - offset - len(rest)))
            # A trailing odd backslash belongs to the byte that the next block begins with.
            odd = (len(block) - len(block.rstrip(b"\\"))) % 2
            use = len(block) - odd if offset + len(block) < end else len(block)
            found, _ = _scan(np.frombuffer(block, np.uint8)[:use], state)
            starts.append(found + offset)
            offset, rest = offset + use, block[use:]
    places = np.concatenate(starts) if starts else np.zeros(0, np.int64)
    if not state.clean:
        places = _damaged_starts(path, begin, end, places)
    if not len(places):
        return []
    return plan_from_offsets(places.tolist(), end, chunk_bytes, start=_first_byte(path, begin))


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


def _array_bounds(path: Path) -> tuple[int, int]:
    """Offsets just behind `[` and of `]`."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(4096)
        file.seek(max(0, size - 4096))
        tail = file.read()
    lead = head[len(BOM) :] if head.startswith(BOM) else head
    begin = len(head) - len(lead.lstrip(BLANKS))
    if not lead.strip(BLANKS):
        raise FormatError("the file is empty: it should hold a JSON array of records", file=path, offset=0)
    if head[begin : begin + 1] == b"<":
        raise FormatError("the file is a web page, not JSON: was a download link saved?", file=path, offset=begin)
    if head[begin : begin + 1] != b"[":
        raise FormatError("a JSON array of records should begin here", file=path, offset=begin)
    kept = tail.rstrip(BLANKS)
    end = size - len(tail) + len(kept) - 1
    if not kept.endswith(b"]") or end <= begin:
        raise FormatError("the array is not closed: the file seems to be cut off", file=path, offset=end + 1)
    return begin + 1, end


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
        head = re.match(rb"(?:[ \t\r]*\n)*([ \t]*)\{", file.read(65536))
        if head is None or b"\n" not in head[0]:
            place = int(whole[-1]) if len(whole) else begin
            raise FormatError("quotes or braces do not balance in or after this record", file=path, offset=place)
        line = re.compile(rb"\n" + head[1] + rb"\{")
        overlap = len(head[1]) + 1
        found, offset = [], begin
        while offset < end:
            file.seek(offset)
            block = file.read(min(_BLOCK, end - offset) + overlap)
            found += [offset + match.end() - 1 for match in line.finditer(block[: end - offset])]
            offset += _BLOCK
    return np.array(sorted(set(found)), np.int64)


def without_member(record: bytes, key: str) -> bytes:
    """An object without its member `key` where that is a list or an object; all other bytes stay as they are.

    Returns the record itself when it has no such member or is damaged.
    """
    name = b'"' + key.encode() + b'"'
    if name not in record:
        return record
    data = np.frombuffer(record, np.uint8)
    state = _State()
    places, change = _nesting(data, state)
    depth = np.cumsum(change)
    if not state.clean or not len(depth) or depth[-1] != 0:
        return record
    kept, done = [], 0
    for match in re.finditer(re.escape(name) + rb"[ \t\r\n]*:[ \t\r\n]*(?=[\[{])", record):
        at = int(np.searchsorted(places, match.start()))
        opened = int(np.searchsorted(places, match.end()))
        # Depth 1 = a key of the record itself; the value must open exactly here, else this is inside a text.
        if at == 0 or depth[at - 1] != 1 or opened != at or places[opened] != match.end():
            continue
        closed = int(np.flatnonzero(depth[opened:] == 1)[0]) + opened
        start, end = match.start(), int(places[closed]) + 1
        before = record[done:start].rstrip(BLANKS)
        if before.endswith(b","):
            kept.append(before[:-1])
        else:
            # The first member: the comma behind it goes instead.
            kept.append(record[done:start])
            rest = record[end:].lstrip(BLANKS)
            if rest.startswith(b","):
                end = len(record) - len(rest[1:].lstrip(BLANKS))
        done = end
    return b"".join([*kept, record[done:]])


def _nesting(data: np.ndarray, state: _State) -> tuple[np.ndarray, np.ndarray]:
    """Places of all brackets and braces outside of texts, and +1 or -1 for each."""
    _scan(data, state)
    kinds = np.zeros(256, np.int8)
    kinds[[_OPEN, ord("[")]] = 1
    kinds[[_CLOSE, ord("]")]] = -1
    quotes = np.flatnonzero(_quote_mask(data))
    places = np.flatnonzero(kinds[data])
    places = places[np.searchsorted(quotes, places) % 2 == 0]
    return places, kinds[data[places]].astype(np.int64)
