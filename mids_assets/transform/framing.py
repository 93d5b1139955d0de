"""From raw files to frames on disk: which file feeds which frame, and where both lie.

    frames/<entity>.parquet               validated records, nested
    frames/power/<chunk>.parquet          those of the powers, one file a chunk
    frames/<entity>.quarantine.parquet    records that broke a rule
    frames/<entity>.corrections.json      what became of the corrections of its records
    frames/reference/<table>.parquet      the small tables

Does not belong here: decoding (`readers`), rules (`transform.frames`), corrections (`transform.corrections`).
"""

from __future__ import annotations

from collections import ChainMap, Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from mids_assets.errors import PermanentError
from mids_assets.model.enums import CODES
from mids_assets.readers.json_records import Batch, decode_records
from mids_assets.readers.json_scan import plan_chunks
from mids_assets.readers.raw import RAW_FILES
from mids_assets.transform.build import Chunk
from mids_assets.transform.chunks import frame_path, quarantine_path, read_quarantine
from mids_assets.transform.corrections.entry import Corrected
from mids_assets.transform.corrections.framed import correct_files, correct_whole
from mids_assets.transform.frames import Validated, validate_records, validate_reference
from mids_assets.transform.notes import Notes, read_notes, together, write_notes
from mids_assets.transform.raw_files import read_raw_files
from mids_assets.transform.store import BuildPaths, existing, link_or_copy, read_json, replacing, replacing_dir

HEAD_ROWS = 5
_PASS_BYTES = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Framed:
    """What was written. `head`: the first rows, for a preview."""

    path: Path
    rows_in: int
    rows_out: int
    bytes: int
    head: pl.DataFrame
    quarantine: pl.DataFrame
    notes: Notes = field(default_factory=Notes)
    corrections: list[Corrected] = field(default_factory=list)


def frame_entity(paths: BuildPaths, entity: str) -> Framed:
    """One of the entities that fit in memory whole: all but the powers."""
    raw = read_raw_files(paths)[RAW_FILES[entity]]
    batches = list(_decoded(existing(raw.path, f"raw/{entity}"), raw.shape, entity))
    frame = pl.concat([batch.frame for batch in batches])
    failures = [failure for batch in batches for failure in batch.failures]
    unknown: Counter[str] = Counter()
    for batch in batches:
        unknown.update(batch.unknown)
    files = dict(ChainMap(*(dict(batch.files) for batch in batches)))
    good = validate_records(entity, frame, failures, source_file=raw.source_file, files=files)
    target = paths.frames / f"{entity}.parquet"
    notes = Notes(dict(unknown), dict(good.replaced))
    done = correct_whole(paths, entity, good.frame, good.quarantine, shape=raw.shape, source_file=raw.source_file)
    write_notes(target, notes)
    _write(target, done.frame)
    _write(_beside(target), done.quarantine)
    return Framed(
        path=target,
        rows_in=sum(batch.records for batch in batches),
        rows_out=done.frame.height,
        bytes=target.stat().st_size,
        head=done.frame.head(HEAD_ROWS),
        quarantine=done.quarantine,
        notes=notes,
        corrections=done.outcomes,
    )


def _decoded(raw: Path, shape: str, entity: str) -> Iterator[Batch]:
    """The records of a file, a few MiB at a time: decoded objects take ten times the room of their text."""
    ranges = plan_chunks(raw, _PASS_BYTES) or [(0, raw.stat().st_size, 0)]
    first = 0
    with raw.open("rb") as file:
        for start, end, records in ranges:
            file.seek(start)
            data = file.read(end - start)
            yield decode_records(data, shape, entity, base_offset=start, first_position=first, codes=CODES)
            first += records


def frame_power(paths: BuildPaths, chunks: Sequence[Chunk]) -> Framed:
    """The powers: the chunks' frames, which were validated one by one, as they are now.

    They are linked, not copied: a chunk that is parsed again becomes another file, and this one stays.
    """
    target = paths.frames / "power"
    parts = [frame_path(paths.chunks, chunk.key) for chunk in chunks]
    if not parts:
        raise PermanentError("the main database holds no powers: is the file whole?")
    quarantine = read_quarantine([quarantine_path(paths.chunks, chunk.key) for chunk in chunks])
    with replacing_dir(target) as folder:
        copies = {chunk: folder / f"{number:06}.parquet" for number, chunk in enumerate(chunks)}
        for part, copy in zip(parts, copies.values(), strict=True):
            link_or_copy(part, copy)
        quarantine, outcomes = correct_files(paths, "power", copies, quarantine)
    notes = together(read_notes(part) for part in parts)
    write_notes(paths.frames / "power.parquet", notes)
    _write(_beside(paths.frames / "power.parquet"), quarantine)
    files = sorted(target.iterdir())
    return Framed(
        path=target,
        rows_in=sum(chunk.records for chunk in chunks),
        rows_out=sum(pq.read_metadata(file).num_rows for file in files),
        bytes=sum(file.stat().st_size for file in files),
        head=pl.scan_parquet(files[0]).head(HEAD_ROWS).collect(),
        quarantine=quarantine,
        notes=notes,
        corrections=outcomes,
    )


def frame_reference(paths: BuildPaths) -> Framed:
    """The small tables, each a file of its own."""
    raw = existing(paths.raw / RAW_FILES["reference"], "raw/reference")
    tables: dict[str, Validated] = validate_reference(read_json(raw))
    folder = paths.frames / "reference"
    for name, good in tables.items():
        _write(folder / f"{name}.parquet", good.frame)
    quarantine = pl.concat([good.quarantine for good in tables.values()])
    _write(_beside(paths.frames / "reference.parquet"), quarantine)
    notes = together(Notes(replaced={f"{name}.{f}": n for f, n in t.replaced.items()}) for name, t in tables.items())
    write_notes(paths.frames / "reference.parquet", notes)
    out = sum(good.frame.height for good in tables.values())
    head = pl.DataFrame({"table": list(tables), "rows": [good.frame.height for good in tables.values()]})
    size = sum(path.stat().st_size for path in folder.glob("*.parquet"))
    return Framed(folder, out + quarantine.height, out, size, head, quarantine, notes)


def _beside(target: Path) -> Path:
    return target.with_name(f"{target.stem}.quarantine.parquet")


def _write(path: Path, frame: pl.DataFrame) -> None:
    with replacing(path) as temporary:
        frame.write_parquet(temporary, compression="zstd", compression_level=1)
