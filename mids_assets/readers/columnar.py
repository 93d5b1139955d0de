"""Rows of positional tuples to a nested Polars frame, column by column.

The shape comes from the declared records (`readers.layouts`), so that every source of the same records (binary
files, JSON) ends in frames of one schema. Rows are turned over once per record, nested lists are flattened and
described by offsets: no Python object is made per nested value.
Does not belong here: reading bytes or text, names of concrete records, defaults for missing fields.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np
import polars as pl
import pyarrow as pa

from mids_assets.readers.layout import Field, Record, Wire

_ARROW: Mapping[Wire, pa.DataType] = {
    "string": pa.large_string(),
    "i32": pa.int32(),
    "i64": pa.int64(),
    "f32": pa.float64(),
    "f64": pa.float64(),
    "bool": pa.bool_(),
    "datetime": pa.timestamp("us", tz="UTC"),
}


_INTEGERS: Mapping[Wire, str] = {"i32": "i", "i64": "q"}
"""The codes of `array.array`, which turns integers over twice as fast as pyarrow."""


def frame_schema(records: Mapping[str, Record], name: str) -> pl.Schema:
    """The columns of a frame that holds one row per record `name`, in field order.

    f32 and f64 are Float64, datetime is Datetime("us", "UTC"), a record is a Struct, an array a List.
    """
    fields = [pa.field(field.name, arrow_type(records, field)) for field in records[name]]
    return pl.DataFrame(pl.from_arrow(pa.schema(fields).empty_table())).schema


ALL: Mapping[str, Sequence[str]] = {}


def frame_from_rows(
    records: Mapping[str, Record], name: str, rows: Sequence[tuple], given: Mapping[str, Sequence[str]] = ALL
) -> pl.DataFrame:
    """A frame with `frame_schema(records, name)` from tuples in field order.

    `given`: record -> those of its fields that its tuples hold, in their order; the others are null throughout.

    A nested record is a tuple, an array a list (or tuple); datetime columns take aware `datetime` objects. None is
    null at every depth. Values are not coerced: a value of a wrong type or out of range raises what pyarrow raises
    (`pa.ArrowException`, TypeError, OverflowError), a tuple that is too short or too long ValueError.
    """
    if not records[name].fields:
        return pl.DataFrame()
    arrays = _Columns(records, given).of(records[name], rows)
    table = pa.Table.from_arrays(arrays, names=[field.name for field in records[name]])
    return pl.DataFrame(pl.from_arrow(table))


class _Columns:
    def __init__(self, records: Mapping[str, Record], given: Mapping[str, Sequence[str]]) -> None:
        self._records = records
        self._given = given

    def of(self, record: Record, rows: Sequence[tuple]) -> list[pa.Array]:
        names = self._given.get(record.name) or [field.name for field in record.fields]
        columns = dict(zip(names, zip(*rows, strict=True) if rows else [()] * len(names), strict=True))
        return [
            self._array(field, columns[field.name])
            if field.name in columns
            else pa.nulls(len(rows), arrow_type(self._records, field))
            for field in record.fields
        ]

    def _array(self, field: Field, values: Sequence) -> pa.Array:
        if field.wire == "record":
            return self._structs(self._records[str(field.record)], values)
        if field.wire != "array":
            return _scalars(field.wire, values)
        missing = None
        if None in values:
            missing = pa.array([value is None for value in values], pa.bool_())
            values = [() if value is None else value for value in values]
        offsets = np.zeros(len(values) + 1, np.int64)
        np.cumsum(np.fromiter(map(len, values), np.int64, len(values)), out=offsets[1:])
        flat = list(chain.from_iterable(values))
        if field.item == "record":
            items = self._structs(self._records[str(field.record)], flat)
        elif field.item is not None and field.item in _ARROW:
            items = _scalars(field.item, flat)
        else:
            raise ValueError(f"{field.name}: an array of {field.item} has no column type")
        return pa.LargeListArray.from_arrays(offsets, items, mask=missing)

    def _structs(self, record: Record, values: Sequence) -> pa.Array:
        missing = None
        if None in values:
            missing = pa.array([value is None for value in values], pa.bool_())
            empty = (None,) * len(self._given.get(record.name) or record.fields)
            values = [empty if value is None else value for value in values]
        arrays = self.of(record, values)
        return pa.StructArray.from_arrays(arrays, names=[field.name for field in record], mask=missing)


def _scalars(wire: Wire, values: Sequence) -> pa.Array:
    code = _INTEGERS.get(wire)
    if code is None:
        return pa.array(values, _ARROW[wire])
    # Told the type, pyarrow would cut 1.5 to 1 and take true for 1 without a word.
    found = set(map(type, values))
    if not found <= {int, type(None)}:
        raise TypeError(f"integers expected, found {', '.join(sorted(kind.__name__ for kind in found))}")
    if type(None) in found:
        return pa.array(values, _ARROW[wire])
    return pa.Array.from_buffers(_ARROW[wire], len(values), [None, pa.py_buffer(array(code, values))])


def arrow_type(records: Mapping[str, Record], field: Field) -> pa.DataType:
    """The type of a field's column, as `frame_schema` states it."""

    def struct() -> pa.DataType:
        return pa.struct([(inner.name, arrow_type(records, inner)) for inner in records[str(field.record)]])

    if field.wire == "record":
        return struct()
    if field.wire == "array":
        if field.item == "record":
            return pa.large_list(struct())
        if field.item is None:
            raise ValueError(f"{field.name}: an array without an item type")
        return pa.large_list(_ARROW[field.item])
    return _ARROW[field.wire]
