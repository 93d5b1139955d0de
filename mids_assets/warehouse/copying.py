"""COPY between Polars frames and PostgreSQL.

Into the server the text format is used, with every value spelled so that it survives exactly: null is \\N and an
empty text is nothing, floats are the shortest decimal that reads back, text arrays are array literals.
Batches are encoded while the server reads, two at a time, so memory is bounded by a few batches.
Does not belong here: which rows (merge.py, load.py), names of natural keys (physical.py).
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping

import polars as pl
import psycopg2
from psycopg2.extensions import cursor

from mids_assets.transform.ordered import in_order
from mids_assets.warehouse.stored import quoted

_NULL = "\\N"
_SPECIAL = r"[\\\t\n\r]"
_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}


def copy_in(
    cur: cursor, relation: str, columns: Iterable[str], batches: Iterable[pl.DataFrame], *, freeze: bool = False
) -> int:
    """COPY frames, whose columns are `columns` in this order, into `relation` (quoted already); returns the rows.

    `freeze`: the relation was made in this transaction, so that its rows may be written as if they were old, and
    nobody who reads them later has to write anything.
    Dtypes: Int32, Int64, Float64, Boolean, String, Datetime("us", "UTC"), List(String).
    """
    encoded = in_order(lambda batch: (batch.height, encode(batch)), batches)
    stream = _Stream(encoded)
    try:
        options = " (FREEZE)" if freeze else ""
        cur.copy_expert(f"COPY {relation} ({quoted(*columns)}) FROM STDIN{options}", stream, size=1 << 18)
    except psycopg2.Error:
        # What went wrong while the rows were made would be told as a COPY that the client gave up.
        if stream.failure is not None:
            raise stream.failure from None
        raise
    finally:
        encoded.close()
    return stream.rows


def read_frame(cur: cursor, query: str, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Result of a query without parameters, as numbers, flags and texts.

    Numbers travel as CSV, which is several times as fast as tuples; texts as tuples, since they can hold anything.
    """
    if any(dtype == pl.String for dtype in schema.values()):
        cur.execute(query)
        return pl.DataFrame(cur.fetchall(), schema=dict(schema), orient="row")
    buffer = io.BytesIO()
    cur.copy_expert(f"COPY ({query}) TO STDOUT (FORMAT csv)", buffer)
    if not buffer.tell():
        return pl.DataFrame(schema=dict(schema))
    buffer.seek(0)
    flags = [name for name, dtype in schema.items() if dtype == pl.Boolean]
    spelled = {name: pl.String() if name in flags else dtype for name, dtype in schema.items()}
    frame = pl.read_csv(buffer, has_header=False, schema=spelled)
    return frame.with_columns((pl.col(name) == "t").alias(name) for name in flags)


def encode(frame: pl.DataFrame) -> bytes:
    """The rows of a frame in COPY's text format."""
    spelled = frame.select(_spelled(column) for column in frame.iter_columns())
    buffer = io.BytesIO()
    spelled.write_csv(buffer, separator="\t", quote_style="never", null_value=_NULL, include_header=False)
    return buffer.getvalue()


def _spelled(column: pl.Series) -> pl.Series:
    if column.dtype == pl.List(pl.String):
        column = _array_literals(column)
    if column.dtype == pl.Datetime:
        return column.dt.strftime("%Y-%m-%d %H:%M:%S%.6f+00")
    if column.dtype == pl.String and column.str.contains(_SPECIAL).any():
        return column.str.replace_many(_ESCAPES)
    return column


def _array_literals(column: pl.Series) -> pl.Series:
    """{"a","b"}: each element quoted, so that NULL, commas and braces in it are plain text."""
    escaped = pl.element().str.replace_many({"\\": "\\\\", '"': '\\"'})
    elements = pl.col(column.name).list.eval(pl.format('"{}"', escaped).fill_null("NULL"))
    # In one piece: of several, the first without elements, polars fails (assertion failed: i < self.len()).
    return (
        column.rechunk().to_frame().select(pl.format("{{{}}}", elements.list.join(",")).alias(column.name)).to_series()
    )


class _Stream(io.RawIOBase):
    """What psycopg2 reads from: takes the next batch, as (rows, text), when the last is used up."""

    def __init__(self, batches: Iterator[tuple[int, bytes]]) -> None:
        self.rows = 0
        self.failure: BaseException | None = None
        self._batches = batches
        self._rest = memoryview(b"")

    def read(self, size: int = -1) -> bytes:
        while not self._rest:
            try:
                batch = next(self._batches, None)
                if batch is None:
                    return b""
                self.rows += batch[0]
                self._rest = memoryview(batch[1])
            except BaseException as error:
                self.failure = error
                raise
        end = len(self._rest) if size < 0 else size
        piece, self._rest = self._rest[:end], self._rest[end:]
        return bytes(piece)
