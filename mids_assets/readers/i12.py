"""I12.mhd, the main database: header, raw JSON per entity, or nested frames straight from the bytes.

Whatever the layout of the file, records come out in the shape of the newest one. Both ways read in batches, so
memory does not grow with the file.
Does not belong here: how bytes are read (`binary`), the rules of the data (`transform`).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
import polars as pl

from mids_assets.errors import FormatError
from mids_assets.readers.binary import Part, find_layout, scan
from mids_assets.readers.binary_rows import rows_to_dicts
from mids_assets.readers.columnar import frame_from_rows, frame_schema
from mids_assets.readers.layout import Layout
from mids_assets.readers.layouts.i12 import I12
from mids_assets.readers.upgrade import upgrade_rows
from mids_assets.readers.wire import from_net_date

ENTITIES = {
    "archetypes": "archetype",
    "powersets": "powerset",
    "powers": "power",
    "entities": "summoned_entity",
}
"""Array of the file -> entity (and record) it holds, in file order."""
RAW_FILES = {
    "archetype": "archetype.json",
    "powerset": "powerset.json",
    "power": "i12.json",
    "summoned_entity": "summoned_entity.json",
}
_BATCH = 500


@dataclass(frozen=True, slots=True)
class I12Header:
    """What the file says about itself. `version` is text in every layout (21.0331 from a number, 2022.3.1331)."""

    version: str
    date: datetime | None
    """Moment of the last save, UTC."""
    issue: int
    page_volume: int
    page_volume_text: str
    layout: str
    magic: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive records of one entity as tuples in the field order of `I12.newest`."""

    entity: str
    rows: list[tuple]
    first: int
    """Position of the first row in the file's array, 0-based."""
    starts: tuple[int, ...]
    """Byte offset of each row in the I12 file."""
    has_odd_floats: bool
    """A NaN or an infinity was met up to here."""


@dataclass(frozen=True, slots=True)
class RawFile:
    """One JSON file that was written."""

    path: Path
    records: int
    bytes: int
    sha256: str
    starts: np.ndarray = field(repr=False)
    """int64: byte offset of each record in the JSON file."""


class I12File:
    """An I12 file that was read once to its last byte, so that its layout is known and the batches cannot fail."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._data = path.read_bytes()
        self.layout: Layout = find_layout(self._data, I12.layouts(), file=path)
        self.header = self._read_header()

    def batches(self, size: int = _BATCH) -> Iterator[Batch]:
        """All records in file order; an entity without records gives one empty batch."""
        for part in scan(self._data, self.layout, file=self.path, batch=size):
            entity = ENTITIES.get(part.field.name)
            if entity is not None and isinstance(part.value, list):
                rows = upgrade_rows(I12, self.layout, entity, part.value)
                yield Batch(entity, list(rows), part.first, tuple(part.starts[:-1]), part.has_odd_floats)

    def _read_header(self) -> I12Header:
        part: Part = next(scan(self._data, self.layout, file=self.path))
        names = [item.name for item in self.layout["header"]]
        stored = dict(zip(names, part.value, strict=True)) if isinstance(part.value, tuple) else {}
        version = next(stored[name] for name in ("version", "version_f64", "version_f32") if name in stored)
        return I12Header(
            version=str(version),
            date=self._date(stored),
            issue=stored["issue"],
            page_volume=stored.get("page_volume", 0),
            page_volume_text=stored.get("page_volume_text", ""),
            layout=self.layout.id,
            magic=stored["magic"],
        )

    def _date(self, stored: dict) -> datetime | None:
        try:
            if stored["date_sentinel"] > 0:
                return datetime(stored["date_sentinel"], stored["date_month"], stored["date_day"], tzinfo=UTC)
            return from_net_date(stored["date"])
        except ValueError as problem:
            raise FormatError(str(problem), file=self.path, record="header", field="date") from None


def read_header(path: Path) -> I12Header:
    """The header; the whole file is read (0.6 s for 25 MB), since only that tells the layout."""
    return I12File(path).header


def read_frames(path: Path) -> dict[str, pl.DataFrame]:
    """A frame per entity: `source_position` (Int64, 0-based) and then the columns of `columnar.frame_schema`."""
    records = I12.newest.records
    frames: dict[str, list[pl.DataFrame]] = {entity: [] for entity in ENTITIES.values()}
    for batch in I12File(path).batches():
        frames[batch.entity].append(frame_from_rows(records, batch.entity, batch.rows))
    return {
        entity: pl.concat(parts, rechunk=True)
        .with_row_index("source_position")
        .with_columns(pl.col("source_position").cast(pl.Int64))
        for entity, parts in frames.items()
    }


def frames_schema(entity: str) -> pl.Schema:
    """The schema of one frame of `read_frames`."""
    return pl.Schema({"source_position": pl.Int64(), **frame_schema(I12.newest.records, entity)})


def write_raw_json(i12_path: Path, out_dir: Path) -> dict[str, RawFile]:
    """archetype.json, powerset.json, i12.json (powers) and summoned_entity.json, by file name.

    Each is an array with one record a line and all stored keys; a file appears under its name only when complete.
    A NaN or an infinity, which JSON cannot hold, becomes the text "NaN", "Infinity" or "-Infinity", so that the
    one record that has it is refused by name later on. `FormatError` before anything is written.
    """
    source = I12File(i12_path)
    out_dir.mkdir(parents=True, exist_ok=True)
    written: dict[str, RawFile] = {}
    writer: _ArrayWriter | None = None
    try:
        for batch in source.batches():
            if writer is None or writer.entity != batch.entity:
                if writer is not None:
                    written[writer.path.name] = writer.close()
                writer = _ArrayWriter(batch.entity, out_dir / RAW_FILES[batch.entity])
            records = rows_to_dicts(I12.newest, batch.entity, batch.rows)
            writer.write([_finite(record) for record in records] if batch.has_odd_floats else records)
        if writer is not None:
            written[writer.path.name] = writer.close()
    finally:
        if writer is not None:
            writer.discard()
    return written


class _ArrayWriter:
    """A JSON array, one record a line, into a file that is renamed when complete."""

    def __init__(self, entity: str, path: Path) -> None:
        self.entity = entity
        self.path = path
        self._part = path.with_name(path.name + ".part")
        self._out = self._part.open("wb")
        self._hash = hashlib.sha256()
        self._encode = msgspec.json.Encoder().encode
        self._starts: list[int] = []
        self._size = 0
        self._put(b"[")

    def write(self, records: list[dict]) -> None:
        pieces = []
        size = self._size
        for record in records:
            piece = (b",\n" if self._starts else b"\n") + self._encode(record)
            self._starts.append(size + (2 if self._starts else 1))
            size += len(piece)
            pieces.append(piece)
        self._put(b"".join(pieces))

    def close(self) -> RawFile:
        self._put(b"\n]\n")
        self._out.close()
        self._part.replace(self.path)
        starts = np.array(self._starts, np.int64)
        return RawFile(self.path, len(starts), self._size, self._hash.hexdigest(), starts)

    def discard(self) -> None:
        self._out.close()
        self._part.unlink(missing_ok=True)

    def _put(self, data: bytes) -> None:
        self._out.write(data)
        self._hash.update(data)
        self._size += len(data)


def _finite(value):
    """The same value with each NaN or infinity as text."""
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_finite(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value
