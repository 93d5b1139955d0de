"""The files of parsed chunks: where they lie, what became of each chunk, and which chunks of a plan are there.

    <key>.parquet               records that are good
    <key>.quarantine.parquet    records that broke a rule
    <key>.parquet.notes.json    see `transform.notes`
    <key>.result.json           written last: what became of the chunk, and the hashes of its input and its frame

A chunk is there when its result says that it was made from the file of the plan, and its frame is the one that was
written then. Does not belong here: making them (`transform.chunks`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from mids_assets.errors import StaleBuild
from mids_assets.transform import parts
from mids_assets.transform.build import BuildManifest, Chunk
from mids_assets.transform.raw_files import POWERS, read_raw_files
from mids_assets.transform.store import BuildPaths, read_json, write_json

SHOWN = 5


@dataclass(frozen=True, slots=True)
class ChunkResult:
    """What became of a chunk. `error` is None, or one sentence, and then no file was written. `started_at`: when
    its `seconds` begin, as Unix time."""

    key: str
    rows_in: int = 0
    rows_out: int = 0
    quarantined: int = 0
    bytes: int = 0
    started_at: float = 0.0
    seconds: float = 0.0
    peak_mib: float = 0.0
    unknown_keys: tuple[tuple[str, int], ...] = ()
    error: str | None = None
    permanent: bool = True


def frame_path(folder: Path, key: str) -> Path:
    return folder / f"{key}.parquet"


def quarantine_path(folder: Path, key: str) -> Path:
    return folder / f"{key}.quarantine.parquet"


def result_path(frame: Path) -> Path:
    return frame.with_suffix(".result.json")


def write_result(frame: Path, result: ChunkResult, file_sha256: str) -> None:
    facts = {**asdict(result), "unknown_keys": dict(result.unknown_keys)}
    write_json(result_path(frame), {"file_sha256": file_sha256, "frame_sha256": _sha256(frame), "result": facts})


def read_result(frame: Path, file_sha256: str) -> ChunkResult | None:
    """What became of the chunk with this frame; None unless it is whole and was made from that file."""
    path = result_path(frame)
    if not path.exists() or not frame.exists():
        return None
    value = read_json(path)
    if value["file_sha256"] != file_sha256 or value["frame_sha256"] != _sha256(frame):
        return None
    facts = value["result"]
    return ChunkResult(**{**facts, "unknown_keys": tuple(facts["unknown_keys"].items())})


def bring_chunks(paths: BuildPaths, manifest: BuildManifest, chunks: Sequence[Chunk]) -> None:
    """Bring these chunks to this machine, as far as the object store holds them; one that is whole here and not there
    goes there, since the process that wrote it was ended before that."""
    kept = {chunk: parts.chunk(chunk.key) for chunk in chunks}
    lacking = paths.fetch(*kept.values())
    for chunk, part in kept.items() if lacking else ():
        if part in lacking and read_result(frame_path(paths.chunks, chunk.key), manifest.i12_sha256):
            paths.keep(part)


def written_chunks(paths: BuildPaths, manifest: BuildManifest) -> dict[str, float]:
    """Key of each chunk that is there -> when it was written (seconds since 1970). Told by names, and quickly."""
    if paths.mirror:
        return paths.mirror.written(paths, "chunks")
    results = {chunk.key: result_path(frame_path(paths.chunks, chunk.key)) for chunk in manifest.chunks}
    return {key: path.stat().st_mtime for key, path in results.items() if path.exists()}


def require_planned_file(paths: BuildPaths, manifest: BuildManifest) -> Path:
    """Where raw/i12.json lies on this machine, if it is here; it has to be the file that was planned."""
    paths.require(parts.RAW_FACTS)
    raw = read_raw_files(paths)[POWERS]
    if raw.sha256 != manifest.i12_sha256:
        raise StaleBuild(
            f"{raw.path} was written again since its chunks were planned, with other bytes (sha256 {raw.sha256[:8]}..,"
            f" planned was {manifest.i12_sha256[:8]}..): materialize {manifest.realm}/i12_chunk_plan again"
        )
    return raw.path


def missing_chunks(paths: BuildPaths, manifest: BuildManifest) -> list[Chunk]:
    return [
        chunk
        for chunk in manifest.chunks
        if read_result(frame_path(paths.chunks, chunk.key), manifest.i12_sha256) is None
    ]


def chunks_to_parse(paths: BuildPaths, manifest: BuildManifest) -> list[Chunk]:
    """Chunks that no machine has parsed yet. In an object store it is told by names, since a sensor asks."""
    if paths.mirror is None:
        return missing_chunks(paths, manifest)
    written = written_chunks(paths, manifest)
    return [chunk for chunk in manifest.chunks if chunk.key not in written]


def require_all_chunks(paths: BuildPaths, manifest: BuildManifest, records_asset: str) -> Sequence[Chunk]:
    """The plan's chunks. Raises `StaleBuild` that names those that are missing or made from another file."""
    require_planned_file(paths, manifest)
    missing = missing_chunks(paths, manifest)
    if missing:
        told = ", ".join(f"{chunk.key} ({_state(paths, chunk, manifest)})" for chunk in missing[:SHOWN])
        more = f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
        raise StaleBuild(
            f"{len(missing)} of {len(manifest.chunks)} chunks of the current plan are not there: {told}{more};"
            f" materialize these partitions of {records_asset}"
        )
    return manifest.chunks


def _state(paths: BuildPaths, chunk: Chunk, manifest: BuildManifest) -> str:
    frame = frame_path(paths.chunks, chunk.key)
    if not frame.exists() or not result_path(frame).exists():
        return "never parsed to its end" if frame.exists() else "no file"
    if read_json(result_path(frame))["file_sha256"] != manifest.i12_sha256:
        return "made from a file of another hash"
    return "its file is not the one that was written"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
