"""The fast reader: Python source generated from a layout, compiled once per layout.

Neighbouring fields of fixed width, with the length byte of the text behind them, become one `struct.Struct`; a
record is a tuple in field order or what a `Make` function says, an array a list, an f32 its shortest decimal. It
refuses exactly what the exact reader refuses but says nothing about it: `Mismatch` and the like mean "let
`readers.binary_exact` read this record". One check is put off: a text that runs past the end is cut, and shows as a
position beyond the end after the record, which the caller must look for (it saves a comparison per text).
Does not belong here: anything that can be written without generating code.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from functools import cache

from mids_assets.readers.layout import N_MINUS_1, Field, Layout
from mids_assets.readers.wire import FORMATS, SIZES, ShortFloats, Texts, least_item_size


class Mismatch(Exception):
    """These bytes are not what the layout says."""


FAILURES = (Mismatch, IndexError, struct.error, UnicodeDecodeError)
"""All that a generated reader raises on bytes that do not fit."""

ReadRecord = Callable[[int], tuple[tuple, int]]
"""position -> (what became of the record, position behind it)."""

Make = Callable[[Layout, str, Mapping[str, str]], tuple[str, Mapping[str, object]]]
"""(layout, record, field -> expression of its value) -> (expression of the record, the names that this needs)."""


def tuples(layout: Layout, record: str, values: Mapping[str, str]) -> tuple[str, Mapping[str, object]]:
    """The `Make` of a tuple in the field order of the layout."""
    return f"({''.join(value + ', ' for value in values.values())})", {}


def record_readers(
    data: bytes, layout: Layout, floats: ShortFloats, texts: Texts, *, end: int | None = None, make: Make = tuples
) -> dict[str, ReadRecord]:
    """A reader over `data` for every record of the layout; `end` is where the file ends if `data` is its beginning."""
    return _compiled(layout, make)(data, len(data) if end is None else end, floats, texts)


@cache
def _compiled(layout: Layout, make: Make) -> Callable[..., dict[str, ReadRecord]]:
    writer = _Source(layout, make)
    names = list(layout.records)
    lines = ["def build(d, n, F, S):"]
    for name in names:
        lines += ["    " + line for line in writer.record(name)]
    lines.append("    return {" + ", ".join(f"{name!r}: read_{name}" for name in names) + "}")
    scope: dict = {**writer.constants, "Mismatch": Mismatch, "longer": _longer, "unpack": struct.unpack_from}
    # Made from the declared layouts alone; no byte of a file comes into it.
    exec(compile("\n".join(lines), f"<reader {layout.kind} {layout.id}>", "exec"), scope)  # nosec B102
    return scope["build"]


def _longer(data: bytes, pos: int, size: int) -> tuple[int, int]:
    """A text length of several bytes, whose first was `size`; `pos` is behind that one."""
    size &= 127
    for shift in (7, 14, 21, 28):
        byte = data[pos]
        pos += 1
        size |= (byte & 127) << shift
        if byte < 128:
            if byte == 0:
                break  # More bytes than needed, which no writer makes.
            return size, pos
    raise Mismatch


class _Source:
    """Writes the source of one layout. Variables: d data, n end of the file, p position, F floats, S texts."""

    def __init__(self, layout: Layout, make: Make) -> None:
        self.layout = layout
        self.make = make
        self.constants: dict[str, object] = {}
        self.lines: list[str] = []
        self.indent = 1
        self.run: list[tuple[str, str]] = []

    def record(self, name: str) -> list[str]:
        self.lines = [f"def read_{name}(p):"]
        variables = {field.name: f"v{index}" for index, field in enumerate(self.layout[name])}
        values = {field.name: self._field(field, variables) for field in self.layout[name]}
        self._flush()
        made, needed = self.make(self.layout, name, values)
        self.constants.update(needed)
        self._line(f"return {made}, p")
        return self.lines

    def _line(self, text: str) -> None:
        self.lines.append("    " * self.indent + text)

    def _flush(self) -> None:
        """Write the pending fields of fixed width as one unpack, and check the truth values among them."""
        if not self.run:
            return
        if len(self.run) == 1 and self.run[0][0] == "B":
            self._line(f"{self.run[0][1]} = d[p]")
            self._line("p += 1")
            self.run = []
            return
        fmt = "<" + "".join(code for code, _ in self.run)
        unpack = f"U{len(self.constants)}"
        self.constants[unpack] = struct.Struct(fmt).unpack_from
        self._line(f"{', '.join(name for _, name in self.run)}, = {unpack}(d, p)")
        at, flags = 0, []
        for code, _ in self.run:
            if code == "?":
                flags.append(f"d[p + {at}]")
            at += struct.calcsize("<" + code)
        if flags:
            self._line(f"if {' | '.join(flags)} > 1: raise Mismatch")
        self._line(f"p += {at}")
        self.run = []

    def _field(self, field: Field, variables: dict[str, str]) -> str:
        """Write the reading of one field; returns the expression that holds its value at the end."""
        name = variables[field.name]
        if field.when is None and not field.optional_at_end:
            return self._value(field, name)
        self._flush()
        if field.when is not None:
            earlier, operator, limit = field.when
            self._line(f"if {variables[earlier]} {operator} {limit!r}:")
        else:
            self._line("if p < n:")
        self.indent += 1
        value = self._value(field, name)
        self._flush()
        if value != name:
            self._line(f"{name} = {value}")
        self.indent -= 1
        self._line(f"else: {name} = None")
        return name

    def _value(self, field: Field, name: str) -> str:
        if field.wire == "string":
            self._text(name)
            if field.const is not None:
                self._line(f"if {name} != {field.const!r}: raise Mismatch")
            if field.name == "magic" and self.layout.magics:
                self._line(f"if {name} not in {self.layout.magics!r}: raise Mismatch")
            return name
        if field.wire == "record":
            self._flush()
            self._line(f"{name}, p = read_{field.record}(p)")
            return name
        if field.wire == "array":
            self._array(field, name)
            return name
        self.run.append((FORMATS[field.wire], name))
        return f"F[{name}]" if field.wire == "f32" else name

    def _text(self, name: str) -> None:
        self.run.append(("B", "k"))
        self._flush()
        self._line("if k:")
        self._line("    if k > 127: k, p = longer(d, p, k)")
        self._line("    q = p + k")
        self._line(f"    {name} = S[d[p:q]]")
        self._line("    p = q")
        self._line(f"else: {name} = ''")

    def _array(self, field: Field, name: str) -> None:
        least = least_item_size(self.layout, field)
        if isinstance(field.count, int):
            self._flush()
            self._line(f"c = {field.count}")
            self._line(f"if c * {least} > n - p: raise Mismatch")
        else:
            self.run.append(("i", "c"))
            self._flush()
            if field.count == N_MINUS_1:
                self._line("c += 1")
            self._line(f"if c < 0 or c * {least} > n - p: raise Mismatch")
        if field.item in SIZES:
            size, code = SIZES[field.item], FORMATS[field.item]
            self._line("if c:")
            self._line(f"    {name} = list(unpack(f'<{{c}}{code}', d, p))")
            if field.item == "f32":
                self._line(f"    {name} = [F[x] for x in {name}]")
            if field.item == "bool":
                self._line("    if max(d[p:p + c]) > 1: raise Mismatch")
            self._line(f"    p += c * {size}")
            self._line(f"else: {name} = []")
            return
        self._line(f"{name} = []")
        self._line("for _ in range(c):")
        self.indent += 1
        if field.item == "record":
            self._line(f"x, p = read_{field.record}(p)")
        else:
            self._text("x")
        self._line(f"{name}.append(x)")
        self.indent -= 1
