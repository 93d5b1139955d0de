"""What is known of a build's raw files, kept beside them: the steps after `raw` may run in other processes.

    raw/<build>/files.json          file name -> shape, records, bytes, hash, source file
    raw/<build>/i12.offsets.npy     starts of the powers, where we wrote that file ourselves

Does not belong here: writing or reading the raw files themselves (`readers`).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from mids_assets.readers.raw import RAW_FILES, RawFile
from mids_assets.transform.store import BuildPaths, existing, read_json, replacing, write_json

POWERS = RAW_FILES["power"]
_FILES = "files.json"
_OFFSETS = "i12.offsets.npy"
_FACTS = ("name", "shape", "records", "bytes", "sha256", "note", "source_file", "lost_ids")


def remember(folder: Path, files: Iterable[RawFile]) -> None:
    """Keep the facts about the files in `folder`, which holds them."""
    facts = {}
    for file in files:
        facts[file.name] = {name: getattr(file, name) for name in _FACTS}
        if file.name == POWERS and file.offsets is not None:
            with replacing(folder / _OFFSETS) as temporary, temporary.open("wb") as stream:
                np.save(stream, file.offsets)
    write_json(folder / _FILES, facts)


def read_raw_files(paths: BuildPaths) -> dict[str, RawFile]:
    """The raw files of a build by name. Raises `StaleBuild` before `raw` was materialized."""
    value = read_json(existing(paths.raw / _FILES, "raw"))
    offsets = paths.raw / _OFFSETS
    return {
        name: RawFile(
            path=paths.raw / name,
            offsets=np.load(offsets) if name == POWERS and offsets.exists() else None,
            **facts,
        )
        for name, facts in value.items()
    }
