"""One record of a raw file by its number: where its bytes are, and what they say.

Does not belong here: decoding under the rules (`readers.json_records`), which row came from which record.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from mids_assets.errors import StaleBuild
from mids_assets.readers.json_scan import plan_chunks
from mids_assets.readers.json_structure import record_spans
from mids_assets.readers.raw import RAW_FILES, RawFile
from mids_assets.transform import parts
from mids_assets.transform.build import BuildManifest
from mids_assets.transform.raw_files import POWERS, read_raw_files
from mids_assets.transform.reference_frames import ASSET as REFERENCE
from mids_assets.transform.store import BuildPaths, read_json

_PASS_BYTES = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class RawRecord:
    """`start` and `end` are bytes of `raw.path`; None where a small file is a part of one object."""

    raw: RawFile
    source_file: str
    value: Any
    start: int | None = None
    end: int | None = None


def raw_record(paths: BuildPaths, manifest: BuildManifest, asset: str, table: str, position: int) -> RawRecord:
    """Record number `position` (0-based) of an asset; of the small files that of `table`.

    Raises `StaleBuild` where the raw file is not there, or has no such record.
    """
    name = RAW_FILES[asset]
    paths.require(parts.RAW_FACTS if name == POWERS else parts.raw(name))
    raw = read_raw_files(paths)[name]
    read = paths.ranges(parts.raw(name), raw.path)
    if asset == REFERENCE:
        part = read_json(raw.path)[table]
        return RawRecord(raw, part["source_file"], part["records"][position])
    if name == POWERS:
        ranges = [(chunk.start, chunk.end, chunk.records) for chunk in manifest.chunks]
    else:
        ranges = plan_chunks(raw.path, _PASS_BYTES)
    first = 0
    for start, end, records in ranges:
        if position < first + records:
            data = read(start, end)
            low, high = (int(part[position - first]) for part in record_spans(data))
            return RawRecord(raw, raw.source_file, json.loads(data[low:high]), start + low, start + high)
        first += records
    raise StaleBuild(f"{raw.path} has {first} records and none with number {position}: materialize raw/{asset} again")
