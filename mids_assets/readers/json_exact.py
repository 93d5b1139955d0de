"""The exact way: one JSON record, value by value, with the place and the rule of the first fault.

Records that the fast decoder refuses or that look suspicious (a key twice, a number outside of f32) come here. The
standard library's parser is used, not ijson: it hands over every key of an object in order, numbers as they are
written, and lone surrogates unchanged, all of which ijson's C parser replaces or hides. Records are small, so
nothing has to be streamed.
Does not belong here: finding records in a file, frames.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
from msgspec import UNSET

from mids_assets.readers.json_model import INT32, INT64, Ignored, ListOf, Model, Node, Scalar

_F32_MAX = float(np.finfo(np.float32).max)
# Half a unit in the last place above the largest f32: from here on rounding gives infinity.
_F32_LIMIT = 2.0**128 * (1 - 2.0**-25)
_KIND = {"string": "a text", "bool": "true or false", "i32": "an integer", "i64": "an integer"}


class RecordFault(Exception):
    """`path` is the canonical field ('effects[3].scale'), `rule` one of syntax, encoding, text, type, range,
    missing, duplicate, parallel."""

    def __init__(self, path: str, rule: str, message: str) -> None:
        super().__init__(path, rule, message)
        self.path = path
        self.rule = rule
        self.message = message


@dataclass(slots=True)
class ExactRecord:
    """`value` is an instance of the model's struct; `unknown` lists (model path, key) of the keys not declared."""

    value: Any
    unknown: list[tuple[str, str]]


class _Object(list):
    """The (key, value) pairs of one object in file order."""


def _constant(name: str) -> NoReturn:
    raise RecordFault("", "syntax", f"{name} is no JSON number")


def _integer(text: str) -> int | float:
    # Python refuses to convert very long integers; as a float such a number is out of every range here.
    return int(text) if len(text) <= 300 else float(text)


_PARSER = json.JSONDecoder(object_pairs_hook=_Object, parse_constant=_constant, parse_int=_integer)


def read_exact(model: Model, record: bytes) -> ExactRecord:
    """Read one record or raise `RecordFault`."""
    try:
        text = record.decode()
    except UnicodeDecodeError as error:
        raise RecordFault("", "encoding", f"no valid UTF-8 at byte {error.start} of the record") from None
    try:
        value = _PARSER.decode(text)
    except json.JSONDecodeError as error:
        place = len(text[: error.pos].encode())
        raise RecordFault("", "syntax", f"{error.msg} at byte {place} of the record") from None
    except RecursionError:
        raise RecordFault("", "syntax", "nested too deeply") from None
    unknown: list[tuple[str, str]] = []
    return ExactRecord(_read(model, value, "", unknown), unknown)


def _read(node: Node, value: Any, path: str, unknown: list[tuple[str, str]]) -> Any:
    if isinstance(node, Scalar):
        return _scalar(node.wire, value, path)
    if isinstance(node, Model):
        return _object(node, value, path, unknown)
    if isinstance(node, Ignored):
        return UNSET
    if not isinstance(value, list) or isinstance(value, _Object):
        raise RecordFault(path, "type", f"{_show(value)} instead of a list")
    if isinstance(node, ListOf):
        return [_read(node.item, item, f"{path}[{place}]", unknown) for place, item in enumerate(value)]
    if len(value) != len(node.items):
        raise RecordFault(path, "type", f"a list of {len(value)} values instead of {len(node.items)}")
    parts = zip(node.items, value, strict=True)
    return tuple(_read(item, part, f"{path}[{place}]", unknown) for place, (item, part) in enumerate(parts))


def _object(model: Model, value: Any, path: str, unknown: list[tuple[str, str]]) -> Any:
    if not isinstance(value, _Object):
        raise RecordFault(path, "type", f"{_show(value)} instead of an object")
    lead = f"{path}." if path else ""
    seen: set[str] = set()
    found = {}
    for key, item in value:
        if not _is_text(key):
            raise RecordFault(path, "text", f"the key {key!r} holds half of a surrogate pair")
        name = lead + model.names.get(key, key)
        if key in seen:
            raise RecordFault(name, "duplicate", f"the key {key!r} occurs twice in one object")
        seen.add(key)
        node = model.keys.get(key)
        if node is None:
            unknown.append((model.path, key))
            continue
        if isinstance(node, Ignored) and node.unknown:
            unknown.append((model.path, key))
        if item is None and key in model.nullable:
            found[model.attributes[key]] = None
        else:
            found[model.attributes[key]] = _read(node, item, name, unknown)
    for key in model.keys:
        if key in model.required and key not in seen:
            raise RecordFault(lead + model.names[key], "missing", f"the key {key!r} is missing")
    return model.struct(**found)


def _scalar(wire: str, value: Any, path: str) -> Any:
    kind = type(value)
    if wire in ("f32", "f64"):
        if kind is not int and kind is not float:
            raise RecordFault(path, "type", f"{_show(value)} instead of a number")
        try:
            number = float(value)
        except OverflowError:
            number = float("inf")
        if abs(number) == float("inf") or (wire == "f32" and abs(number) >= _F32_LIMIT):
            raise RecordFault(path, "range", f"the number is beyond what {wire} holds (about {_F32_MAX:.1e})")
        return number
    expected = {"string": str, "bool": bool}.get(wire, int)
    if expected is int and kind is float and abs(value) == float("inf"):
        raise RecordFault(path, "range", "the number is beyond every integer")
    if kind is not expected:
        raise RecordFault(path, "type", f"{_show(value)} instead of {_KIND[wire]}")
    if wire == "string":
        if not _is_text(value):
            raise RecordFault(path, "text", "the text holds half of a surrogate pair")
    elif wire != "bool":
        low, high = INT32 if wire == "i32" else INT64
        if not low <= value <= high:
            raise RecordFault(path, "range", f"{value} is outside of {low} to {high}")
    return value


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _show(value: Any) -> str:
    """A short name of a value for a message."""
    if isinstance(value, _Object):
        return "an object"
    if isinstance(value, list):
        return "a list"
    text = json.dumps(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
