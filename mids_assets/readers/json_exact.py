"""The exact way: one JSON record, value by value, with the place and the rule of the first fault.

Records that the fast way refuses or that look suspicious (a null, a number outside of f32) come here. The standard
library's parser is used, not ijson: it hands over every key of an object in order, numbers as they are written, and
lone surrogates unchanged, all of which ijson's C parser replaces or hides. Records are small, so nothing has to be
streamed.
Does not belong here: finding records in a file, columns.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

from mids_assets.readers.json_model import INT32, INT64, Free, ListOf, Model, Node, Scalar

_F32_MAX = float(np.finfo(np.float32).max)
# Half a unit in the last place above the largest f32: from here on rounding gives infinity.
F32_LIMIT = 2.0**128 * (1 - 2.0**-25)
_DEPTH_LIMIT = 100
"""So deep may the value of a key without a field be nested."""
_KIND = {"string": "a text", "bool": "true or false", "i32": "an integer", "i64": "an integer"}


class RecordFault(Exception):
    """`path` is the canonical field ('effects[3].scale'), `rule` one of syntax, encoding, text, type, range,
    missing, duplicate, parallel."""

    def __init__(self, path: str, rule: str, message: str) -> None:
        super().__init__(path, rule, message)
        self.path = path
        self.rule = rule
        self.message = message


@dataclass(frozen=True, slots=True)
class FreeValue:
    """What lies under a key without a field. `place` is model path and key, `path` the same with indexes.

    `kept`: it goes to `extra`; `known`: the alias table has the key.
    """

    place: tuple[str, str]
    path: str
    value: Any
    kept: bool
    known: bool


@dataclass(slots=True)
class ExactRecord:
    """`value` is the object as a dict, without the keys that hold null; `free` what has no field."""

    value: dict[str, Any]
    free: list[FreeValue]


class JsonObject(list):
    """The (key, value) pairs of one object in file order."""


def _constant(name: str) -> NoReturn:
    raise RecordFault("", "syntax", f"{name} is no JSON number")


class _MinusZero(int):
    """The number that is written -0: an integer like any zero, but as a float it has a sign."""


_MINUS_ZERO = _MinusZero(0)


def _integer(text: str) -> int | float:
    if text == "-0":
        return _MINUS_ZERO
    # Python refuses to convert very long integers; as a float such a number is out of every range here.
    return int(text) if len(text) <= 300 else float(text)


_PARSER = json.JSONDecoder(object_pairs_hook=JsonObject, parse_constant=_constant, parse_int=_integer)


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
    free: list[FreeValue] = []
    return ExactRecord(_read(model, value, "", free), free)


def read_value(node: Node, value: Any, path: str) -> Any:
    """One plain value of Python as it would be read at a place of a record; `RecordFault` where it does not fit."""
    try:
        parsed = _PARSER.decode(json.dumps(value))
    except (TypeError, RecursionError):
        raise RecordFault(path, "type", f"{value!r} is no value of JSON") from None
    free: list[FreeValue] = []
    found = _read(node, parsed, path, free)
    if free:
        raise RecordFault(free[0].path, "type", f"there is no field {free[0].place[1]!r}")
    return found


def _read(node: Node, value: Any, path: str, free: list[FreeValue]) -> Any:
    if isinstance(node, Scalar):
        return _scalar(node.wire, value, path)
    if isinstance(node, Model):
        return _object(node, value, path, free)
    assert not isinstance(node, Free)
    if not isinstance(value, list) or isinstance(value, JsonObject):
        raise RecordFault(path, "type", f"{_show(value)} instead of a list")
    if not isinstance(node, ListOf) and len(value) != node.size:
        raise RecordFault(path, "type", f"a list of {len(value)} values instead of {node.size}")
    return [_read(node.item, item, f"{path}[{place}]", free) for place, item in enumerate(value)]


def _object(model: Model, value: Any, path: str, free: list[FreeValue]) -> dict[str, Any]:
    if not isinstance(value, JsonObject):
        raise RecordFault(path, "type", f"{_show(value)} instead of an object")
    lead = f"{path}." if path else ""
    seen: set[str] = set()
    free_keys: set[str] = set()
    found = {}
    for key, item in value:
        if not is_text(key):
            raise RecordFault(path, "text", f"the key {key!r} holds half of a surrogate pair")
        node = model.keys.get(key)
        name = lead + model.names.get(key, key)
        if key in seen:
            raise RecordFault(name, "duplicate", f"the key {key!r} occurs twice in one object")
        seen.add(key)
        kept = node is None or (isinstance(node, Free) and node.kept)
        if item is not None and (kept or isinstance(node, Free)):
            free_keys.add(key)
            plain = _plain(item, name) if kept else item
            free.append(FreeValue((model.path, key), lead + key, plain, kept, node is not None))
        if node is None or isinstance(node, Free) or (item is None and key in model.nullable):
            continue
        found[key] = _read(node, item, name, free)
    missing = [key for key in model.keys if key in model.required and key not in found and key not in free_keys]
    if missing:
        # What is made from an id is missing only because the id is.
        key = next((key for key in missing if isinstance(model.keys[key], Free)), missing[0])
        raise RecordFault(lead + model.names[key], "missing", f"the key {key!r} is missing")
    _check_parallels(model, found, lead)
    return found


def _check_parallels(model: Model, found: dict[str, Any], lead: str) -> None:
    for name, place in model.parallels:
        first = len(found.get(place.keys[0], ()))
        for key in place.keys[1:]:
            if key in found and len(found[key]) != first:
                message = f"{key} has {len(found[key])} items, {place.keys[0]} has {first}"
                raise RecordFault(lead + name, "parallel", message)


def _plain(value: Any, path: str, depth: int = 0) -> Any:
    """A value of any kind with objects as dicts. Raises `RecordFault` on what no column of JSON can hold."""
    if depth > _DEPTH_LIMIT:
        raise RecordFault(path, "syntax", "nested too deeply")
    if isinstance(value, JsonObject):
        found = {key: _plain(item, path, depth + 1) for key, item in value}
        if len(found) != len(value):
            raise RecordFault(path, "duplicate", "a key occurs twice in an object inside")
        if not all(map(is_text, found)):
            raise RecordFault(path, "text", "a key holds half of a surrogate pair")
        return found
    if isinstance(value, list):
        return [_plain(item, path, depth + 1) for item in value]
    if isinstance(value, str) and not is_text(value):
        raise RecordFault(path, "text", "the text holds half of a surrogate pair")
    if isinstance(value, float) and abs(value) == float("inf"):
        raise RecordFault(path, "range", "the number is beyond what f64 holds")
    return value


def _scalar(wire: str, value: Any, path: str) -> Any:
    kind = int if value is _MINUS_ZERO else type(value)
    if wire in ("f32", "f64"):
        if kind is not int and kind is not float:
            raise RecordFault(path, "type", f"{_show(value)} instead of a number")
        try:
            number = -0.0 if value is _MINUS_ZERO else float(value)
        except OverflowError:
            number = float("inf")
        if abs(number) == float("inf") or (wire == "f32" and abs(number) >= F32_LIMIT):
            raise RecordFault(path, "range", f"the number is beyond what {wire} holds (about {_F32_MAX:.1e})")
        return number
    expected = {"string": str, "bool": bool}.get(wire, int)
    if expected is int and kind is float and abs(value) == float("inf"):
        raise RecordFault(path, "range", "the number is beyond every integer")
    if kind is not expected:
        raise RecordFault(path, "type", f"{_show(value)} instead of {_KIND[wire]}")
    if wire == "string":
        if not is_text(value):
            raise RecordFault(path, "text", "the text holds half of a surrogate pair")
    elif wire != "bool":
        low, high = INT32 if wire == "i32" else INT64
        if not low <= value <= high:
            raise RecordFault(path, "range", f"{value} is outside of {low} to {high}")
    return value


def is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _show(value: Any) -> str:
    """A short name of a value for a message."""
    if isinstance(value, JsonObject):
        return "an object"
    if isinstance(value, list):
        return "a list"
    text = json.dumps(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
