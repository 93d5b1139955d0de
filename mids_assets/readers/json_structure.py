"""Where objects begin and end in JSON text: quotes, backslashes and braces, without parsing any value.

A quote flips between text and structure, a backslash in front of it cancels it, and braces in structure open and
close objects: that is all a cut needs, and numpy does it at several hundred MB/s. Damage (a line break inside a
text, a brace too many, an end inside a record) is noticed; bytes with line breaks are then cut where a line begins
an object at the indentation of the records, so that one broken record does not swallow the others.
Does not belong here: files (`readers.json_scan`), what a record means, decoding, failures of single records.
"""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np

BOM = b"\xef\xbb\xbf"
BLANKS = b" \t\r\n"
BLOCK = 128 * 1024
"""What is scanned in one go: the arrays made from so much stay in the processor's cache, twice as fast."""
_QUOTE, _BACKSLASH, _OPEN, _CLOSE, _NEWLINE = b'"\\{}\n'


class Scanner:
    """Takes bytes block by block and says where objects of depth 1 start and end.

    `watch` = (a bracket, depth): `watched` is where that byte stands in the last block, outside of texts and inside
    of so many open objects.
    """

    def __init__(self, watch: tuple[bytes, int] | None = None) -> None:
        self.offset = 0
        self.in_text = False
        self.depth = 0
        self.damaged = False
        self.watched = np.zeros(0, np.int64)
        self._watch = watch
        self._odd_backslashes = False

    @property
    def clean(self) -> bool:
        return not (self.in_text or self.depth or self.damaged)

    def feed(self, data: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Starts and ends (exclusive) of the objects in one more block (uint8), counted from the first block on."""
        quote = self.quotes(data)
        mask = quote | (data == _OPEN)
        mask |= data == _CLOSE
        mask |= data == _NEWLINE
        if self._watch:
            mask |= data == self._watch[0][0]
        places = np.flatnonzero(mask)
        kinds = data[places]
        # Parity survives the overflow. An escaped quote is masked out above, so every quote left flips it.
        inside = np.cumsum(kinds == _QUOTE, dtype=np.uint8)
        if self.in_text:
            inside += 1
        inside &= 1
        outside = inside == 0
        newlines = kinds == _NEWLINE
        if newlines.any() and bool(inside[newlines].any()):
            self.damaged = True
        opens = (kinds == _OPEN) & outside
        braces = np.flatnonzero(opens | ((kinds == _CLOSE) & outside))
        step = np.where(opens[braces], 1, -1)
        depth = np.cumsum(step) + self.depth
        where = places[braces] + self.offset
        if self._watch:
            found = places[(kinds == self._watch[0][0]) & outside] + self.offset
            level = np.append(depth, self.depth)[np.searchsorted(where, found) - 1]
            self.watched = found[level == self._watch[1]]
        if len(places):
            self.in_text = bool(inside[-1])
        if len(depth):
            self.depth = int(depth[-1])
            self.damaged = self.damaged or bool(depth.min() < 0)
        self.offset += len(data)
        return where[(depth == 1) & (step == 1)], where[(depth == 0) & (step == -1)] + 1

    def quotes(self, data: np.ndarray) -> np.ndarray:
        """Where a quote stands that no backslash cancels, be it in the block before."""
        quote = data == _QUOTE
        backslash = data == _BACKSLASH
        carried = self._odd_backslashes
        self._odd_backslashes = False
        if backslash.any():
            where = np.flatnonzero(backslash)
            first = np.flatnonzero(np.diff(where, prepend=-2) != 1)
            length = np.diff(first, append=len(where))
            if carried and where[0] == 0:
                length[0] += 1
                carried = False
            escaped = where[np.append(first[1:], len(where)) - 1] + 1
            odd = length % 2 == 1
            self._odd_backslashes = bool(odd[-1] and escaped[-1] == len(data))
            quote[escaped[odd & (escaped < len(data))]] = False
        if carried and len(data):
            quote[0] = False
        return quote


def record_spans(data: bytes | memoryview) -> tuple[np.ndarray, np.ndarray]:
    """Byte offsets (int64) at which the top level objects of `data` start and end (exclusive)."""
    starts, ends, _ = scan_records(data)
    return starts, ends


def scan_records(data: bytes | memoryview) -> tuple[np.ndarray, np.ndarray, bool]:
    """`record_spans`, and whether quotes and braces balance: if not, a span may hold no object or several."""
    scanner = Scanner()
    values = np.frombuffer(data, np.uint8)
    parts = [scanner.feed(values[low : low + BLOCK]) for low in range(0, len(values), BLOCK)]
    starts = np.concatenate([np.zeros(0, np.int64), *(part[0] for part in parts)])
    ends = np.concatenate([np.zeros(0, np.int64), *(part[1] for part in parts)])
    if scanner.clean:
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


def without_member(record: bytes, key: str) -> bytes:
    """An object without its member `key` where that is a list or an object; all other bytes stay as they are.

    Returns the record itself when it has no such member or is damaged.
    """
    name = b'"' + key.encode() + b'"'
    if name not in record:
        return record
    places, change, clean = _nesting(np.frombuffer(record, np.uint8))
    depth = np.cumsum(change)
    if not clean or not len(depth) or depth[-1] != 0:
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


def _nesting(data: np.ndarray) -> tuple[np.ndarray, np.ndarray, bool]:
    """Places of all brackets and braces outside of texts, +1 or -1 for each, and whether quotes and braces balance."""
    scanner = Scanner()
    scanner.feed(data)
    kinds = np.zeros(256, np.int8)
    kinds[[_OPEN, ord("[")]] = 1
    kinds[[_CLOSE, ord("]")]] = -1
    quotes = np.flatnonzero(Scanner().quotes(data))
    places = np.flatnonzero(kinds[data])
    places = places[np.searchsorted(quotes, places) % 2 == 0]
    return places, kinds[data[places]].astype(np.int64), scanner.clean
