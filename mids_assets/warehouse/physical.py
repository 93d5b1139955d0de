"""Logical frames become rows as PostgreSQL stores them: natural keys turn into ids, names into column names.

Belongs here: reading a table's Parquet file in batches of bounded size, and that translation.
Does not belong here: where ids come from (identity.py), comparing (merge.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from mids_assets.errors import CheckFailed, StaleBuild
from mids_assets.model.frames import DTYPES, frame_schema
from mids_assets.model.table import NATURAL_KEY, Reference, Table
from mids_assets.model.tables import TABLES
from mids_assets.transform.parquet_columns import values_by_column
from mids_assets.warehouse.stored import stored_columns

_VALUES_PER_BATCH = 600_000
"""Rows times columns: some ten megabytes of text."""
_ROW = "_row"
_FEW = 20_000
"""So many entities and their children fit into memory at once."""


@dataclass(frozen=True)
class Rows:
    """The rows of one table of a build, read anew at each call.

    `ids`: {entity table: {natural key: id}}.
    """

    table: Table
    path: Path
    ids: Mapping[str, Mapping[str, int]]

    @property
    def height(self) -> int:
        return pq.read_metadata(self.path).num_rows

    def batches(
        self, columns: tuple[str, ...] | None = None, among: pl.DataFrame | None = None
    ) -> Iterator[pl.DataFrame]:
        """Frames of the stored `columns` (default: all that come from the build), rows in order of the source.

        With `among`, only rows whose values in its columns, which are among `columns`, it holds; of the others no
        more is translated. Raises `CheckFailed` where a reference names a key that the build does not hold.
        """
        wanted = [
            column
            for column in stored_columns(self.table.name)
            if (column.logical or column.role == "id") and (columns is None or column.name in columns)
        ]
        logical = [column.logical or NATURAL_KEY for column in wanted]
        # By all columns that there are: rows of few numbers are small, whichever of them are wanted.
        size = max(1000, _VALUES_PER_BATCH // len(stored_columns(self.table.name)))
        for frame in self._frames(list(dict.fromkeys(logical)), size, among):
            yield pl.DataFrame(
                self._stored(frame, name).alias(column.name) for column, name in zip(wanted, logical, strict=True)
            )

    def _frames(self, logical: list[str], size: int, among: pl.DataFrame | None) -> Iterator[pl.DataFrame]:
        found = None if among is None else self._few(among)
        if found is not None:
            name, keys = found
            rows = pl.scan_parquet(self.path).filter(pl.col(name).is_in(keys.implode())).select(logical).collect()
            yield from rows.iter_slices(size)
            return
        with pq.ParquetFile(self.path) as file:
            for batch in file.iter_batches(size, columns=logical, use_threads=False):
                frame = pl.DataFrame(pl.from_arrow(batch))
                yield frame if among is None else self._among(frame, among)

    def _few(self, among: pl.DataFrame) -> tuple[str, pl.Series] | None:
        """Column and natural keys of a few entities, by which the file itself can be searched: what does not hold them
        is then not even decoded. None where they are many, or no entities."""
        (name,) = among.columns if among.width == 1 else ("",)
        logical = self._logical(name) if name else ""
        member = self.table.by_name.get(logical)
        target = self.table.name if logical == NATURAL_KEY else member.target if isinstance(member, Reference) else ""
        if target not in self.ids or among.height > _FEW:
            return None
        wanted = set(among.to_series())
        keys = [key for key, number in self.ids[target].items() if number in wanted]
        return logical, pl.Series(keys, dtype=pl.String)

    def _logical(self, stored: str) -> str:
        return next(c.logical or NATURAL_KEY for c in stored_columns(self.table.name) if c.name == stored)

    @cached_property
    def filled(self) -> frozenset[str]:
        """Stored columns that hold a value in some row, or all where there are no rows; nothing is read for it."""
        holds = values_by_column(self.path) if self.height else {}
        # A list is no leaf, hence not among these: it may be empty in every row, and an empty list is no null.
        stored = stored_columns(self.table.name)
        return frozenset(column.name for column in stored if holds.get(column.logical or NATURAL_KEY, True))

    def read(self, columns: tuple[str, ...]) -> pl.DataFrame:
        """The stored `columns` of all rows, as one frame; columns in the order in which they are stored."""
        frames = list(self.batches(columns))
        return pl.concat(frames) if frames else pl.DataFrame(schema=stored_schema(self.table.name, columns))

    def _among(self, frame: pl.DataFrame, among: pl.DataFrame) -> pl.DataFrame:
        keys = pl.DataFrame(self._stored(frame, self._logical(name)).alias(name) for name in among.columns)
        kept = keys.with_row_index(_ROW).join(among, on=among.columns, how="semi").get_column(_ROW)
        return frame[kept.sort()]

    def _stored(self, frame: pl.DataFrame, logical: str) -> pl.Series:
        if logical == NATURAL_KEY:
            return self._ids(self.table.name, frame.get_column(NATURAL_KEY), NATURAL_KEY)
        member = self.table.by_name.get(logical)
        if isinstance(member, Reference) and self.table.target(member).kind == "entity":
            return self._ids(member.target, frame.get_column(logical), logical)
        return frame.get_column(logical)

    def _ids(self, target: str, keys: pl.Series, logical: str) -> pl.Series:
        known = self.ids[target]
        # Rows of a parent lie together and most references are null, so there are few keys.
        distinct = keys.drop_nulls().unique()
        numbers = pl.Series([known.get(key) for key in distinct.to_list()], dtype=pl.Int64)
        found = keys.replace_strict(distinct, numbers, default=None, return_dtype=pl.Int64).alias(logical)
        lost = keys.filter(found.is_null() & keys.is_not_null())
        if len(lost):
            raise CheckFailed(
                f"table {self.table.name}, reference {logical}: {len(lost):,} rows name a {target} that the release"
                f" does not hold, such as {lost[0]!r}; nothing was published"
            )
        return found


def open_rows(tables_dir: Path, ids: Mapping[str, Mapping[str, int]]) -> dict[str, Rows]:
    """All tables of a build, by name. Raises `StaleBuild` where a file is missing or has another schema."""
    return {table.name: Rows(table, tables_dir / f"{table.name}.parquet", ids) for table in TABLES}


def require_schemas(tables_dir: Path) -> None:
    """Raise `StaleBuild` unless every table's file is there and has exactly the columns of its logical frame."""
    for table in TABLES:
        path = tables_dir / f"{table.name}.parquet"
        if not path.is_file():
            raise StaleBuild(f"{path} is not there: the build is not complete")
        found, wanted = pl.read_parquet_schema(path), frame_schema(table, TABLES)
        if dict(found) != dict(wanted):
            odd = sorted({*found.items()} ^ {*wanted.items()}, key=str)
            raise StaleBuild(f"{path} was made for another model ({odd[0][0]}): build the release again")


def stored_schema(name: str, columns: tuple[str, ...] | None = None) -> dict[str, pl.DataType]:
    """Polars dtypes of stored columns."""
    return {c.name: DTYPES[c.type] for c in stored_columns(name) if columns is None or c.name in columns}
