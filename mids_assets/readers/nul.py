"""Where texts of a nested frame hold NUL characters, which PostgreSQL cannot store.

Does not belong here: what is done about them (`transform.frames`).
"""

from __future__ import annotations

from collections import Counter

import polars as pl


def nul_texts(frame: pl.DataFrame) -> dict[str, int]:
    """Texts with NUL characters by path ('effects[].reward')."""
    found: Counter[str] = Counter()
    for column in frame:
        _count_nul(column, column.name, found)
    return dict(sorted(found.items()))


def _count_nul(column: pl.Series, path: str, found: Counter[str]) -> None:
    if column.dtype == pl.String:
        count = int(column.str.contains("\0", literal=True).fill_null(False).cast(pl.Int64).sum())
        if count:
            found[path] += count
    elif isinstance(column.dtype, pl.List):
        _count_nul(column.drop_nulls().list.explode(), f"{path}[]" if _holds_structs(column.dtype) else path, found)
    elif isinstance(column.dtype, pl.Struct):
        for inner in column.struct.fields:
            _count_nul(column.struct.field(inner), f"{path}.{inner}", found)


def _holds_structs(kind: pl.List) -> bool:
    return isinstance(kind.inner, pl.Struct)
