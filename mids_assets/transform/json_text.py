"""JSON texts of jsonb columns: compact, and the same for the same values under every version of Polars.

Numbers are spelled by Python (`repr`: the shortest text that reads back), texts by its json module; Polars only puts
the pieces together. Does not belong here: what a column holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from json import JSONEncoder
from math import isfinite
from typing import Any

import polars as pl

_encode = JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def json_text(value: Any) -> str:
    # As the encoder spells it, without the detour that it takes for a lone number.
    return repr(value) if type(value) is int or (type(value) is float and isfinite(value)) else _encode(value)


def json_values(column: pl.Series) -> pl.Series:
    """Each value (text, number, boolean or null) as JSON; distinct values are spelled once."""
    distinct = column.drop_nulls().unique()
    if not distinct.len():
        return pl.repeat("null", column.len(), dtype=pl.String, eager=True)
    spelled = pl.Series([json_text(value) for value in distinct.to_list()], dtype=pl.String)
    return column.replace_strict(distinct, spelled, default="null", return_dtype=pl.String)


def json_objects(columns: Mapping[str, pl.Series]) -> pl.Series:
    """One object per row, keys in the order given."""
    pieces: list[pl.Expr] = []
    for number, (key, column) in enumerate(columns.items()):
        pieces += [pl.lit(f"{',' if number else '{'}{json_text(key)}:"), pl.lit(json_values(column))]
    return pl.select(pl.concat_str([*pieces, pl.lit("}")])).to_series()


def json_arrays(texts: pl.Series, owners: pl.Series, count: int, first: int) -> pl.Series:
    """Arrays of the JSON `texts` by owner, for the `count` owners numbered from `first`; none = `[]`."""
    joined = (
        pl.DataFrame({"owner": owners, "text": texts})
        .group_by("owner", maintain_order=True)
        .agg(pl.format("[{}]", pl.col("text").str.join(",")).alias("text"))
    )
    everyone = pl.DataFrame({"owner": pl.int_range(first, first + count, eager=True)})
    return everyone.join(joined, on="owner", how="left", maintain_order="left").get_column("text").fill_null("[]")


def json_integer_arrays(lists: pl.Series) -> pl.Series:
    """Lists of integers as JSON arrays; a missing list is null."""
    return pl.select(pl.format("[{}]", lists.cast(pl.List(pl.String)).list.join(","))).to_series()
