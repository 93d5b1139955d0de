"""The exact reader: one field at a time, and one error that names the place.

Slow on purpose. It reads what stands once in a file (headers, markers), and the one record that the fast reader
could not read, to say why. Rows have the same shape as those of `readers.binary_fast`.
Does not belong here: the walk over a whole file and the trial of layouts (`readers.binary`).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

from mids_assets.errors import FormatError
from mids_assets.readers.binary_window import Window
from mids_assets.readers.layout import N_MINUS_1, Field, Layout
from mids_assets.readers.wire import FORMATS, SIZES, ShortFloats, least_item_size


class ExactReader:
    """A position in `data`; every method reads at `pos` and moves it, or raises `FormatError`."""

    def __init__(self, data: bytes | Window, layout: Layout, *, file: str | None, pos: int = 0) -> None:
        self.data = data
        self.layout = layout
        self.file = file
        self.pos = pos
        self.floats = ShortFloats()

    def record(self, name: str, place: str | None) -> tuple:
        """The fields of record `name` in order; `place` is its path in the file, such as "power 17 / effect 3"."""
        values: dict[str, object] = {}
        for field in self.layout[name]:
            values[field.name] = self.field(field, place, values)
        return tuple(values.values())

    def field(self, field: Field, place: str | None, earlier: Mapping[str, object]) -> object:
        """One field; None where its condition does not hold or the file ends before an optional one."""
        if not is_present(field, earlier) or (field.optional_at_end and self.pos == len(self.data)):
            return None
        if field.wire == "record":
            return self.record(str(field.record), _join(place, field.name))
        if field.wire == "array":
            return self._array(field, place)
        start = self.pos
        value = self._scalar(field.wire, place, field.name)
        if field.const is not None and value != field.const:
            self._fail(f"marker {field.const!r} expected, found {_shown(value)}", start, place, field.name)
        if field.name == "magic" and self.layout.magics and value not in self.layout.magics:
            self._fail(f"magic {self.layout.magics[0]!r} expected, found {_shown(value)}", start, place, field.name)
        return value

    def count(self, field: Field, place: str | None) -> int:
        """The number of items of an array, with its count read from the file unless it is fixed."""
        start = self.pos
        if isinstance(field.count, int):
            return field.count
        stored = self._scalar("i32", place, field.name)
        count = int(str(stored)) + (1 if field.count == N_MINUS_1 else 0)
        left = len(self.data) - self.pos
        if count < 0 or count * least_item_size(self.layout, field) > left:
            self._fail(f"a count of {count} items is impossible, {left} bytes are left", start, place, field.name)
        return count

    def _array(self, field: Field, place: str | None) -> list:
        count = self.count(field, place)
        if field.item == "record":
            name = str(field.record)
            return [self.record(name, _join(place, f"{name} {index}")) for index in range(count)]
        return [self._scalar(field.item or "", place, f"{field.name}[{index}]") for index in range(count)]

    def _scalar(self, wire: str, place: str | None, field: str) -> object:
        if wire == "string":
            return self._text(place, field)
        if wire not in SIZES:
            raise ValueError(f"{field}: unknown wire type {wire!r}")
        start, size = self.pos, SIZES[wire]
        if start + size > len(self.data):
            self._fail(
                f"the file ends inside this value: {size} bytes needed, {len(self.data) - start} left",
                start,
                place,
                field,
            )
        self.pos = start + size
        if wire == "bool" and self.data[start] > 1:
            self._fail(f"a truth value must be 0 or 1, found {self.data[start]}", start, place, field)
        value = struct.unpack("<" + FORMATS[wire], self.data[start : self.pos])[0]
        return self.floats[value] if wire == "f32" else value

    def _text(self, place: str | None, field: str) -> str:
        start, size, shift = self.pos, 0, 0
        while True:
            if self.pos >= len(self.data):
                self._fail("the file ends inside the length of a text", start, place, field)
            if shift == 35:
                self._fail("the length of a text takes more than five bytes", start, place, field)
            byte = self.data[self.pos]
            self.pos += 1
            size |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
        if byte == 0 and shift > 7:
            self._fail("the length of a text takes more bytes than needed", start, place, field)
        left = len(self.data) - self.pos
        if size > left:
            self._fail(f"a text of {size} bytes runs past the end of the file, {left} are left", start, place, field)
        raw = self.data[self.pos : self.pos + size]
        self.pos += size
        try:
            return raw.decode()
        except UnicodeDecodeError as problem:
            self._fail(f"text is not valid UTF-8: {problem.reason}", self.pos - size + problem.start, place, field)

    def _fail(self, message: str, offset: int, place: str | None, field: str):
        raise FormatError(message, file=self.file, offset=offset, record=place, field=field)


def is_present(field: Field, earlier: Mapping[str, object]) -> bool:
    """Whether a field with a condition is on the wire, given the values of the fields before it."""
    if field.when is None:
        return True
    name, operator, limit = field.when
    value = earlier[name]
    if operator == "==":
        return value == limit
    if not isinstance(value, int) or not isinstance(limit, int) or operator not in (">", "<="):
        raise ValueError(f"{field.name}: cannot compare {value!r} {operator} {limit!r}")
    return value > limit if operator == ">" else value <= limit


def _join(place: str | None, part: str) -> str:
    return part if place is None else f"{place} / {part}"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
