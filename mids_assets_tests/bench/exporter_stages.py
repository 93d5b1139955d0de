"""Stages of a file of powers in JSON, each alone in a process: `python -m mids_assets_tests.bench.exporter_stages`.

They share a store in a folder, and each leaves there what the next ones read. Prints one line of JSON.
Does not belong here: comparing stages, whole imports (`whole_imports`), the binary database (`stages`).
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from mids_assets.errors import MidsError
from mids_assets.model.tables import ASSETS
from mids_assets.readers.raw import RawFile, write_raw
from mids_assets.readers.source import file_sha256
from mids_assets.settings import Settings
from mids_assets.transform.build import Chunk
from mids_assets.transform.chunks import ChunkTask, frame_path, parse_chunks, plan, quarantine_path
from mids_assets.transform.framing import frame_entity, frame_power, frame_reference
from mids_assets.transform.ingest import store_release
from mids_assets.transform.raw_files import POWERS, read_raw_files, remember
from mids_assets.transform.store import BuildPaths, Store, write_json
from mids_assets.transform.tabling import write_tables
from mids_assets_tests.bench.working import Work, measure, whole

REALM = "homecoming"
PLAN = "plan.json"


@dataclass(frozen=True, slots=True)
class Inputs:
    """`source`: a release, or a file of powers in `shape`; `powers`: that file; `base`: what the stages write."""

    source: Path
    powers: Path
    base: Path
    shape: str = "data_exporter_i12"

    @property
    def paths(self) -> BuildPaths:
        return BuildPaths(self.base / "release", "bench")


def json_load(inputs: Inputs) -> Work:
    """Yardstick: Python's own JSON decoder on the whole file."""
    with inputs.powers.open(encoding="utf-8") as file:
        return whole(inputs.powers, len(json.load(file)))


def store_and_raw(inputs: Inputs) -> Work:
    """What an import does before the plan: copy and hash the files, and write those that change on the way."""
    stored = store_release(Store(inputs.base / "store"), REALM, inputs.source)
    shutil.rmtree(inputs.paths.raw, ignore_errors=True)
    files = [file for entity in ASSETS for file in write_raw(stored.source, entity, inputs.paths.raw)]
    remember(inputs.paths.raw, files)
    return whole(inputs.powers, read_raw_files(inputs.paths)[POWERS].records)


def planned(inputs: Inputs) -> Work:
    chunks = plan(_raw(inputs), Settings().chunk_bytes)
    write_json(inputs.base / PLAN, [asdict(chunk) for chunk in chunks])
    return whole(inputs.powers, sum(chunk.records for chunk in chunks))


def parsed(inputs: Inputs, workers: int) -> Work:
    """From the plan to one Parquet file a chunk."""
    paths, raw = inputs.paths, _raw(inputs)
    paths.chunks.mkdir(parents=True, exist_ok=True)
    tasks = [
        ChunkTask(
            chunk=chunk,
            raw=raw.path,
            shape=raw.shape,
            source_file=raw.source_file,
            frame=frame_path(paths.chunks, chunk.key),
            quarantine=quarantine_path(paths.chunks, chunk.key),
        )
        for chunk in _chunks(inputs)
    ]
    results = list(parse_chunks(tasks, workers))
    if failed := [result for result in results if result.error]:
        raise MidsError(f"{len(failed)} chunks failed: {failed[0].error}")
    size = inputs.powers.stat().st_size
    return Work(size, sum(r.rows_in for r in results), size, max(r.peak_mib for r in results))


def framed(inputs: Inputs) -> Work:
    """The frames of all entities; those of the powers are linked from the chunks, which have to be parsed."""
    for entity in ASSETS:
        if entity == "power":
            frame_power(inputs.paths, _chunks(inputs))
        elif entity == "reference":
            frame_reference(inputs.paths)
        else:
            frame_entity(inputs.paths, entity)
    return whole(inputs.powers, _raw(inputs).records)


def tabled(inputs: Inputs) -> Work:
    """All tables of all entities, with the rules of their checks."""
    rows = {made.table.name: made.rows for asset in ASSETS for made in write_tables(inputs.paths, asset)}
    return whole(inputs.powers, rows["power"])


STAGES: dict[str, Callable[[Inputs], Work]] = {
    "json.load": json_load,
    "store and raw": store_and_raw,
    "plan": planned,
    "parse, 1 worker": partial(parsed, workers=1),
    "parse, 2 workers": partial(parsed, workers=2),
    "frames": framed,
    "tables and rules": tabled,
}
"""In the order in which they need each other; of a file alone, only those of `OF_FILE` are possible."""
OF_FILE = ("json.load", "plan", "parse, 1 worker", "parse, 2 workers")


def _chunks(inputs: Inputs) -> list[Chunk]:
    return [Chunk(**chunk) for chunk in json.loads((inputs.base / PLAN).read_text())]


def _raw(inputs: Inputs) -> RawFile:
    """The powers as an ingest left them; of a file alone, the file."""
    if inputs.source.is_dir():
        return read_raw_files(inputs.paths)[POWERS]
    path, kept = inputs.powers, inputs.base / "sha256"
    if not kept.exists():
        kept.write_text(file_sha256(path))
    return RawFile(path.name, path, inputs.shape, 0, path.stat().st_size, kept.read_text(), source_file=path.name)


if __name__ == "__main__":
    name, source, powers, base, shape = sys.argv[1:]
    print(json.dumps(asdict(measure(STAGES[name], Inputs(Path(source), Path(powers), Path(base), shape)))))
