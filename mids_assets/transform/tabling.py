"""From frames on disk to logical tables on disk, a batch at a time, each with the report of its rules.

    tables/<table>.parquet             the logical table
    tables/<asset>.summary.json        what the rules found (`transform.summary`)

Does not belong here: what is in a table (`transform.tables`), a rule (`transform.rules`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from mids_assets.model.table import Table
from mids_assets.model.tables import TABLES
from mids_assets.transform.evidence import evidence
from mids_assets.transform.inputs import Frames
from mids_assets.transform.measures import isolated, measure
from mids_assets.transform.memory import give_back
from mids_assets.transform.rules import RuleReport, UnresolvedReport, check_rules, check_unresolved
from mids_assets.transform.store import BuildPaths, existing, replacing
from mids_assets.transform.summary import TableSummary, summarize, write_summaries
from mids_assets.transform.tables import build_batches

HEAD_ROWS = 5
MANY = 100_000
"""Rows of a table after which it pays to give memory back before its rules are checked."""


@dataclass(frozen=True, slots=True)
class Tabled:
    """One table that was written. `head`: its first rows. `repeats`: entries left out of set-like lists."""

    table: Table
    path: Path
    rows: int
    head: pl.DataFrame
    rules: RuleReport
    unresolved: UnresolvedReport
    repeats: int


def write_tables(paths: BuildPaths, asset: str, *, whole: bool = True) -> Iterator[Tabled]:
    """Write and check the tables of an asset one after another; the summary of all of them comes last.

    `whole`: whether the release is a whole database (`BuildManifest.whole`).
    """
    frames = Frames(existing(paths.frames, "frames"))
    summaries: dict[str, TableSummary] = {}
    for name, batches in build_batches(asset, frames):
        target = paths.tables / f"{name}.parquet"
        head = _write(target, batches)
        if pq.read_metadata(target).num_rows > MANY:
            give_back()
        written = pl.scan_parquet(target)
        rules = check_rules(TABLES[name], written, frames.keys, whole=whole)
        unresolved = check_unresolved(TABLES[name], written)
        proof = evidence(TABLES[name], target, frames.keys)
        summaries[name] = summarize(rules, unresolved, proof, measure(written), isolated(TABLES[name], written))
        yield Tabled(TABLES[name], target, rules.rows, head, rules, unresolved, frames.dropped[name])
    # In one piece: another run of this build may be reading the one that is there, which says the same.
    write_summaries(paths, asset, summaries)


def _write(target: Path, batches: Iterator[pl.DataFrame]) -> pl.DataFrame:
    """All batches into one file; there is at least one. Returns the first rows."""
    with replacing(target) as temporary:
        first = next(batches)
        head = first.head(HEAD_ROWS)
        table = first.to_arrow()
        with pq.ParquetWriter(temporary, table.schema, compression="zstd", compression_level=1) as writer:
            writer.write_table(table)
            del first, table
            for batch in batches:
                writer.write_table(batch.to_arrow())
                del batch
    return head
