"""The validated frames of a build, as the table modules read them: lazily, in batches, or only the keys.

Does not belong here: resolving a name that is perhaps none (`transform.names`), making a table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from pathlib import Path
from threading import Lock

import polars as pl
import pyarrow.parquet as pq

from mids_assets.errors import StaleBuild
from mids_assets.model.frames import SOURCE_POSITION
from mids_assets.model.table import NATURAL_KEY
from mids_assets.model.tables import TABLES
from mids_assets.transform.parquet_columns import field_path, read_fields, values_by_column

RECORD = "_record"
"""Column of a batch: 0-based number of the record in its frame."""
BATCH_ROWS = 4_000
_NAMES = {
    "archetype": "class_name",
    "powerset": "full_name",
    "power": "full_name",
    "summoned_entity": "uid",
    "enhancement_set": "uid",
    "enhancement": "uid",
    "recipe": "internal_name",
    "salvage": "internal_name",
}
"""Entity -> field of its record that holds the natural key."""
_INNER_KEYS = {"power_effect": ("power", "effects", None), "recipe_level": ("recipe", "entries", "level")}
"""Children that others refer to: asset, list, and the field of the second key column (None = the place)."""


class Frames:
    """frames/<asset>.parquet and frames/reference/<table>.parquet in one folder, frames/power/ with one file a chunk.

    `dropped` counts, by table, the repeats that `build_tables` left out of set-like lists.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.dropped: Counter[str] = Counter()
        self._keys = cache(self._read_keys)
        self._lock = Lock()

    def scan(self, asset: str) -> pl.LazyFrame:
        """source_position (Int64) and the fields of the asset's record. Raises `StaleBuild` where it is missing."""
        return pl.scan_parquet(self._files(asset))

    def reference(self, table: str) -> pl.LazyFrame:
        """source_position (Int64) and the columns of a small table, as `validate_reference` made them."""
        return pl.scan_parquet(self._files(f"reference/{table}"))

    def batches(self, asset: str, columns: Sequence[str] | None = None) -> Iterator[pl.DataFrame]:
        """The records of an asset in order, about `BATCH_ROWS` at a time, each with `natural_key` and `RECORD`.

        A column is a field of the record, or some fields of a list's records by their dotted paths (`effects.scale`).

        Batches begin where row groups of the files begin (one per chunk of powers), so none is decoded twice. There
        is always at least one batch, perhaps without rows.
        """
        for load in self.loaders(asset, columns):
            yield load()

    def loaders(self, asset: str, columns: Sequence[str] | None = None) -> Iterator[Callable[[], pl.DataFrame]]:
        """As `batches`, but each is read when it is called for, from any thread."""
        start = 0
        for parts in _batches(self._files(asset)):
            yield partial(self._load, asset, columns, parts, start)
            start += sum(part.rows for part in parts)

    def _load(self, asset: str, columns: Sequence[str] | None, parts: list[_Part], start: int) -> pl.DataFrame:
        scans = [pl.scan_parquet(part.path).slice(part.start, part.rows) for part in parts]
        whole = None if columns is None else [name for name in columns if "." not in name]
        batch = pl.concat(scan if whole is None else scan.select(whole) for scan in scans).collect()
        inner = [name for name in columns or () if "." in name]
        if inner:
            pieces = [read_fields(part.path, part.group, inner).slice(part.skip, part.rows) for part in parts]
            batch = pl.concat([batch, pl.concat(pieces)], how="horizontal")
        keys = self.keys(asset).to_series()
        return batch.with_columns(
            keys.slice(start, batch.height).alias(NATURAL_KEY),
            pl.int_range(start, start + batch.height, eager=True).alias(RECORD),
        )

    def holds(self, asset: str, path: str) -> bool:
        """Whether any record has a value under a dotted path of fields, such as `effects.conditionals`.

        True also where the file does not tell: only what is surely nothing need not be read.
        """
        return any(path in _filled(file) for file in self._files(asset))

    def keys(self, table: str) -> pl.DataFrame:
        """Keys of a table as references name its rows, in order of the source: natural keys, or the key's columns."""
        with self._lock:
            return self._keys(table)

    def note_dropped(self, table: str, repeats: int) -> None:
        with self._lock:
            self.dropped[table] += repeats

    def _read_keys(self, name: str) -> pl.DataFrame:
        table = TABLES[name]
        if table.kind == "reference":
            return self.reference(name).select(table.key).collect()
        if table.kind == "entity":
            keys = self.scan(name).select(pl.col(_NAMES[name]).str.to_lowercase().alias(NATURAL_KEY)).collect()
            return keys if name != "enhancement" else keys.select(_numbered(pl.col(NATURAL_KEY)))
        asset, rows, field = _INNER_KEYS[name]
        second = pl.int_ranges(0, pl.col(rows).list.len(), dtype=pl.Int32)
        if field is not None:
            second = pl.col(rows).list.eval(pl.element().struct.field(field))
        return (
            self.scan(asset)
            .select(second.alias(table.key[1]))
            .collect()
            .insert_column(0, self._keys(asset).to_series().alias(table.key[0]))
            .filter(pl.col(table.key[1]).list.len() > 0)
            .explode(table.key[1])
        )

    def _files(self, name: str) -> list[Path]:
        """The files of a frame in order. Raises `StaleBuild` where there are none."""
        path = self.folder / f"{name}.parquet"
        found = [path] if path.exists() else sorted((self.folder / name).glob("*.parquet"))
        if not found:
            raise StaleBuild(f"{path} is not there: materialize frames/{name} of this build first")
        return found


@dataclass(frozen=True, slots=True)
class _Part:
    """`rows` rows of a file, from row `start` on, which are in its row group `group`, `skip` rows from its start."""

    path: Path
    start: int
    rows: int
    group: int
    skip: int


def occurrence(key: pl.Expr) -> pl.Expr:
    """1, 2, .. among equal keys in order of the source (Int32)."""
    return pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over(key)


def _numbered(key: pl.Expr) -> pl.Expr:
    number = occurrence(key)
    return pl.when(number > 1).then(pl.format("{}#{}", key, number)).otherwise(key).alias(NATURAL_KEY)


@lru_cache(maxsize=4096)
def _filled(path: Path) -> frozenset[str]:
    """Dotted paths of fields under which a file holds a value, the inner ones and all above them."""
    found: set[str] = set()
    for column, holds in values_by_column(path).items():
        if holds:
            parts = field_path(column).split(".")
            found.update(".".join(parts[: number + 1]) for number in range(len(parts)))
    return frozenset(found)


def _batches(paths: Sequence[Path]) -> Iterator[list[_Part]]:
    """Neighbouring row groups together up to `BATCH_ROWS`, a large one in parts."""
    batch: list[_Part] = []
    for part in _parts(paths):
        if batch and sum(other.rows for other in batch) + part.rows > BATCH_ROWS:
            yield batch
            batch = []
        batch.append(part)
    yield batch


def _parts(paths: Sequence[Path]) -> Iterator[_Part]:
    for path in paths:
        metadata = pq.read_metadata(path)
        start = 0
        for number in range(metadata.num_row_groups):
            size = metadata.row_group(number).num_rows
            # It is decoded again for each part, so it is only cut when it is far above the size that is meant.
            step = size if size <= 2 * BATCH_ROWS else BATCH_ROWS
            for low in range(0, size, step or 1):
                yield _Part(path, start + low, min(step, size - low), number, low)
            start += size
        if not start:
            yield _Part(path, 0, 0, 0, 0)


__all__ = ["BATCH_ROWS", "NATURAL_KEY", "RECORD", "SOURCE_POSITION", "Frames", "occurrence"]
