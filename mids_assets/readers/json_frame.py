"""Arrow columns under a source's keys to the nested frame of `readers.columnar`, column by column.

Fills what a source may leave out, splits and joins what it spells otherwise than the canonical record, and takes
f32 numbers through f32.
Does not belong here: finding and refusing records (`readers.json_records`), keys without a field (`json_extra`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from mids_assets.readers.columnar import arrow_type
from mids_assets.readers.json_arrow import lengths
from mids_assets.readers.json_extra import Codes, named_numbers
from mids_assets.readers.json_model import RECORDS, Fixed, ListOf, Model, Scalar, build_model
from mids_assets.readers.layout import Field, Record, Wire
from mids_assets.readers.shapes import FORMULA_SEPARATOR, SHAPES, Formula, FullName, Key, Named, Pairs, Parallel, Shape

_DEFAULTS: dict[str, Any] = {"string": "", "i32": 0, "i64": 0, "f32": 0.0, "f64": 0.0, "bool": False}


def frame_from_arrays(
    shape: str, entity: str, arrays: Mapping[str, pa.Array], count: int, codes: Codes
) -> pl.DataFrame:
    """A frame with `columnar.frame_schema` of the entity's record, `count` rows.

    `arrays` are the columns by key; numbers beyond f32 must not be among them.
    """
    records, root = RECORDS[entity]
    columns = _Columns(SHAPES[shape], records, codes).of(build_model(shape, entity), records[root], arrays, count)
    table = pa.Table.from_arrays(columns, names=[field.name for field in records[root]])
    return pl.DataFrame(pl.from_arrow(table))


def shortest_f32(values: pa.Array) -> pa.Array:
    """Float64 with the shortest decimal that reads back as the same f32. Null stays null."""
    narrow = values.fill_null(0.0).to_numpy(zero_copy_only=False).astype(np.float32)
    # Few distinct numbers occur; the detour through text is taken once for each.
    encoded = pa.array(narrow).dictionary_encode()
    distinct = pl.Series(encoded.dictionary.to_numpy(), dtype=pl.Float32)
    decimal = distinct.cast(pl.String).cast(pl.Float64).to_numpy()
    wide = decimal[encoded.indices.to_numpy()] if len(decimal) else np.zeros(0)
    # The dictionary may count -0.0 and 0.0 as one number.
    wide = np.where(narrow == 0, np.copysign(0.0, narrow), wide)
    return pa.array(wide, pa.float64(), mask=_nulls(values) if values.null_count else None)


class _Columns:
    """The columns of one shape. `arrays` of an object that is null are null throughout."""

    def __init__(self, shape: Shape, records: Mapping[str, Record], codes: Codes) -> None:
        self.shape = shape
        self.records = records
        self.codes = codes

    def of(self, model: Model, record: Record, arrays: Mapping[str, pa.Array], count: int) -> list[pa.Array]:
        return [self.column(model, record, field, arrays, count) for field in record]

    def column(
        self, model: Model, record: Record, field: Field, arrays: Mapping[str, pa.Array], count: int
    ) -> pa.Array:
        place = self.shape.place(record.name, field.name)
        if place is None:
            return pa.nulls(count, arrow_type(self.records, field))
        if isinstance(place, Formula):
            return _formula(place, arrays)
        if isinstance(place, Parallel):
            return self.parallel(field, place, arrays)
        if isinstance(place, FullName):
            return _full_name(place, arrays)
        found = arrays[place.key]
        if isinstance(place, Named):
            return named_numbers(found, self.codes[place.enumeration], place.synonyms)
        if isinstance(place, Pairs):
            return self.pairs(model, field, place, found)
        return self.plain(model, field, place, found)

    def plain(self, model: Model, field: Field, place: Key, found: pa.Array) -> pa.Array:
        node = model.keys[place.key]
        # Only a field that a source may not store at all stays null.
        fill = self.shape.defaults and place.key not in model.nullable
        if isinstance(node, Model):
            return self.struct(node, self.records[str(field.record)], found, nulls=not fill)
        if isinstance(node, Scalar):
            return _scalars(node.wire, found, fill=fill)
        assert isinstance(node, ListOf)
        items = found.flatten()
        if isinstance(node.item, Model):
            items = self.struct(node.item, self.records[str(field.record)], items, nulls=False)
        else:
            assert isinstance(node.item, Scalar)
            items = _scalars(node.item.wire, items, fill=False)
        return _list(found, items, nulls=not fill)

    def struct(self, model: Model, record: Record, found: pa.Array, *, nulls: bool) -> pa.Array:
        """`nulls`: an object that is absent is null; else all its values are the defaults."""
        names = [field.name for field in found.type]
        arrays = dict(zip(names, found.flatten(), strict=True))
        columns = self.of(model, record, arrays, len(found))
        struct = pa.StructArray.from_arrays(columns, names=[field.name for field in record])
        if not (nulls and found.null_count):
            return struct
        # Taken, not masked: so nothing is left behind the null.
        there = ~_nulls(found)
        return struct.filter(pa.array(there)).take(pa.array(np.cumsum(there) - 1, pa.int64(), mask=~there))

    def pairs(self, model: Model, field: Field, place: Pairs, found: pa.Array) -> pa.Array:
        node = model.keys[place.key]
        assert isinstance(node, ListOf) and isinstance(node.item, Fixed)
        record, size = self.records[str(field.record)], node.item.size
        flat = found.flatten().flatten()
        parts = [flat.take(pa.array(np.arange(number, len(flat), size))) for number in range(size)]
        arrays = [_scalars(part.wire, array, fill=False) for part, array in zip(record, parts, strict=True)]
        items = pa.StructArray.from_arrays(arrays, names=[part.name for part in record])
        return _list(found, items, nulls=not self.shape.defaults)

    def parallel(self, field: Field, place: Parallel, arrays: Mapping[str, pa.Array]) -> pa.Array:
        record = self.records[str(field.record)]
        first = arrays[place.keys[0]]
        columns = []
        for key, absent, part in zip(place.keys, place.absent, record, strict=True):
            flat = _flat_beside(first, arrays[key])
            flat = flat.fill_null(pa.scalar(absent, flat.type))
            columns.append(_scalars(part.wire, flat, fill=False))
        items = pa.StructArray.from_arrays(columns, names=[part.name for part in record])
        return _list(first, items, nulls=not self.shape.defaults)


def _scalars(wire: Wire, found: pa.Array, *, fill: bool) -> pa.Array:
    if fill and found.null_count:
        found = found.fill_null(pa.scalar(_DEFAULTS[wire], found.type))
    return shortest_f32(found) if wire == "f32" else found


def _list(lists: pa.Array, items: pa.Array, *, nulls: bool) -> pa.Array:
    """The lists of `lists` over other items (those of `lists.flatten()`, mapped)."""
    offsets = np.zeros(len(lists) + 1, np.int64)
    np.cumsum(lengths(lists), out=offsets[1:])
    mask = pa.array(_nulls(lists)) if nulls and lists.null_count else None
    return pa.LargeListArray.from_arrays(pa.array(offsets), items, mask=mask)


def _flat_beside(first: pa.Array, other: pa.Array) -> pa.Array:
    """The items of `other` beside those of `first`; null where `other` has no list."""
    if not other.null_count:
        return other.flatten()
    rows = np.repeat(np.arange(len(first)), lengths(first))
    # Where `other` has a list it is as long as the one of `first`: its items stand in the same order.
    gone = _nulls(other)[rows]
    return other.flatten().take(pa.array(np.cumsum(~gone) - 1, pa.int64(), mask=gone))


def _formula(place: Formula, arrays: Mapping[str, pa.Array]) -> pa.Array:
    holder, older = arrays[place.holder], arrays[place.older]
    names = [field.name for field in holder.type]
    text = holder.flatten()[names.index(place.key)].fill_null("")
    if place.part is None or not holder.null_count or older.null_count == len(older):
        return text
    frame = pl.DataFrame(
        {"text": pl.from_arrow(text), "older": pl.from_arrow(older), "old": pl.from_arrow(holder.is_null())}
    )
    part = pl.col("older").str.splitn(FORMULA_SEPARATOR, 2).struct[place.part].fill_null("")
    return frame.select(pl.when("old").then(part).otherwise("text").alias("text"))["text"].to_arrow().cast(pa.string())


def _full_name(place: FullName, arrays: Mapping[str, pa.Array]) -> pa.Array:
    group = pl.Series(pl.from_arrow(arrays[place.group]))
    frame = pl.DataFrame([group.alias("group"), *(pl.Series(n, pl.from_arrow(arrays[n])) for n in place.names)])
    name = pl.coalesce(pl.when(pl.col(key) != "").then(pl.col(key)) for key in place.names)
    group_name = pl.when(pl.col("group") != "").then(pl.col("group"))
    whole = (name.str.count_matches(".", literal=True) >= 2) | name.str.starts_with(group_name + ".")
    joined = pl.when(whole | group_name.is_null()).then(name).otherwise(group_name + "." + name)
    return frame.select(joined.alias("name"))["name"].to_arrow().cast(pa.string())


def _nulls(array: pa.Array) -> np.ndarray:
    return array.is_null().to_numpy(zero_copy_only=False)
