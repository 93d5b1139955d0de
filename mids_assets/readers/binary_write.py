"""The writer of every binary layout: dicts with canonical keys to bytes.

What a reader read, written again, gives the same bytes. Markers are written by themselves and `magic` may be left
out (the layout's current one is taken). Root arrays may be iterators: their records are written one by one, and the
count is put in front afterwards.
Does not belong here: made-up data, and conversion between layouts.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import BinaryIO

from mids_assets.errors import FormatError
from mids_assets.readers.binary_exact import is_present
from mids_assets.readers.layout import N_MINUS_1, Field, Layout, Wire
from mids_assets.readers.wire import text_prefix

_CODES: dict[Wire, str] = {"i32": "i", "i64": "q", "f32": "f", "f64": "d", "bool": "?", "datetime": "q"}
_PACK: dict[Wire, Callable[..., bytes]] = {wire: struct.Struct("<" + code).pack for wire, code in _CODES.items()}
Write = Callable[[bytes], object]


def encode(layout: Layout, value: Mapping) -> bytes:
    """A whole file. `FormatError` names record and field of a value that cannot be stored."""
    out = io.BytesIO()
    write_stream(out, layout, value)
    return out.getvalue()


def write_file(path: Path, layout: Layout, value: Mapping) -> None:
    """Like `encode`, into a file, which appears under its name only when complete."""
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as out:
            write_stream(out, layout, value)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write_stream(out: BinaryIO, layout: Layout, value: Mapping) -> None:
    """Write to a seekable stream. Root arrays of records may be any iterable, read once, kept nowhere."""
    for field in layout[layout.root]:
        if field.wire != "array" or field.item != "record" or isinstance(field.count, int) or field.optional_at_end:
            _write_field(layout, field, value, None, out.write)
            continue
        record = str(field.record)
        place = out.tell()
        out.write(bytes(4))
        count = 0
        for item in _need(value, field, None):
            write_record(layout, record, item, f"{record} {count}", out.write)
            count += 1
        end = out.tell()
        out.seek(place)
        out.write(_PACK["i32"](count - (field.count == N_MINUS_1)))
        out.seek(end)


def write_record(layout: Layout, name: str, value: Mapping, place: str | None, write: Write) -> None:
    """One record through the generated writer; where that fails, again field by field to say why."""
    try:
        data = _writers(layout)[name](value)
    except (KeyError, TypeError, ValueError, AttributeError, struct.error, OverflowError):
        for field in layout[name]:
            _write_field(layout, field, value, place, lambda _: None)
        raise
    write(data)


def _write_field(layout: Layout, field: Field, values: Mapping, place: str | None, write: Write) -> None:
    if not is_present(field, values) or (field.optional_at_end and values.get(field.name) is None):
        return
    if field.const is not None or (field.name == "magic" and "magic" not in values):
        return _write_scalar("string", field.const or layout.magics[0], place, field.name, write)
    value = _need(values, field, place)
    if field.wire == "record":
        where = field.name if place is None else f"{place} / {field.name}"
        for inner in layout[str(field.record)]:
            _write_field(layout, inner, value, where, write)
    elif field.wire == "array":
        _write_array(layout, field, value, place, write)
    else:
        _write_scalar(field.wire, value, place, field.name, write)


def _write_array(layout: Layout, field: Field, value, place: str | None, write: Write) -> None:
    if not isinstance(value, list | tuple):
        raise FormatError(f"a list is needed, not {type(value).__name__}", record=place, field=field.name)
    if isinstance(field.count, str):
        write(_PACK["i32"](len(value) - (field.count == N_MINUS_1)))
    elif len(value) != field.count:
        raise FormatError(f"{field.count} items are needed, not {len(value)}", record=place, field=field.name)
    for index, item in enumerate(value):
        if field.item == "record":
            where = f"{field.record} {index}" if place is None else f"{place} / {field.record} {index}"
            for inner in layout[str(field.record)]:
                _write_field(layout, inner, item, where, write)
        else:
            _write_scalar(field.item or "string", item, place, f"{field.name}[{index}]", write)


def _write_scalar(wire: Wire, value, place: str | None, field: str, write: Write) -> None:
    try:
        if wire == "string":
            raw = value.encode()
            write(text_prefix(len(raw)) + raw)
        else:
            write(_PACK[wire](value))
    except (struct.error, OverflowError, TypeError, AttributeError, UnicodeEncodeError) as problem:
        raise FormatError(f"{value!r} cannot be stored as {wire}: {problem}", record=place, field=field) from None


def _need(values: Mapping, field: Field, place: str | None):
    try:
        return values[field.name]
    except (KeyError, TypeError):
        raise FormatError("the value is missing", record=place, field=field.name) from None


@cache
def _writers(layout: Layout) -> dict[str, Callable[[Mapping], bytes]]:
    """Generated: `record(r) -> bytes`, fixed-width runs packed at once."""
    lines: list[str] = []
    scope: dict = {"text": _text, "pack": struct.pack}
    for record in layout.records.values():
        if record.name == layout.root:
            continue
        lines += [f"def {record.name}(r):", "    o = []", "    a = o.append"]
        run: list[tuple[str, str]] = []
        for field in record:
            code = _CODES.get(field.wire)
            if code and field.when is None:
                run.append((code, f"r[{field.name!r}]"))
                continue
            lines += _flush(run, scope)
            lines += ["    " + line for line in _source(field, layout)]
        lines += [*_flush(run, scope), "    return b''.join(o)"]
    # Made from the declared layouts alone; no byte of a file comes into it.
    exec(compile("\n".join(lines), f"<writer {layout.kind} {layout.id}>", "exec"), scope)  # nosec B102
    return {name: scope[name] for name in layout.records if name != layout.root}


def _flush(run: list[tuple[str, str]], scope: dict) -> list[str]:
    if not run:
        return []
    name = f"P{len(scope)}"
    scope[name] = struct.Struct("<" + "".join(code for code, _ in run)).pack
    line = f"    a({name}({', '.join(value for _, value in run)}))"
    run.clear()
    return [line]


def _source(field: Field, layout: Layout) -> list[str]:
    value = f"r[{field.name!r}]"
    if field.when is not None:
        earlier, operator, limit = field.when
        inner = _source(Field(field.name, field.wire, field.record, field.item, field.count), layout)
        return [f"if r[{earlier!r}] {operator} {limit!r}:", *("    " + line for line in inner)]
    if field.name == "magic":
        return [f"a(text(r.get('magic', {layout.magics[0]!r})))"]
    if field.wire == "string":
        return [f"a(text({value}))"]
    if field.wire == "record":
        return [f"a({field.record}({value}))"]
    if field.wire != "array":
        return [f"a(pack('<{_CODES[field.wire]}', {value}))"]
    if isinstance(field.count, int):
        lines = [f"if len({value}) != {field.count}: raise ValueError"]
    else:
        lines = [f"a(pack('<i', len({value}){' - 1' if field.count == N_MINUS_1 else ''}))"]
    if field.item == "record":
        return [*lines, f"for x in {value}: a({field.record}(x))"]
    if field.item == "string":
        return [*lines, f"for x in {value}: a(text(x))"]
    return [*lines, f"a(pack('<%d{_CODES[field.item or 'i32']}' % len({value}), *{value}))"]


def _text(value: str) -> bytes:
    raw = value.encode()
    size = len(raw)
    return bytes((size,)) + raw if size < 128 else text_prefix(size) + raw
