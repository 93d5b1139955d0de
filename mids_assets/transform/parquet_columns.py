"""Parquet below whole columns: which hold values, from the statistics alone; some fields of what a list holds.

Does not belong here: what follows from a column without values.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq


def values_by_column(path: Path) -> dict[str, bool]:
    """Dotted path of each leaf, as Parquet spells it (`boosts.list.element`) -> whether some value is not null.

    True also where the file does not tell. A list without items counts as null: the leaf knows nothing of it.
    """
    metadata = pq.read_metadata(path)
    found: dict[str, bool] = {}
    for place in range(metadata.num_columns):
        groups = [metadata.row_group(number).column(place) for number in range(metadata.num_row_groups)]
        counts = [(group.num_values, group.statistics.null_count if group.statistics else None) for group in groups]
        found[metadata.schema.column(place).path] = any(values != nulls for values, nulls in counts)
    return found


def read_fields(path: Path, group: int, fields: Sequence[str]) -> pl.DataFrame:
    """One row group of the lists of records named in `fields`, with these fields of them only (`effects.scale`).
    A file without rows has no group, whichever is asked for.

    Polars reads a column as a whole, which for eight of the seventy fields of an effect takes four times as long.
    """
    file = pq.ParquetFile(path)
    leaves = [file.schema.column(place).path for place in range(len(file.schema))]
    wanted = tuple(f"{field}." for field in fields)
    chosen = [leaf for leaf in leaves if f"{field_path(leaf)}.".startswith(wanted)]
    groups = [group] if file.num_row_groups else []
    return pl.DataFrame(pl.from_arrow(file.read_row_groups(groups, chosen, use_threads=False)))


def field_path(leaf: str) -> str:
    """`effects.list.element.scale` -> `effects.scale`."""
    return leaf.replace(".list.element", "").replace(".list.item", "")


def write_records(path: Path, frame: pl.DataFrame, group: int) -> None:
    """Records with `group` rows in a row group, and of statistics only the nulls, which `values_by_column` asks for."""
    frame.write_parquet(
        path,
        compression="zstd",
        compression_level=1,
        statistics={"null_count": True, "min": False, "max": False, "distinct_count": False},
        row_group_size=group,
    )
