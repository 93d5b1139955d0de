"""Ranges of the numbers in a finished table, and single values that stick out among their neighbours.

They are kept with the build's summary, so that a later release can be held against them without the tables
themselves. Does not belong here: which of it blocks a publish (`transform.guards`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from mids_assets.model.table import Table

NEIGHBOUR_FACTOR = 100.0
"""So many times both its neighbours is no step of a scale. In real tables the factor is 1.03 at most."""

Measures = Mapping[str, Sequence[float]]
"""Float column -> number of values other than 0, their mean and their greatest, both without sign."""

_SERIES = {"attribute_modifier": (("table", "column"), "level", "value")}
"""Tables whose values follow one another: what tells a series, its order, its value."""


def measure(frame: pl.LazyFrame) -> dict[str, list[float]]:
    """`Measures` of a logical table; columns without a value other than 0 are left out.

    A column at a time: all of 1.5 million effects together took 290 MiB.
    """
    found: dict[str, list[float]] = {}
    for name, dtype in frame.collect_schema().items():
        if dtype == pl.Float64:
            values = frame.select(pl.col(name).abs()).collect().to_series()
            used = values.filter(values > 0).to_numpy()
            if len(used):
                found[name] = [len(used), float(used.mean()), float(used.max())]
    return found


def isolated(table: Table, frame: pl.LazyFrame) -> list[str]:
    """Keys of values over `NEIGHBOUR_FACTOR` times as far from 0 as the values before and behind them in their series.

    Where a value stands alone in its series, or both neighbours are 0, there is nothing to compare it with.
    """
    if table.name not in _SERIES:
        return []
    series, order, name = _SERIES[table.name]
    value = pl.col(name).abs()
    before, behind = value.shift(1).over(series), value.shift(-1).over(series)
    nearest = pl.max_horizontal(before, behind)
    key = pl.concat_str([pl.format("{}={}", pl.lit(part), pl.col(part)) for part in table.key], separator=", ")
    found = frame.sort(*series, order).filter((nearest > 0) & (value > NEIGHBOUR_FACTOR * nearest))
    return found.select(key).collect().to_series().to_list()
