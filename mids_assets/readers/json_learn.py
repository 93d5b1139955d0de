"""The types of keys without a field, learned from the values seen.

An alias table names such keys without a type, and a new release brings keys that nobody has named. Arrow's reader
must be told a type for each, or it refuses the record; a record that it refuses is read exactly and teaches the
type for all that follow. What was learned decides how fast a record is read, never what comes out.
Does not belong here: reading records, what becomes of the values (`readers.json_extra`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from mids_assets.readers.json_exact import FreeValue, JsonObject, is_text
from mids_assets.readers.json_model import INT64, Fixed, Free, ListOf, Model, Node, Scalar

_LIMIT = 500
"""So many keys are learned; a file of random keys stays on the exact way."""
_DEPTH = 6
_WIRES: Mapping[str, pa.DataType] = {
    "string": pa.string(),
    "i32": pa.int32(),
    "i64": pa.int64(),
    "f32": pa.float64(),
    "f64": pa.float64(),
    "bool": pa.bool_(),
}

Place = tuple[str, str]
"""(path of the model, key)."""


class Learned:
    """Types by place. Grows only; the first type of a place that does not fit a later value is kept."""

    def __init__(self) -> None:
        self.types: dict[Place, pa.DataType] = {}

    def learn(self, values: Iterable[FreeValue]) -> bool:
        """Take in what an exact reading found; whether anything is new."""
        new = False
        for value in values:
            found = _infer(value.value)
            known = self.types.get(value.place)
            if known is None and len(self.types) >= _LIMIT:
                continue
            merged = found if known is None else _merge(known, found)
            if merged is not None and merged != known:
                self.types[value.place] = merged
                new = True
        return new

    def schema(self, model: Model) -> pa.Schema:
        """What Arrow is told about records of `model`: a key of which nothing was learned yet is left out."""
        return pa.schema(self._fields(model))

    def _fields(self, model: Model) -> list[pa.Field]:
        kinds = {key: self._type(node) for key, node in model.keys.items() if not isinstance(node, Free)}
        for (path, key), kind in self.types.items():
            if path == model.path and key not in kinds:
                kinds[key] = _told(kind)
        return [pa.field(key, kind) for key, kind in kinds.items()]

    def _type(self, node: Node) -> pa.DataType:
        if isinstance(node, Scalar):
            if node.wire not in _WIRES:
                raise ValueError(f"{node.wire} has no JSON type")
            return _WIRES[node.wire]
        if isinstance(node, ListOf | Fixed):
            return pa.list_(self._type(node.item))
        assert isinstance(node, Model)
        return pa.struct(self._fields(node))


def _told(kind: pa.DataType) -> pa.DataType:
    """The type that Arrow is told: of values that were null so far it may hold flags, too.

    Arrow's reader makes invalid arrays of lists of nulls, when told that they are no more than that.
    """
    if pa.types.is_null(kind):
        return pa.bool_()
    if pa.types.is_list(kind):
        return pa.list_(_told(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([pa.field(field.name, _told(field.type)) for field in kind])
    return kind


def _infer(value: Any, depth: int = 0) -> pa.DataType | None:
    """The type of a decoded JSON value (objects as dict or `JsonObject`); None where none fits."""
    if value is None:
        return pa.null()
    if isinstance(value, bool):
        return pa.bool_()
    if isinstance(value, str):
        return pa.string()
    if isinstance(value, int):
        return pa.int64() if INT64[0] <= value <= INT64[1] else None
    if isinstance(value, float):
        return pa.float64()
    if depth == _DEPTH:
        return None
    if isinstance(value, dict | JsonObject):
        kinds = {}
        for key, item in value.items() if isinstance(value, dict) else value:
            kinds[key] = _infer(item, depth + 1)
            if kinds[key] is None or not is_text(key):
                return None
        return pa.struct([pa.field(key, kind) for key, kind in kinds.items()])
    kind: pa.DataType | None = pa.null()
    for item in value:
        kind = _merge(kind, _infer(item, depth + 1))
        if kind is None:
            return None
    return pa.list_(kind)


def _merge(one: pa.DataType, other: pa.DataType | None) -> pa.DataType | None:
    """A type for values of both types; None where there is none."""
    if other is None or one == other:
        return other
    if pa.types.is_null(one):
        return other
    if pa.types.is_null(other):
        return one
    if {one, other} == {pa.int64(), pa.float64()}:
        return pa.float64()
    if pa.types.is_list(one) and pa.types.is_list(other):
        inner = _merge(one.value_type, other.value_type)
        return None if inner is None else pa.list_(inner)
    if pa.types.is_struct(one) and pa.types.is_struct(other):
        kinds = {field.name: field.type for field in one}
        for field in other:
            merged = _merge(kinds[field.name], field.type) if field.name in kinds else field.type
            if merged is None:
                return None
            kinds[field.name] = merged
        return pa.struct([pa.field(key, kind) for key, kind in kinds.items()])
    return None
