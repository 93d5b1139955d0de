"""Hashes of rows, by which two releases are compared without looking at the values.

A row becomes a line of 64-bit numbers: integers and flags as they are, floats as their bits, texts as the BLAKE2b of
their UTF-8. The hash of the line is the row's. Everything is fixed by byte order and by BLAKE2b, so the same values
give the same hash in every process, on every platform and with every version of Polars.
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
    lines = row_lines(table, frame)
    width = lines.shape[1] * 8
    data = lines.tobytes()
    hashes = [_digest(data[start : start + width]) for start in range(0, len(data), width)]
    return pl.Series(ROW_HASH, hashes, dtype=pl.Int64)


class ChildrenHash:
    """Collects, table by table and batch by batch, the hash over all child rows of each parent.

    `tables` are the child tables in the model's order. Rows must come in order; those of one parent together.
    """

    def __init__(self, tables: tuple[Table, ...], parents: int) -> None:
        self._found = {table.name: np.zeros(parents, _NUMBER) for table in tables}

    def add(self, table: Table, frame: pl.DataFrame, parents: pl.Series) -> None:
        """`parents`: for each row of `frame` the number of its parent (0-based)."""
        if not frame.height:
            return
        lines = row_lines(table, frame)
        owners = parents.to_numpy()
        starts = np.concatenate(([0], np.flatnonzero(np.diff(owners)) + 1))
        width = lines.shape[1] * 8
        bounds = [*(starts * width).tolist(), len(lines) * width]
        data = lines.tobytes()
        found = self._found[table.name]
        for owner, low, high in zip(owners[starts].tolist(), bounds, bounds[1:], strict=False):
            found[owner] = _digest(data[low:high])

    def result(self) -> pl.Series:
        """Int64 `children_hash` of each parent."""
        lines = np.stack(list(self._found.values()), axis=1) if self._found else np.zeros((0, 0), _NUMBER)
        width = lines.shape[1] * 8
        data = np.ascontiguousarray(lines).tobytes()
        hashes = [_digest(data[start : start + width]) for start in range(0, len(data), width)]
        return pl.Series(CHILDREN_HASH, hashes, dtype=pl.Int64)


def row_lines(table: Table, frame: pl.DataFrame) -> np.ndarray:
    """(rows, hashed columns) little-endian int64, see the module's docstring."""
    lines = np.empty((frame.height, len(table.hashed)), _NUMBER)
    for number, name in enumerate(table.hashed):
        lines[:, number] = _numbers(frame.get_column(name))
    return lines


def _numbers(column: pl.Series) -> np.ndarray:
    dtype = column.dtype
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
