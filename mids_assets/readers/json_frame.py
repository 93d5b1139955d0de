"""Decoded JSON structs to the nested frame of `readers.columnar`, column by column.

Fills what an archive may leave out, splits and joins what it spells otherwise than the canonical record, and takes
f32 numbers through f32.
Does not belong here: finding and refusing records (`readers.json_records`).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from msgspec import UNSET

from mids_assets.readers.json_exact import RecordFault
from mids_assets.readers.json_model import RECORDS, ListOf, Model, build_model
from mids_assets.readers.layout import Field, Record, Wire
from mids_assets.readers.shapes import FORMULA_SEPARATOR, SHAPES, Formula, Key, Pairs, Parallel, Shape

_ARROW = {
    "string": pa.large_string(),
    "i32": pa.int32(),
    "i64": pa.int64(),
    "f64": pa.float64(),
    "bool": pa.bool_(),
}
_DEFAULTS: dict[str, Any] = {"string": "", "i32": 0, "i64": 0, "f32": 0.0, "f64": 0.0, "bool": False}


class BeyondF32(Exception):
    """Some number of an f32 field is beyond f32; which one, the exact reader says."""


def frame_from_structs(shape: str, entity: str, values: Sequence[Any]) -> pl.DataFrame:
    """A frame with `columnar.frame_schema` of the entity's record. Raises `BeyondF32`."""
    records, root = RECORDS[entity]
    model = build_model(shape, entity)
    columns = _Columns(SHAPES[shape], records).of(model, records[root], values)
    table = pa.Table.from_arrays(columns, names=[field.name for field in records[root]])
    return pl.DataFrame(pl.from_arrow(table))


def parallel_fault(model: Model, value: Any) -> RecordFault | None:
    """A fault when parallel arrays of the record differ in length."""
    for name, place in model.parallels:
        found = [getattr(value, model.attributes[key]) for key in place.keys]
        sizes = [None if part is UNSET else len(part) for part in found]
        first = sizes[0] or 0
        for key, size in zip(place.keys[1:], sizes[1:], strict=True):
            if size is not None and size != first:
                return RecordFault(name, "parallel", f"{key} has {size} items, {place.keys[0]} has {first}")
    return None


def shortest_f32(values: Sequence[float]) -> pa.Array:
    """Float64 with the shortest decimal that reads back as the same f32. Raises `BeyondF32`."""
    exact = np.fromiter(values, np.float64, len(values))
    with np.errstate(over="ignore"):
        narrow = exact.astype(np.float32)
    if not np.isfinite(narrow).all():
        raise BeyondF32
    # Few distinct numbers occur; the detour through text is taken once for each.
    distinct, places = np.unique(narrow, return_inverse=True)
    decimal = pl.Series(distinct, dtype=pl.Float32).cast(pl.String).cast(pl.Float64).to_numpy()
    wide = decimal[places] if len(decimal) else np.zeros(0)
    # `unique` counts -0.0 and 0.0 as one number.
    return pa.array(np.where(narrow == 0, np.copysign(0.0, narrow), wide), pa.float64())


class _Columns:
    def __init__(self, shape: Shape, records) -> None:
        self.shape = shape
        self.records = records

    def of(self, model: Model, record: Record, values: Sequence[Any]) -> list[pa.Array]:
        return [self.column(model, record, field, values) for field in record]

    def column(self, model: Model, record: Record, field: Field, values: Sequence[Any]) -> pa.Array:
        place = self.shape.place(record.name, field.name)
        if isinstance(place, Formula):
            return pa.array(_formula(model, place, values), pa.large_string())
        if isinstance(place, Parallel):
            return self.tuples(field, _parallel(model, place, values))
        found = list(map(attrgetter(model.attributes[place.key]), values))
        if isinstance(place, Pairs):
            return self.tuples(field, _without_gaps(found, ()))
        return self.plain(model, field, place, found)

    def plain(self, model: Model, field: Field, place: Key, found: list) -> pa.Array:
        node = model.keys[place.key]
        if field.wire == "record":
            assert isinstance(node, Model)
            return self.struct(node, self.records[field.record], found)
        if field.wire != "array":
            return _scalars(field.wire, _without_gaps(found, _DEFAULTS[field.wire]))
        assert isinstance(node, ListOf)
        # Only a field that a source may not store at all can be None here, or absent from an archive.
        empty = () if place.key not in model.nullable else None
        found = _without_gaps(found, empty)
        missing = None
        if None in found:
            missing = pa.array([value is None for value in found], pa.bool_())
            found = [() if value is None else value for value in found]
        offsets, flat = _flatten(found)
        if isinstance(node.item, Model):
            items = self.struct(node.item, self.records[field.record], flat)
        else:
            assert field.item is not None
            items = _scalars(field.item, flat)
        return pa.LargeListArray.from_arrays(offsets, items, mask=missing)

    def struct(self, model: Model, record: Record, values: list) -> pa.Array:
        if UNSET in values:
            # Only an optional record (null) or a shape with defaults (all keys may be absent) leaves a gap.
            gap = model.struct() if self.shape.defaults else None
            values = [gap if value is UNSET else value for value in values]
        present = [value for value in values if value is not None]
        names = [field.name for field in record]
        items = pa.StructArray.from_arrays(self.of(model, record, present), names=names)
        if len(present) == len(values):
            return items
        known = np.array([value is not None for value in values], bool)
        return items.take(pa.array(np.cumsum(known) - 1, pa.int64(), mask=~known))

    def tuples(self, field: Field, lists: Sequence[Sequence[tuple]]) -> pa.Array:
        record = self.records[field.record]
        offsets, flat = _flatten(lists)
        arrays = [_scalars(part.wire, list(map(itemgetter(number), flat))) for number, part in enumerate(record.fields)]
        items = pa.StructArray.from_arrays(arrays, names=[part.name for part in record])
        return pa.LargeListArray.from_arrays(offsets, items)


def _scalars(wire: Wire, values: list) -> pa.Array:
    return shortest_f32(values) if wire == "f32" else pa.array(values, _ARROW[wire])


def _without_gaps(values: list, default: Any) -> list:
    return [default if value is UNSET else value for value in values] if UNSET in values else values


def _flatten(lists: Sequence[Sequence]) -> tuple[np.ndarray, list]:
    offsets = np.zeros(len(lists) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, lists), np.int64, len(lists)), out=offsets[1:])
    return offsets, list(chain.from_iterable(lists))


def _formula(model: Model, place: Formula, values: Sequence[Any]) -> list[str]:
    holder = model.keys[place.holder]
    assert isinstance(holder, Model)
    inner = attrgetter(holder.attributes[place.key])
    older = attrgetter(model.attributes[place.older])
    texts = []
    for value, current in zip(values, map(attrgetter(model.attributes[place.holder]), values), strict=True):
        text = UNSET if current is UNSET else inner(current)
        if text is UNSET and current is UNSET and place.part is not None:
            whole = older(value)
            parts = [] if whole is UNSET else whole.split(FORMULA_SEPARATOR, 1)
            text = parts[place.part] if place.part < len(parts) else ""
        texts.append("" if text is UNSET else text)
    return texts


def _parallel(model: Model, place: Parallel, values: Sequence[Any]) -> list[list[tuple]]:
    lists = []
    for value in values:
        arrays = [getattr(value, model.attributes[key]) for key in place.keys]
        size = 0 if arrays[0] is UNSET else len(arrays[0])
        filled = [[gap] * size if part is UNSET else part for part, gap in zip(arrays, place.absent, strict=True)]
        lists.append(list(zip(*filled, strict=True)))
    return lists
