"""I12 in byte ranges: planning them, and parsing one of them to Parquet.

`parse_chunk` is what a worker process runs; this module and all that it imports must not import dagster, whose
import alone costs more than a chunk. Does not belong here: processes (`transform.workers`), which chunks of a build
are there (`transform.chunk_files`), events.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import polars as pl

from mids_assets.errors import MidsError, PermanentError
from mids_assets.model.enums import CODES
from mids_assets.readers.json_records import decode_records
from mids_assets.readers.json_scan import plan_chunks, plan_from_offsets
from mids_assets.readers.raw import RawFile
from mids_assets.transform.build import Chunk, chunk_key
from mids_assets.transform.chunk_files import ChunkResult, frame_path, quarantine_path, read_result, write_result
from mids_assets.transform.frames import validate_records
from mids_assets.transform.inputs import BATCH_ROWS
from mids_assets.transform.machine import default_workers
from mids_assets.transform.memory import peak_mib
from mids_assets.transform.notes import Notes, write_notes
from mids_assets.transform.parquet_columns import write_records
from mids_assets.transform.store import Ranges, read_range, replacing
from mids_assets.transform.workers import Died, run_in_workers

IN_PROCESS_BYTES = 4 * 1024 * 1024
"""Up to here a worker would take longer to start than to parse."""


@dataclass(frozen=True, slots=True)
class ChunkTask:
    """What a worker needs to parse one chunk; plain values, since it crosses a process border."""

    chunk: Chunk
    raw: Path
    shape: str
    source_file: str
    frame: Path
    quarantine: Path
    file_sha256: str = ""
    take: bool = False
    """Whether files that are there by now, such as another run's, are taken as they are."""
    read: Ranges | None = None
    """Reads `raw` where it is not on this machine."""


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


def parse_chunk(task: ChunkTask) -> ChunkResult:
    """Parse, validate and write one chunk. Raises the reader's errors; leaves whole files or none."""
    started, started_at = time.perf_counter(), time.time()
    chunk = task.chunk
    data = (task.read or partial(read_range, task.raw))(chunk.start, chunk.end)
    batch = decode_records(data, task.shape, "power", base_offset=chunk.start, first_position=chunk.first, codes=CODES)
    if batch.records != chunk.records:
        raise PermanentError(
            f"{task.raw}, bytes {chunk.start} to {chunk.end}: {batch.records} records where the plan has"
            f" {chunk.records}, so the file was changed; materialize raw/power again, which writes it anew"
        )
    good = validate_records("power", batch.frame, batch.failures, source_file=task.source_file, files=batch.files)
    write_notes(task.frame, Notes(dict(batch.unknown), dict(good.replaced)))
    with replacing(task.quarantine) as temporary:
        good.quarantine.write_parquet(temporary)
    with replacing(task.frame) as temporary:
        write_records(temporary, good.frame, BATCH_ROWS)
    result = ChunkResult(
        key=chunk.key,
        rows_in=chunk.records,
        rows_out=good.frame.height,
        quarantined=good.quarantine.height,
        bytes=len(data),
        started_at=round(started_at, 3),
        seconds=time.perf_counter() - started,
        peak_mib=peak_mib(),
        unknown_keys=tuple(sorted(batch.unknown.items())),
    )
    write_result(task.frame, result, task.file_sha256)
    return result


def parse_chunks(
    tasks: Sequence[ChunkTask], workers: int | None, memory_mib: int | None = None
) -> Generator[ChunkResult]:
    """Parse all chunks and yield each result as it comes; a chunk that fails is a result with `error`.

    In `workers` processes (None: as many as the machine has room for), each held to `memory_mib` of its own where
    that is given. A little is parsed here. A chunk whose worker died (killed, out of memory) is tried once more, after
    the others and alone.
    """
    sizes = [task.chunk.end - task.chunk.start for task in tasks]
    if sum(sizes) <= IN_PROCESS_BYTES:
        yield from map(guarded, tasks)
        return
    processes = default_workers(max(sizes), memory_mib) if workers is None else workers
    again: list[ChunkTask] = []
    for task, result in run_in_workers(guarded, tasks, processes, memory_mib):
        if isinstance(result, Died):
            again.append(task)
        else:
            yield result
    for task, result in run_in_workers(guarded, again, 1, memory_mib):
        yield _failed(task, f"its worker process {result.reason}") if isinstance(result, Died) else result


def guarded(task: ChunkTask) -> ChunkResult:
    """`parse_chunk`, with an error as a result; not where what is there is taken."""
    if task.take and (found := read_result(task.frame, task.file_sha256)):
        return found
    try:
        return parse_chunk(task)
    except MemoryError:
        return _failed(task, "memory ran out: a smaller MIDS_CHUNK_BYTES or a greater MIDS_WORKER_MEMORY_MIB helps")
    except MidsError as error:
        return ChunkResult(task.chunk.key, error=str(error), permanent=isinstance(error, PermanentError))
    except Exception as error:
        return _failed(task, f"{type(error).__name__}: {error}", permanent=True)


def _failed(task: ChunkTask, reason: str, *, permanent: bool = False) -> ChunkResult:
    chunk = task.chunk
    return ChunkResult(
        chunk.key, error=f"{task.raw}, bytes {chunk.start} to {chunk.end}: {reason}", permanent=permanent
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


__all__ = [
    "ChunkResult",
    "ChunkTask",
    "frame_path",
    "guarded",
    "parse_chunk",
    "parse_chunks",
    "plan",
    "quarantine_path",
    "read_quarantine",
    "union",
]
