"""One side of a comparison: the logical tables of a build on disk, and what its source cannot say.

Does not belong here: finding a release in the store (`commands`), what a source lacks (`lacking.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import polars as pl

from mids_assets.errors import StaleBuild
from mids_assets.model.frames import frame_schema
from mids_assets.model.table import Table
from mids_assets.model.tables import TABLES
from mids_assets.transform.diff.order import order_key


@dataclass(frozen=True, slots=True)
class Side:
    """`tables` is a folder with a Parquet file per table. `lacks` names tables, or `table.column`, that the source of
    the release does not have at all, so that nothing about them can be compared; `form` is what wrote its database."""

    tables: Path
    release: str
    build: str
    version: str | None = None
    date: str | None = None
    is_sample: bool = False
    lacks: frozenset[str] = field(default_factory=frozenset)
    form: str = ""

    def scan(self, table: Table) -> pl.LazyFrame:
        """Raises `StaleBuild` where the file is missing."""
        path = self.tables / f"{table.name}.parquet"
        if not path.exists():
            raise StaleBuild(f"{path} is not there: import the release again")
        return pl.scan_parquet(path)

    def rows(self, table: Table) -> int:
        return self.scan(table).select(pl.len()).collect().item()

    def is_older(self, other: Side) -> bool:
        mine, theirs = (
            order_key(datetime.fromisoformat(side.date) if side.date else None, side.version) for side in (self, other)
        )
        return mine < theirs

    @property
    def title(self) -> str:
        """Such as `2021.3.31 (release 0123abcd)`."""
        return f"{self.version or 'a version not stated'} (release {self.release[:8]})"


def missing_tables(folder: Path, tables: Iterable[Table] = TABLES) -> list[str]:
    """Names of the tables that have no file in a folder of tables, or one with the columns of another model, as that of
    an earlier version of this program."""
    return [table.name for table in tables if not _is_there(folder / f"{table.name}.parquet", table)]


def _is_there(path: Path, table: Table) -> bool:
    return path.exists() and dict(pl.read_parquet_schema(path)) == dict(frame_schema(table, TABLES))
