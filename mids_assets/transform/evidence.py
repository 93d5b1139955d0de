"""Which bytes the rules of a table were checked on, so that the same check need not be made twice.

A table's file and the keys of every table that it refers to are named by a digest beside what the check found. A
publish that meets the same digests may believe it; where one differs, the rules are checked again.
Does not belong here: the rules (`transform.rules`), what a failure means.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import file_digest, sha256
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from mids_assets.model.table import Table
from mids_assets.transform.rules import Keys

_FILE = ""


def evidence(table: Table, path: Path, keys: Keys) -> dict[str, str]:
    """Digests of the table's file (under the empty name) and of the keys of each target, by its name.

    A table without rows refers to nothing, so that no keys are read for it.
    """
    with path.open("rb") as file:
        found = {_FILE: file_digest(file, "sha256").hexdigest()}
    if pq.read_metadata(path).num_rows:
        for target in sorted({reference.target for reference in table.references}):
            found[target] = _keys_digest(keys(target))
    return found


def still_holds(table: Table, path: Path, keys: Keys, before: Mapping[str, str]) -> bool:
    """Whether file and keys are those that `before` was made from."""
    return bool(before) and evidence(table, path, keys) == dict(before)


def _keys_digest(keys: pl.DataFrame | pl.Series) -> str:
    frame = keys.to_frame() if isinstance(keys, pl.Series) else keys
    rows = frame.hash_rows().to_numpy()
    return sha256(f"{frame.height} {frame.dtypes}".encode() + rows.tobytes()).hexdigest()
