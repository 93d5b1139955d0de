"""Damage to bytes: what happens to files, and what somebody does to them on purpose.

All randomness comes from the `Random` that is passed in, so a case is its seed.
Does not belong here: containers and folders, whose parts are damaged inside (`targets_containers`), which readers are
fed (`targets_*`), how a run goes (`cases`).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Sequence
from random import Random

HTML = b"<!DOCTYPE html>\n<html><head><title>404</title></head><body>Not found</body></html>\n"
COUNTS = [2**31 - 1, -2, -1, 0, 1, -(2**31), 65_536, 2**24, 127, 128]
LENGTHS = [
    b"\xff\xff\xff\xff\x07",
    b"\xff\xff\xff\xff\x7f",
    b"\x80\x80\x80\x80\x80\x01",
    b"\xff" * 12,
    b"\x80\x00",
    b"\x85\x80\x00",
    b"\x7f",
    b"\x80\x01",
]
TEXTS = [
    b"\xef\xbb\xbf",
    b"\0",
    b"\xe9",
    b"\x93quoted\x94",
    b"\x80",
    b"\xed\xa0\x80",
    b"\xff\xfe",
    "İıß".encode(),
    b"\xc0\xaf",
    b"\xf4\x90\x80\x80",
    b"\r",
    b"\t",
    b"\x0b\x0c\x1c\x85",
    "\u2028\u0085".encode(),
    b"\\ud800",
    b"\\u0000",
    b'"',
    b"\\",
    b",",
    b"#",
    b"End",
]
NUMBERS = [
    b"NaN",
    b'"NaN"',
    b"Infinity",
    b"-Infinity",
    b"1e999",
    b"-1e999",
    b"1e-50",
    b"3.4028236e38",
    b"3.5e38",
    b"2147483648",
    b"-2147483649",
    b"9223372036854775808",
    b"1" * 400,
    b"1" * 5000,
    b"3,14",
    b"1.5",
    b"1.0",
    b"-0",
    b"-0.0",
    b"007",
    b"+1",
    b"0x10",
    b"1e5",
    b"1_000",
    "١٢".encode(),
    "²".encode(),
    b"",
    b"true",
]
VALUES = [
    b"null",
    b"true",
    b"[]",
    b"{}",
    b'""',
    b'"text"',
    b"-1",
    b"[[[[[[[[1]]]]]]]]",
    b"[" * 20_000,
    b'{"a":' * 20_000,
    b'{"a": 1, "a": 2}',
    b'"\\ud800"',
    b'"\\u0000"',
    b"[null]",
    b'[1, 2.5, "x"]',
]
KEYS = [
    b'"unknown"',
    b'"\\ud800"',
    b'"\\u0000"',
    b'""',
    b'"a\\"b"',
    b'"\\u0075nknown"',
    b"1",
    '"İ"'.encode(),
    b'"__class__"',
]
_NUMBER = re.compile(rb"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_VALUE = re.compile(rb'"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|\[\]|\{\}')
_KEY = re.compile(rb'"(?:[^"\\]|\\.)*"(?=\s*:)')
_MEMBER = re.compile(rb'"(?:[^"\\]|\\.)*"\s*:\s*("(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null)\s*,')

_SMALL_I32 = re.compile(rb"[\x00-\x20]\0\0\0")
_SHORT_TEXT = re.compile(rb"[\x01-\x7f](?=[A-Za-z]{2})")

Mutation = Callable[[Random, bytes, bytes], bytes]


def mutate(random: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """One to four kinds of damage, one after another. `others` are whole files to splice with."""
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        data = random.choice(_ALL)(random, data, random.choice(others))
    return data


def _place(random: Random, data: bytes) -> int:
    # Headers are small and decide much, so they are hit more often than their share.
    return random.randrange(min(len(data), 96) + 1) if random.random() < 0.3 else random.randrange(len(data) + 1)


def _put(data: bytes, at: int, new: bytes, over: int = 0) -> bytes:
    return data[:at] + new + data[at + over :]


def _flip(random: Random, data: bytes, _other: bytes) -> bytes:
    if not data:
        return data
    changed = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 8))):
        changed[min(_place(random, data), len(data) - 1)] ^= 1 << random.randrange(8)
    return bytes(changed)


def _set(random: Random, data: bytes, _: bytes) -> bytes:
    return _put(data, _place(random, data), random.choice((b"\0", b"\x01", b"\x02", b"\x7f", b"\x80", b"\xff")), 1)


def _cut(random: Random, data: bytes, _: bytes) -> bytes:
    return data[: _place(random, data)]


def _remove(random: Random, data: bytes, _: bytes) -> bytes:
    return _put(data, _place(random, data), b"", random.choice((1, 2, 4, random.randrange(1, 200))))


def _repeat(random: Random, data: bytes, _: bytes) -> bytes:
    at, size = _place(random, data), random.randrange(1, 300)
    return _put(data, at, data[at : at + size] * random.choice((1, 2, 50)))


def _splice(random: Random, data: bytes, other: bytes) -> bytes:
    return data[: _place(random, data)] + other[_place(random, other) :]


def _trail(random: Random, data: bytes, other: bytes) -> bytes:
    return data + random.choice((b"\0", b"\n", b"x", b"End\n", other[:50], data))


def _count(random: Random, data: bytes, _: bytes) -> bytes:
    # A small number is mostly a count; there are too few of them to be hit by chance.
    found = _near(random, data, _SMALL_I32) if random.random() < 0.7 else None
    at = found.start() if found else _place(random, data)
    return _put(data, at, struct.pack("<i", random.choice(COUNTS)), 4)


def _float(random: Random, data: bytes, _: bytes) -> bytes:
    bits = random.choice((0x7F800000, 0xFF800000, 0x7FC00000, 0x7F800001, 0x7F7FFFFF, 1, 0x80000000))
    return _put(data, _place(random, data), struct.pack("<I", bits), 4)


def _length(random: Random, data: bytes, _: bytes) -> bytes:
    found = _near(random, data, _SHORT_TEXT) if random.random() < 0.7 else None
    if found is None:
        return _put(data, _place(random, data), random.choice(LENGTHS), random.choice((0, 1)))
    size = found[0][0]
    padded = bytes([size & 0x7F | 0x80, 0])  # The same length in a byte more than it needs.
    return _put(data, found.start(), random.choice((*LENGTHS, padded, bytes([size ^ 1]))), 1)


def _text(random: Random, data: bytes, _: bytes) -> bytes:
    new = random.choice(TEXTS)
    return _put(data, _place(random, data), new, random.choice((0, len(new))))


def _whole(random: Random, data: bytes, other: bytes) -> bytes:
    text = data.decode("utf-8", "replace")
    return random.choice(
        (
            lambda: HTML,
            lambda: b"",
            lambda: b" \r\n\t",
            lambda: b"\xef\xbb\xbf" + data,
            lambda: b"\xef\xbb\xbf\xef\xbb\xbf" + data,
            lambda: text.encode("utf-16"),
            lambda: text.encode("utf-16-be"),
            lambda: text.encode("utf-32"),
            lambda: text.encode("cp1252", "replace"),
            lambda: data.replace(b"\n", b"\r"),
            lambda: data.replace(b"\n", b"\r\n"),
            lambda: data.replace(b"\t", b" "),
            data.upper,
            lambda: data + b"\0" * 64,
            lambda: bytes(len(data)),
            lambda: other,
        )
    )()


def _number(random: Random, data: bytes, _: bytes) -> bytes:
    return _token(random, data, _NUMBER, NUMBERS)


def _value(random: Random, data: bytes, _: bytes) -> bytes:
    return _token(random, data, _VALUE, VALUES + NUMBERS)


def _member(random: Random, data: bytes, _: bytes) -> bytes:
    found = _near(random, data, _MEMBER)
    return (
        data
        if found is None
        else _put(data, found.start(), random.choice((found[0] * 2, b"", found[0].upper())), len(found[0]))
    )


def _key(random: Random, data: bytes, _: bytes) -> bytes:
    return _token(random, data, _KEY, KEYS)


def _token(random: Random, data: bytes, kind: re.Pattern[bytes], new: Sequence[bytes]) -> bytes:
    found = _near(random, data, kind)
    return data if found is None else _put(data, found.start(), random.choice(new), len(found[0]))


def _near(random: Random, data: bytes, kind: re.Pattern[bytes]) -> re.Match[bytes] | None:
    return kind.search(data, _place(random, data)) or kind.search(data)


_ALL: list[Mutation] = [
    _flip,
    _set,
    _cut,
    _remove,
    _repeat,
    _splice,
    _trail,
    _count,
    _float,
    _length,
    _text,
    _whole,
    _number,
    _value,
    _member,
    _key,
]
