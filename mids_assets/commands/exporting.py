"""`mids export`: a source written again, without database and Dagster.

    mhd      every file in its own kind and layout: binary files through reader and writer, the others as they are
    json     the raw JSON of every entity, as an import stores it
    parquet  frames/ and tables/, as an import makes them before it touches PostgreSQL

The output folder appears only when it is complete. Does not belong here: reading, writing and transforming (the
layers below do), how the outcome is shown.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from mids_assets.errors import CheckFailed, UserError
from mids_assets.model.tables import ASSETS
from mids_assets.progress import report
from mids_assets.readers.binary_rewrite import rewrite
from mids_assets.readers.layouts import FAMILIES
from mids_assets.readers.raw import RAW_FILES, RawFile, write_raw
from mids_assets.readers.source import Source
from mids_assets.readers.unpack import opened_source
from mids_assets.settings import Settings
from mids_assets.transform.build import is_whole
from mids_assets.transform.raw_files import remember
from mids_assets.transform.store import BuildPaths, replacing_dir

FORMATS = ("mhd", "json", "parquet")


@dataclass(slots=True)
class Exported:
    """What was written: `rows` by file or table (for mhd: bytes), `notes` in whole sentences."""

    out: Path
    format: str
    unit: str
    rows: dict[str, int] = field(default_factory=dict)
    quarantined: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


_NO_DATABASES = {"data_exporter": "a DataExporter folder", "city_of_data": "a City of Data export"}


def run_export(settings: Settings, path: Path, out: Path, file_format: str) -> Exported:
    """Export the source at `path` into the new or empty folder `out`. Raises `MidsError`."""
    writers: dict[str, Callable[[Settings, Source, Path, Exported], None]] = {
        "mhd": _write_mhd,
        "json": _write_json,
        "parquet": _write_parquet,
    }
    if file_format not in writers:
        raise UserError(f"--format {file_format!r} is none of {', '.join(FORMATS)}")
    out = out.expanduser().absolute()
    try:
        _require_empty(out)
        report("source", 0, 1, "looking")
        exported = Exported(out, file_format, "bytes" if file_format == "mhd" else "rows")
        with opened_source(path.expanduser()) as source, replacing_dir(out) as folder:
            report("source", 1, 1, source.header.version)
            exported.notes += source.warnings + ([source.choice] if source.choice else [])
            writers[file_format](settings, source, folder, exported)
    except OSError as problem:
        raise UserError(f"{problem.filename or out}: {problem.strerror or problem}") from None
    return exported


def _require_empty(out: Path) -> None:
    if out.is_dir() and not any(out.iterdir()):
        return
    if out.exists() or out.is_symlink():
        raise UserError(f"{out} is there and not an empty folder; name a new one")


def _write_mhd(_: Settings, source: Source, folder: Path, exported: Exported) -> None:
    if what := _NO_DATABASES.get(source.header.main):
        raise UserError(
            f"{source.path}: {what} lacks fields of a database and cannot be written as one; use --format json or"
            " parquet"
        )
    for number, (kind, file) in enumerate(source.files.items()):
        report("files", number, len(source.files), file.name)
        target = folder / file.name
        data = source.read(kind)
        if kind in FAMILIES:
            with target.open("wb") as out:
                rewrite(data, FAMILIES[kind].layouts(), out, file=file.path)
        else:
            target.write_bytes(data)
        exported.rows[file.name] = target.stat().st_size
    report("files", len(source.files), len(source.files), "written")
    if source.is_sample:
        (folder / "SAMPLE.txt").write_text("A made-up sample.\n", "utf-8")


def _write_json(_: Settings, source: Source, folder: Path, exported: Exported) -> None:
    for file in _raw_files(source, folder):
        exported.rows[file.name] = file.records
        if file.note:
            exported.notes.append(file.note)


def _raw_files(source: Source, folder: Path) -> list[RawFile]:
    files: list[RawFile] = []
    for number, entity in enumerate(ASSETS):
        report("raw", number, len(ASSETS), entity)
        files += write_raw(source, entity, folder)
    report("raw", len(ASSETS), len(ASSETS), "entities")
    return files


def _write_parquet(settings: Settings, source: Source, folder: Path, exported: Exported) -> None:
    from mids_assets.transform.chunks import union

    # A build of its own under the output folder, of which only frames and tables stay.
    paths = BuildPaths(folder / "build", "export")
    files = {file.name: file for file in _raw_files(source, paths.raw)}
    remember(paths.raw, files.values())
    _frames(settings, paths, files, exported)
    _tables(paths, exported, whole=is_whole(files[RAW_FILES["power"]].shape))
    union(sorted((paths.frames / "power").iterdir()), paths.frames / "power.parquet")
    shutil.rmtree(paths.frames / "power")
    paths.frames.rename(folder / "frames")
    paths.tables.rename(folder / "tables")
    shutil.rmtree(paths.release_dir)


def _frames(settings: Settings, paths: BuildPaths, files: dict[str, RawFile], exported: Exported) -> None:
    from mids_assets.transform.chunks import ChunkTask, frame_path, parse_chunks, plan, quarantine_path
    from mids_assets.transform.framing import frame_entity, frame_power, frame_reference

    raw = files[RAW_FILES["power"]]
    chunks = plan(raw, settings.chunk_bytes)
    paths.chunks.mkdir(parents=True)
    tasks = [
        ChunkTask(
            chunk,
            raw.path,
            raw.shape,
            raw.source_file,
            frame_path(paths.chunks, chunk.key),
            quarantine_path(paths.chunks, chunk.key),
        )
        for chunk in chunks
    ]
    report("chunks", 0, len(tasks), "powers")
    for number, result in enumerate(parse_chunks(tasks, settings.workers, settings.worker_memory_mib)):
        if result.error:
            raise CheckFailed(f"{raw.name}, chunk {result.key}: {result.error}")
        report("chunks", number + 1, len(tasks), "powers")
    for number, asset in enumerate(ASSETS):
        report("frames", number, len(ASSETS), asset)
        if asset == "power":
            framed = frame_power(paths, chunks)
        else:
            framed = frame_reference(paths) if asset == "reference" else frame_entity(paths, asset)
        exported.quarantined[asset] = framed.quarantine.height
    report("frames", len(ASSETS), len(ASSETS), "entities")


def _tables(paths: BuildPaths, exported: Exported, *, whole: bool) -> None:
    from mids_assets.transform.tabling import write_tables

    for number, asset in enumerate(ASSETS):
        report("tables", number, len(ASSETS), asset)
        for tabled in write_tables(paths, asset, whole=whole):
            exported.rows[tabled.table.name] = tabled.rows
            for rule, rows in tabled.rules.failures.items():
                exported.notes.append(
                    f"{tabled.table.name}: {rows:,} rows break the rule {rule!r}, an import would be blocked."
                )
    report("tables", len(ASSETS), len(ASSETS), "assets")
