"""Stages of a City of Data export, each alone in a process: `python -m mids_assets_tests.bench.city_stages NAME ..`.

Prints one line of JSON. Does not belong here: comparing stages (`city`), whole imports.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from mids_assets.model.enums import CODES
from mids_assets.model.tables import ASSETS
from mids_assets.readers.city_of_data.export import Export
from mids_assets.readers.city_of_data.pack import pack
from mids_assets.readers.city_of_data.raw import wrapped_records
from mids_assets.readers.city_of_data.reference import export_tables
from mids_assets.readers.json_records import decode_records
from mids_assets.readers.source import file_sha256
from mids_assets.transform.crosscheck.check import cross_check
from mids_assets.transform.diff.side import Side
from mids_assets.transform.frames import validate_records, validate_reference
from mids_assets_tests.bench.working import Work, measure

JSON_LOAD, PACK, READ, CROSS_CHECK = "json.load of all files", "pack and hash", "read to frames", "cross-check"
_BATCH_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Inputs:
    """`folder`: the files of the export; `packed`: where they are packed; `ours`, `theirs`: folders of tables."""

    folder: Path
    packed: Path
    ours: Path
    theirs: Path


def json_load(inputs: Inputs) -> Work:
    """Yardstick: Python's own JSON decoder on every file, one after another."""
    sizes = [_loaded(path) for path in sorted(inputs.folder.rglob("*.json"))]
    return Work(sum(sizes), len(sizes), sum(sizes))


def packed(inputs: Inputs) -> Work:
    """What an import does first: all files into the one that is stored, and its hash."""
    inputs.packed.unlink(missing_ok=True)
    found = pack(inputs.folder, inputs.packed)
    file_sha256(inputs.packed)
    return _work(inputs, len(found.entries))


def read(inputs: Inputs) -> Work:
    """Every entity and the small tables, from the packed file to validated frames, in this process."""
    records = 0
    with Export(inputs.packed) as export:
        for entity in ASSETS:
            if entity == "reference":
                validate_reference(export_tables(export, inputs.packed.name))
                continue
            for data in _batches(wrapped_records(export, entity)):
                batch = decode_records(data, "city_of_data", entity, codes=CODES)
                validate_records(entity, batch.frame, batch.failures, source_file="", files=batch.files)
                records += batch.records
    return _work(inputs, records)


def crossed(inputs: Inputs) -> Work:
    """The tables of both sides to discrepancies and report."""
    found = cross_check(Side(inputs.ours, "ours", "bench"), Side(inputs.theirs, "theirs", "bench"))
    return _work(inputs, found.discrepancies.height)


STAGES: dict[str, Callable[[Inputs], Work]] = {
    JSON_LOAD: json_load,
    PACK: packed,
    READ: read,
    CROSS_CHECK: crossed,
}


def _loaded(path: Path) -> int:
    with path.open("rb") as file:
        json.load(file)
        return file.tell()


def _work(inputs: Inputs, records: int) -> Work:
    size = inputs.packed.stat().st_size
    return Work(size, records, size)


def _batches(records: Iterator[bytes]) -> Iterator[bytes]:
    """Records of at most 8 MiB each, as an import reads its chunks: no brackets, which would be further copies."""
    batch: list[bytes] = []
    size = 0
    for record in records:
        if batch and size + len(record) > _BATCH_BYTES:
            yield b",\n".join(batch)
            batch, size = [], 0
        batch.append(record)
        size += len(record)
    yield b",\n".join(batch)


if __name__ == "__main__":
    name, *paths = sys.argv[1:]
    print(json.dumps(asdict(measure(STAGES[name], Inputs(*map(Path, paths))))))
