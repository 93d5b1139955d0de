"""The wrapper in which raw JSON holds each file of an export: written here, and told apart here again.

    {"file": "powers/pool/flight/fly.json", "content": <the file as it is>}

with `context` where a row needs what other files say, and `damaged`, the text, in place of the content of a file that
is no JSON in UTF-8.
Does not belong here: what is in a file (a module per entity), the array around the wrappers (`readers.raw`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from typing import Generic, TypeVar

import msgspec

from mids_assets.readers.json_structure import BOM, scan_records

T = TypeVar("T")
_BEGIN = b'{"file":'
_BEHIND = b"],\r\n\t "
_AROUND = b"[" + _BEHIND
_JSON = msgspec.json.Decoder(msgspec.Raw)
_encode = msgspec.json.encode
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Wrapper(msgspec.Struct, gc=False):
    """`content` is empty where the file is no JSON, `file` too where there is no wrapper."""

    file: str
    content: msgspec.Raw = msgspec.Raw()
    context: msgspec.Raw = msgspec.Raw(b"{}")


class Decoded(msgspec.Struct, Generic[T], gc=False):
    """A wrapper whose file was decoded with it, which is faster than after it."""

    file: str
    content: T
    context: msgspec.Raw = msgspec.Raw(b"{}")


_WRAPPER = msgspec.json.Decoder(Wrapper)


def wrapped(name: str, content: bytes, context: msgspec.Struct | None = None) -> bytes:
    """The wrapper of one file. Nothing is parsed but for the check that it is JSON at all."""
    content = content.removeprefix(BOM)
    begin = _BEGIN + _encode(name)
    try:
        _JSON.decode(content)
        if not content.isascii():
            content.decode()
    except _UNREADABLE:
        return b'%b,"damaged":%b}' % (begin, _encode(content.decode(errors="backslashreplace")))
    beside = b"" if context is None else b',"context":' + _encode(context)
    return b'%b,"content":%b%b}' % (begin, content, beside)


def wrappers(data: bytes, shape: type[T] | None = None) -> list[tuple[int, int, Wrapper | Decoded[T]]]:
    """Start, end and content of every wrapper of an array, or of a part of one between two of them.

    `shape`: what the files are decoded to; one that is not so comes as it is.
    The bytes that begin one tell where it is, unless they stand inside of a file as well or something else is there:
    then there is a piece that is no JSON, and the structure is searched, which takes longer.
    """
    whole = None if shape is None else msgspec.json.Decoder(Decoded[shape])
    places = [*_places(data), len(data)]
    if not data[: places[0]].strip(_AROUND):
        with suppress(*_UNREADABLE):
            return [_wrapper(data, begin, stop, whole) for begin, stop in pairwise(places)]
    starts, ends, _ = scan_records(data)
    found: list[tuple[int, int, Wrapper | Decoded[T]]] = []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        try:
            found.append(_wrapper(data, start, end, whole))
        except _UNREADABLE:
            found.append((start, end, Wrapper("")))
    return found


def _places(data: bytes) -> Iterator[int]:
    place = data.find(_BEGIN)
    while place >= 0:
        yield place
        place = data.find(_BEGIN, place + 1)


def _wrapper(
    data: bytes, start: int, stop: int, whole: msgspec.json.Decoder[Decoded[T]] | None
) -> tuple[int, int, Wrapper | Decoded[T]]:
    record = data[start:stop].rstrip(_BEHIND)
    end = start + len(record)
    if not record.isascii():
        record.decode()  # The decoder skips texts that it is not asked for.
    if whole is not None:
        with suppress(*_UNREADABLE):
            return start, end, whole.decode(record)
    try:
        return start, end, _WRAPPER.decode(record)
    except msgspec.ValidationError:
        return start, end, Wrapper("")
