"""Hashes of rows, by which two releases are compared without looking at the values.

A row becomes bytes: first a line of 64-bit numbers (integers and flags as they are, floats as their bits), then its
texts, each behind a plus sign and nothing where it is null, with a NUL between two. BLAKE2b of the bytes is the row's
hash. Rows of children are many and their texts few: there a text is one more number, the BLAKE2b of its UTF-8, and
numbers are mixed (SplitMix64) and added up: those of a row with the place of their column, rows of a parent with
their place among them. Everything is fixed by byte order and by these two, so the same values give the same hash in
every process, on every platform and with every version of Polars.
Does not belong here: which columns count (`Table.hashed`).
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
import polars as pl
import pyarrow as pa

from mids_assets.model.frames import CHILDREN_HASH, ROW_HASH
from mids_assets.model.table import Table

_NO_INTEGER = -(2**63)
_NO_FLOAT = np.array([0x7FF8DEADBEEF0001], np.uint64).view(np.int64)[0]
"""Stand for null: outside of int4, and a NaN that finite columns cannot hold."""
_NUMBER = np.dtype("<i8")


def row_hash(table: Table, frame: pl.DataFrame) -> pl.Series:
    """Int64 `row_hash` of each row over the columns `table.hashed`."""
    dtypes = frame.schema
    texts = [name for name in table.hashed if dtypes[name] in (pl.String, pl.List(pl.String))]
    numbers = [name for name in table.hashed if name not in texts]
    lines = np.empty((frame.height, len(numbers)), _NUMBER)
    for place, name in enumerate(numbers):
        lines[:, place] = _numbers(frame.get_column(name))
    width = lines.shape[1] * 8
    data = memoryview(lines.tobytes())
    joined, offsets = _joined_texts(frame, texts)
    digests = []
    for row in range(frame.height):
        digest = blake2b(data[row * width : (row + 1) * width], digest_size=8)
        digest.update(joined[offsets[row] : offsets[row + 1]])
        digests.append(digest.digest())
    return pl.Series(ROW_HASH, np.frombuffer(b"".join(digests), _NUMBER), dtype=pl.Int64)


def _joined_texts(frame: pl.DataFrame, names: list[str]) -> tuple[memoryview, list[int]]:
    """The texts of each row in one, as UTF-8 of all rows, and where each row begins (and the last one ends)."""
    if not names:
        return memoryview(b""), [0] * (frame.height + 1)
    parts, dtypes = [], frame.schema
    for name in names:
        text = pl.col(name)
        if isinstance(dtypes[name], pl.List):
            # NUL cannot occur in a text, so the joined text is one list and no other.
            text = pl.format("{}\0{}", text.list.len(), text.list.join("\0"))
        parts.append(pl.when(pl.col(name).is_null()).then(pl.lit("")).otherwise(pl.lit("+") + text))
    joined = frame.select(pl.concat_str(parts, separator="\0")).to_series()
    array = pa.chunked_array([joined.to_arrow(compat_level=pl.CompatLevel.oldest())]).combine_chunks()
    array = array.cast(pa.large_string())
    _, offsets, data = array.buffers()
    where = np.frombuffer(offsets, np.int64, len(array) + 1, array.offset * 8).tolist()
    return memoryview(data) if data is not None else memoryview(b""), where


class ChildrenHash:
    """Collects, table by table and batch by batch, the hash over all child rows of each parent.

    `tables` are the child tables in the model's order. Rows must come in order; those of one parent together.
    """

    def __init__(self, tables: tuple[Table, ...], parents: int) -> None:
        self._found = {table.name: np.zeros(parents, np.uint64) for table in tables}
        self._parents = parents

    def add(self, table: Table, frame: pl.DataFrame, parents: pl.Series) -> None:
        """`parents`: for each row of `frame` the number of its parent (0-based)."""
        if not frame.height:
            return
        owners = parents.to_numpy()
        starts = np.concatenate(([0], np.flatnonzero(np.diff(owners)) + 1))
        counts = np.diff(starts, append=len(owners))
        place = np.arange(len(owners)) - np.repeat(starts, counts)
        rows = _mixed(_row_numbers(table, frame) + _salt(place))
        self._found[table.name][owners[starts]] = _mixed(np.add.reduceat(rows, starts) + _salt(counts))

    def result(self) -> pl.Series:
        """Int64 `children_hash` of each parent."""
        total = np.zeros(self._parents, np.uint64)
        for number, found in enumerate(self._found.values()):
            total += _mixed(found + _salt(np.array([number])))
        return pl.Series(CHILDREN_HASH, _mixed(total).view(np.int64), dtype=pl.Int64)


def _row_numbers(table: Table, frame: pl.DataFrame) -> np.ndarray:
    """One number (uint64) for each row of a child table, without the parent that it belongs to."""
    total = np.zeros(frame.height, np.uint64)
    names = [name for name in table.hashed if name != table.parent]
    for number, name in enumerate(names):
        total += _mixed(_numbers(frame.get_column(name)).view(np.uint64) + _salt(np.array([number])))
    return _mixed(total)


def _salt(numbers: np.ndarray) -> np.ndarray:
    return (numbers.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)


def _mixed(numbers: np.ndarray) -> np.ndarray:
    """The last step of SplitMix64: each bit of the result depends on each bit of the number."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))


def _numbers(column: pl.Series) -> np.ndarray:
    """Little-endian int64 for each value, see the module's docstring; a single one where all are null."""
    dtype = column.dtype
    if column.null_count() == len(column):
        return np.array([_NO_FLOAT if dtype == pl.Float64 else _NO_INTEGER], _NUMBER)
    if isinstance(dtype, pl.List):
        # NUL cannot occur in a text, so the joined text is one list and no other.
        joined = pl.format("{}\0{}", column.list.len(), column.list.join("\0"))
        column, dtype = pl.select(joined).to_series(), pl.String()
    if dtype == pl.String:
        return _text_digests(column)
    if dtype == pl.Float64:
        values = column.fill_null(0.0).to_numpy().astype("<f8").view(_NUMBER)
        return np.where(column.is_null().to_numpy(), _NO_FLOAT, values)
    return column.cast(pl.Int64).fill_null(_NO_INTEGER).to_numpy()


def _text_digests(column: pl.Series) -> np.ndarray:
    array = column.to_arrow(compat_level=pl.CompatLevel.oldest())
    encoded = pa.chunked_array([array]).combine_chunks().dictionary_encode()
    texts = encoded.dictionary.to_pylist()
    digests = np.fromiter((_digest(text.encode()) for text in texts), _NUMBER, len(texts))
    digests = np.append(digests, _NO_INTEGER)
    places = encoded.indices.fill_null(len(texts)).to_numpy(zero_copy_only=False)
    return digests[places]


def _digest(data: bytes) -> int:
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "little", signed=True)
