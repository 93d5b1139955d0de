"""Records of one JSON shape through Arrow's reader, and what it would let pass without a word.

Arrow refuses nearly all that is wrong (a fraction for an integer, a key twice, an unknown key, half of a surrogate
pair, a trailing comma); then nothing of the block is read. It accepts NaN and infinity, and a null is to it the
same as an absent key: `suspects` finds the records where one of these may hide, together with the rules that need
a look at the values (numbers beyond f32, lists that must be of one length).
Does not belong here: what becomes of a suspect or of a refused block (`readers.json_records`), canonical columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.json

from mids_assets.readers.json_exact import F32_LIMIT
from mids_assets.readers.json_model import Fixed, Free, ListOf, Model, Node, Scalar

EXACT_INTEGERS = 2.0**53
"""Below this every integer is a float64."""


def is_utf8(data: bytes) -> bool:
    """Whether Arrow, which does not look at it while reading, may be given these bytes."""
    offsets = pa.py_buffer(np.array([0, len(data)], np.int64))
    text = pa.Array.from_buffers(pa.large_string(), 1, [None, offsets, pa.py_buffer(data)])
    try:
        text.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def read_block(lines: bytes | bytearray, schema: pa.Schema) -> pa.Table:
    """Objects, one a line. Raises `pa.ArrowInvalid` when any of them does not fit the schema to the letter."""
    return pyarrow.json.read_json(
        pa.BufferReader(lines),
        # One block: a record must not be cut, and the order stays.
        read_options=pyarrow.json.ReadOptions(use_threads=False, block_size=len(lines) + 1),
        parse_options=pyarrow.json.ParseOptions(
            explicit_schema=schema, newlines_in_values=True, unexpected_field_behavior="error"
        ),
    )


def arrays_of(table: pa.Table) -> dict[str, pa.Array]:
    found = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        found[name] = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    return found


@dataclass(frozen=True, slots=True)
class Level:
    """All objects of one model in a table. `rows`: the record each one is in, `leads`: its path, such as
    `effects[3].`, one text (String) per object, made when asked for."""

    model: Model
    arrays: Mapping[str, pa.Array]
    rows: np.ndarray
    leads: Callable[[], pl.Series]


def levels(model: Model, arrays: Mapping[str, pa.Array], count: int) -> Iterator[Level]:
    """The records themselves, then the objects inside, outer ones first."""
    yield from _levels(Level(model, arrays, np.arange(count), lambda: pl.repeat("", count, eager=True)))


def _levels(level: Level) -> Iterator[Level]:
    yield level
    for key, inner in level.model.inner():
        array = level.arrays.get(key)
        if array is None:
            continue
        name = level.model.names[key]
        if isinstance(level.model.keys[key], ListOf):
            places = np.repeat(np.arange(len(array)), lengths(array))
            items = array.flatten()
            leads = partial(_list_leads, level.leads, name, places, lengths(array))
        else:
            places, items = np.arange(len(array)), array
            leads = partial(_object_leads, level.leads, name)
        if items.null_count:
            there = np.flatnonzero(_is_valid(items))
            places, items = places[there], items.take(pa.array(there))
            leads = partial(_some_leads, leads, there)
        names = [field.name for field in items.type]
        arrays = dict(zip(names, items.flatten(), strict=True))
        yield from _levels(Level(inner, arrays, level.rows[places], leads))


def _list_leads(outer: Callable[[], pl.Series], name: str, places: np.ndarray, sizes: np.ndarray) -> pl.Series:
    numbers = np.arange(len(places)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return pl.select(pl.format(f"{{}}{name}[{{}}].", outer().gather(places), pl.Series(numbers))).to_series()


def _object_leads(outer: Callable[[], pl.Series], name: str) -> pl.Series:
    return outer() + f"{name}."


def _some_leads(leads: Callable[[], pl.Series], places: np.ndarray) -> pl.Series:
    return leads().gather(places)


def lengths(array: pa.Array) -> np.ndarray:
    """Items of each list; 0 for null."""
    return array.value_lengths().fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)


def suspects(model: Model, arrays: Mapping[str, pa.Array], count: int) -> np.ndarray:
    """Rows (ascending, int64) that only an exact reading can judge."""
    found = [level.rows[place] for level in levels(model, arrays, count) for place in _doubtful(level)]
    return np.unique(np.concatenate(found)) if found else np.zeros(0, np.int64)


def _doubtful(level: Level) -> Iterator[np.ndarray]:
    """Places of objects in one level."""
    model = level.model
    for key in model.required:
        array = level.arrays.get(key)
        if array is None:
            yield np.arange(len(level.rows))
        elif array.null_count:
            yield np.flatnonzero(~_is_valid(array))
    for key, array in level.arrays.items():
        node = model.keys.get(key)
        if node is None or isinstance(node, Free):
            kept = node is None or node.kept
            yield from _doubtful_free(array, kept)
        else:
            yield from _doubtful_values(node, array)
    for _, place in model.parallels:
        found = {key: level.arrays[key] for key in place.keys if key in level.arrays}
        sizes = {key: lengths(array) for key, array in found.items()}
        for key in place.keys[1:]:
            if key in found:
                yield np.flatnonzero(_is_valid(found[key]) & (sizes[key] != sizes[place.keys[0]]))


def _doubtful_values(node: Node, array: pa.Array) -> Iterator[np.ndarray]:
    if isinstance(node, Scalar):
        if pa.types.is_floating(array.type):
            yield from _beyond(array, F32_LIMIT if node.wire == "f32" else np.inf)
    elif isinstance(node, ListOf | Fixed):
        places = np.repeat(np.arange(len(array)), lengths(array))
        items = array.flatten()
        if items.null_count:
            yield places[~_is_valid(items)]
        for inner in _doubtful_values(node.item, items):
            yield places[inner]
        if isinstance(node, Fixed):
            sizes = lengths(array)
            yield np.flatnonzero(_is_valid(array) & (sizes != node.size))


def _doubtful_free(array: pa.Array, kept: bool) -> Iterator[np.ndarray]:
    """Numbers that Arrow changed."""
    if pa.types.is_floating(array.type):
        yield from _beyond(array, EXACT_INTEGERS if kept else np.inf)
    elif pa.types.is_list(array.type):
        places = np.repeat(np.arange(len(array)), lengths(array))
        for inner in _doubtful_free(array.flatten(), kept):
            yield places[inner]
    elif pa.types.is_struct(array.type):
        for part in array.flatten():
            yield from _doubtful_free(part, kept)


def _beyond(array: pa.Array, limit: float) -> Iterator[np.ndarray]:
    values = array.to_numpy(zero_copy_only=False)
    # A null is NaN here as well; that is looked for where it matters.
    good = np.abs(values) < limit
    if not good.all():
        bad = ~good & _is_valid(array)
        if bad.any():
            yield np.flatnonzero(bad)


def _is_valid(array: pa.Array) -> np.ndarray:
    return array.is_valid().to_numpy(zero_copy_only=False)
