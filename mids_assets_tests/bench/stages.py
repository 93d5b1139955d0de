"""Stages of the binary database, each alone in a process: `python -m mids_assets_tests.bench.stages NAME INPUTS`.

A stage says how many bytes and records it went through; two yardsticks do a part of the work, and their figures hold
for the whole by proportion. Prints one line of JSON.
Does not belong here: comparing stages with each other.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from mids_assets.readers.binary_exact import ExactReader
from mids_assets.readers.binary_scan import is_streamed, scan
from mids_assets.readers.i12 import I12File, frame_batches, write_raw_json
from mids_assets.readers.json_scan import plan_chunks
from mids_assets.readers.layouts import I12
from mids_assets_tests.bench.working import Work, measure, whole

PART = 25_000_000
"""Bytes that a yardstick goes through at most: as many as a real database has."""


@dataclass(frozen=True, slots=True)
class Inputs:
    i12: Path
    i12_json: Path
    scratch: Path


def json_load(inputs: Inputs) -> Work:
    """Yardstick: Python's own JSON decoder, on the beginning of the powers."""
    with inputs.i12_json.open("rb") as source:
        source.readline()
        lines = source.readlines(4 * PART)
    text = b"[" + b"".join(lines).rstrip(b"]\n,") + b"]"
    return Work(len(text), len(json.loads(text)), inputs.i12_json.stat().st_size)


def field_by_field(inputs: Inputs) -> Work:
    """Yardstick: the reader that takes one field at a time, on the beginning of the binary file."""
    data = inputs.i12.read_bytes()
    reader = ExactReader(data, I12.newest, file=None)
    earlier: dict[str, object] = {}
    records = 0
    for field in I12.newest["file"]:
        if not is_streamed(field):
            earlier[field.name] = reader.field(field, None, earlier)
            continue
        for _ in range(reader.count(field, None)):
            if reader.pos > PART:
                return Work(reader.pos, records, len(data))
            reader.record(str(field.record), None)
            records += 1
    return Work(reader.pos, records, len(data))


def layout_and_header(inputs: Inputs) -> Work:
    """What opening a source takes of the binary file: its beginning."""
    return whole(inputs.i12, 1 if I12File(inputs.i12).header.magic else 0)


def binary_to_records(inputs: Inputs) -> Work:
    """Every record as a tuple, let go at once."""
    parts = scan(inputs.i12, I12File(inputs.i12).layout, batch=500)
    return whole(inputs.i12, sum(len(part.starts) - 1 for part in parts if part.starts))


def binary_to_json(inputs: Inputs) -> Work:
    with tempfile.TemporaryDirectory(dir=inputs.scratch) as folder:
        written = write_raw_json(inputs.i12, Path(folder))
        return whole(inputs.i12, sum(file.records for file in written.values()))


def binary_to_frames(inputs: Inputs) -> Work:
    return whole(inputs.i12, sum(frame.height for _, frame in frame_batches(inputs.i12)))


def chunk_plan(inputs: Inputs) -> Work:
    return whole(inputs.i12_json, sum(records for _, _, records in plan_chunks(inputs.i12_json, 8 << 20)))


STAGES: dict[str, Callable[[Inputs], Work]] = {
    "json.load": json_load,
    "field by field": field_by_field,
    "layout and header": layout_and_header,
    "binary to records": binary_to_records,
    "binary to raw JSON": binary_to_json,
    "binary to frames": binary_to_frames,
    "chunk plan": chunk_plan,
}


if __name__ == "__main__":
    name, *paths = sys.argv[1:]
    print(json.dumps(asdict(measure(STAGES[name], Inputs(*map(Path, paths))))))
