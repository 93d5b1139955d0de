"""I12.mhd, the main database: header, raw JSON per entity, or nested frames straight from the bytes.

Whatever the layout of the file, records come out in the shape of the newest one. Both ways read once, in batches, so
memory does not grow with the file.
Does not belong here: how bytes are read (`binary`), the rules of the data (`transform`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl

from mids_assets.errors import FormatError, SourceError
from mids_assets.readers.binary import choose_layout, read_as
from mids_assets.readers.binary_fast import Make
from mids_assets.readers.binary_json import JsonArray, newest_structs
from mids_assets.readers.binary_scan import scan
from mids_assets.readers.binary_window import Digest
from mids_assets.readers.columnar import frame_from_rows, frame_schema
from mids_assets.readers.layout import Layout
from mids_assets.readers.layouts.i12 import I12
from mids_assets.readers.upgrade import newest_tuples
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
_JSON_BATCH = 150
"""Smaller: what is encoded should still be in the processor's cache when it is hashed and written."""
_TUPLES = newest_tuples(I12)
_STRUCTS = newest_structs(I12)


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
    """Consecutive records of one entity: tuples in the field order of `I12.newest`, or what was asked for."""

    entity: str
    rows: list
    first: int
    """Position of the first row in the file's array, 0-based."""
    starts: tuple[int, ...]
    """Byte offset of each row in the I12 file."""
    has_odd_floats: bool
    """A NaN or an infinity is among the values."""


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
    """An I12 file of which the beginning was read: header and layout. What follows may still turn out broken."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.layout: Layout = choose_layout(path, I12.layouts(), file=path)
        self.header = self._read_header()

    def batches(self, size: int = _BATCH, *, make: Make = _TUPLES, digest: Digest | None = None) -> Iterator[Batch]:
        """All records in file order; an entity without records gives one empty batch.

        Raises `FormatError` where the file turns out broken, after the batches before that place.
        """
        try:
            for part in scan(self.path, self.layout, file=self.path, batch=size, make=make, digest=digest):
                entity = ENTITIES.get(part.field.name)
                if entity is not None and isinstance(part.value, list):
                    yield Batch(entity, part.value, part.first, tuple(part.starts[:-1]), part.has_odd_floats)
        except FormatError as error:
            tried = sum(layout.magics == self.layout.magics for layout in I12.layouts())
            raise read_as(error, self.layout, tried) from None

    def _read_header(self) -> I12Header:
        part = next(scan(self.path, self.layout, file=self.path))
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
    """The header, from the beginning of the file; that the rest is sound is shown by whoever reads it."""
    return I12File(path).header


def frame_batches(path: Path) -> Iterator[tuple[str, pl.DataFrame]]:
    """(entity, frame) over and over, in file order: the frames of an entity together are that of `read_frames`."""
    records = I12.newest.records
    for batch in I12File(path).batches():
        places = pl.Series("source_position", range(batch.first, batch.first + len(batch.rows)), pl.Int64)
        frame = frame_from_rows(records, batch.entity, batch.rows)
        yield batch.entity, frame.insert_column(0, places)


def read_frames(path: Path) -> dict[str, pl.DataFrame]:
    """A frame per entity, all in memory: `source_position` (0-based) and then the columns of the records."""
    frames: dict[str, list[pl.DataFrame]] = {entity: [] for entity in ENTITIES.values()}
    for entity, frame in frame_batches(path):
        frames[entity].append(frame)
    return {entity: pl.concat(parts, rechunk=True) for entity, parts in frames.items()}


def frames_schema(entity: str) -> pl.Schema:
    """The schema of the frames of an entity."""
    return pl.Schema({"source_position": pl.Int64(), **frame_schema(I12.newest.records, entity)})


def write_raw_json(i12_path: Path, out_dir: Path, *, sha256: str | None = None) -> dict[str, RawFile]:
    """archetype.json, powerset.json, i12.json (powers) and summoned_entity.json, by file name.

    Each is an array with one record a line and all stored keys; the files appear under their names together, once
    the whole I12 file has proved sound. A NaN or an infinity, which JSON cannot hold, becomes the text "NaN",
    "Infinity" or "-Infinity", so that the one record that has it is refused by name later on. Raises `FormatError`,
    and `SourceError` if the bytes that were read have not the given `sha256`; then nothing is left behind.
    """
    source = I12File(i12_path)
    digest = None if sha256 is None else hashlib.sha256()
    is_new_dir = not out_dir.exists()
    out_dir.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, JsonArray] = {}
    try:
        for batch in source.batches(_JSON_BATCH, make=_STRUCTS, digest=digest):
            if batch.entity not in arrays:
                arrays[batch.entity] = JsonArray(out_dir / RAW_FILES[batch.entity])
            arrays[batch.entity].write(batch.rows, has_odd_floats=batch.has_odd_floats)
        if digest is not None and digest.hexdigest() != sha256:
            raise SourceError(f"{i12_path} was changed while it was being read; import again when it is complete")
        for written in arrays.values():
            written.end()
    except BaseException:
        for written in arrays.values():
            written.discard()
        if is_new_dir:
            out_dir.rmdir()
        raise
    for written in arrays.values():
        written.publish()
    return {
        written.path.name: RawFile(written.path, len(written.starts), written.bytes, written.sha256, written.starts)
        for written in arrays.values()
    }
