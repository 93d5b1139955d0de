"""I12 in byte ranges: planning them, and parsing one of them to Parquet.

`parse_chunk` is what a worker process runs; this module and all that it imports must not import dagster, whose
import alone costs more than a chunk. Does not belong here: the order in which chunks run, processes, events.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import polars as pl

from mids_assets.errors import MidsError, PermanentError
from mids_assets.model.enums import CODES
from mids_assets.readers.json_records import decode_records
from mids_assets.readers.json_scan import plan_chunks, plan_from_offsets
from mids_assets.readers.raw import RawFile
from mids_assets.transform.build import Chunk, chunk_key
from mids_assets.transform.frames import validate_records
from mids_assets.transform.inputs import BATCH_ROWS
from mids_assets.transform.memory import peak_mib
from mids_assets.transform.notes import Notes, write_notes
from mids_assets.transform.store import replacing


@dataclass(frozen=True, slots=True)
class ChunkTask:
    """What a worker needs to parse one chunk; plain values, since it crosses a process border."""

    chunk: Chunk
    raw: Path
    shape: str
    source_file: str
    frame: Path
    quarantine: Path


@dataclass(frozen=True, slots=True)
class ChunkResult:
    """What became of a chunk. `error` is None, or one sentence, and then no file was written."""

    key: str
    rows_in: int = 0
    rows_out: int = 0
    quarantined: int = 0
    bytes: int = 0
    seconds: float = 0.0
    peak_mib: float = 0.0
    unknown_keys: tuple[tuple[str, int], ...] = ()
    error: str | None = None
    permanent: bool = True


def plan(file: RawFile, chunk_bytes: int) -> tuple[Chunk, ...]:
    """Cut raw/i12.json at record starts; from the writer's offsets where we wrote the file ourselves."""
    if file.offsets is not None:
        ranges = plan_from_offsets(file.offsets, file.path.stat().st_size, chunk_bytes)
    else:
        ranges = plan_chunks(file.path, chunk_bytes)
    chunks, first = [], 0
    for start, end, records in ranges:
        chunks.append(Chunk(chunk_key(file.sha256, start, end), start, end, first, records))
        first += records
    return tuple(chunks)


def frame_path(folder: Path, key: str) -> Path:
    return folder / f"{key}.parquet"


def quarantine_path(folder: Path, key: str) -> Path:
    return folder / f"{key}.quarantine.parquet"


def parse_chunk(task: ChunkTask) -> ChunkResult:
    """Parse, validate and write one chunk. Raises the reader's errors; leaves whole files or none."""
    started = time.perf_counter()
    chunk = task.chunk
    with task.raw.open("rb") as file:
        file.seek(chunk.start)
        data = file.read(chunk.end - chunk.start)
    batch = decode_records(data, task.shape, "power", base_offset=chunk.start, first_position=chunk.first, codes=CODES)
    if batch.records != chunk.records:
        raise PermanentError(
            f"{task.raw}, bytes {chunk.start} to {chunk.end}: {batch.records} records where the plan has"
            f" {chunk.records}; materialize i12_chunk_plan again"
        )
    good = validate_records("power", batch.frame, batch.failures, source_file=task.source_file)
    write_notes(task.frame, Notes(dict(batch.unknown), dict(good.replaced)))
    with replacing(task.quarantine) as temporary:
        good.quarantine.write_parquet(temporary)
    with replacing(task.frame) as temporary:
        good.frame.write_parquet(
            temporary, compression="zstd", compression_level=1, statistics=False, row_group_size=BATCH_ROWS
        )
    return ChunkResult(
        key=chunk.key,
        rows_in=chunk.records,
        rows_out=good.frame.height,
        quarantined=good.quarantine.height,
        bytes=len(data),
        seconds=time.perf_counter() - started,
        peak_mib=peak_mib(),
        unknown_keys=tuple(sorted(batch.unknown.items())),
    )


def parse_chunks(tasks: Sequence[ChunkTask], workers: int) -> Iterator[ChunkResult]:
    """Parse all chunks and yield each result as it comes; a chunk that fails is a result with `error`.

    With one worker it happens here; else in processes that live as long as the call. A worker that dies (killed, out
    of memory) fails the chunks that it and its siblings had in hand; they are tried once more, one by one, so that
    only the chunk that is really at fault fails.
    """
    if workers <= 1 or len(tasks) < 2:
        yield from (_guarded(task) for task in tasks)
        return
    orphans = []
    with _pool(min(workers, len(tasks))) as pool:
        futures = {pool.submit(_guarded, task): task for task in tasks}
        for future in as_completed(futures):
            try:
                yield future.result()
            except BrokenProcessPool:
                orphans.append(futures[future])
    for task in sorted(orphans, key=lambda task: task.chunk.start):
        with _pool(1) as pool:
            try:
                yield pool.submit(_guarded, task).result()
            except BrokenProcessPool:
                yield ChunkResult(
                    task.chunk.key,
                    error="its worker process died (killed, or out of memory)",
                    permanent=False,
                )


def union(frames: Sequence[Path], target: Path, progress: Callable[[int], None] | None = None) -> int:
    """Put the chunks' frames into one Parquet file, in order, a chunk at a time. Returns the number of rows."""
    import pyarrow.parquet as pq

    rows = 0
    with replacing(target) as temporary:
        writer: pq.ParquetWriter | None = None
        try:
            for number, path in enumerate(frames):
                table = pq.read_table(path)
                writer = writer or pq.ParquetWriter(temporary, table.schema, compression="zstd", compression_level=1)
                writer.write_table(table)
                rows += table.num_rows
                if progress:
                    progress(number + 1)
        finally:
            if writer:
                writer.close()
    return rows


def read_quarantine(paths: Sequence[Path]) -> pl.DataFrame:
    return pl.concat([pl.read_parquet(path) for path in paths], how="vertical")


def _pool(workers: int) -> ProcessPoolExecutor:
    # Spawned, not forked: the parent has threads (polars, psycopg2, Dagster) that a fork would freeze.
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"))


def _guarded(task: ChunkTask) -> ChunkResult:
    try:
        return parse_chunk(task)
    except MidsError as error:
        return ChunkResult(task.chunk.key, error=str(error), permanent=isinstance(error, PermanentError))
