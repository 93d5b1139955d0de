"""The record of what was refused: one row per record that broke a rule, whole, with its place in the source.

Does not belong here: the rules (`transform.frame_rules`, `transform.frames`), writing to a database.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from mids_assets.readers.binary_json import finite

QUARANTINE_SCHEMA = pl.Schema(
    {
        "entity": pl.String(),
        "source_file": pl.String(),
        "source_position": pl.Int64(),
        "byte_offset": pl.Int64(),
        "rule": pl.String(),
        "expected": pl.Boolean(),
        "field": pl.String(),
        "message": pl.String(),
        "record": pl.String(),
    }
)


@dataclass(frozen=True, slots=True)
class Validated:
    """`frame`: the good records in file order. `quarantine`: the others, with `QUARANTINE_SCHEMA`.

    `replaced` counts, by field, the good records whose text was changed because PostgreSQL cannot hold a NUL;
    `dropped` counts exact repeats in set-like lists (effect tags) that were left out.
    """

    frame: pl.DataFrame
    quarantine: pl.DataFrame
    replaced: Mapping[str, int] = field(default_factory=dict)
    dropped: int = 0


def quarantine_frame(entries: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Entries (keys of `QUARANTINE_SCHEMA`) in order of their place; texts are made fit for PostgreSQL."""
    rows = [
        {key: value.replace("\0", "\\u0000") if isinstance(value, str) else value for key, value in entry.items()}
        for entry in entries
    ]
    rows.sort(key=lambda row: (row["source_position"], -1 if row["byte_offset"] is None else row["byte_offset"]))
    return pl.DataFrame(rows, schema=QUARANTINE_SCHEMA, strict=True)


def record_text(record: Mapping[str, Any]) -> str:
    """A decoded record as JSON text; a NaN or an infinity, which JSON cannot hold, becomes a text."""
    return json.dumps(finite(record), ensure_ascii=False, separators=(",", ":"), default=str)
