"""powerset and powerset_mutex."""

from __future__ import annotations

import polars as pl

from mids_assets.transform.projection import items
from mids_assets.transform.tables.plan import Child, Computed, Context, Plan


def _mutex(batch: pl.DataFrame, context: Context) -> tuple[pl.DataFrame, Computed]:
    return items(batch, "mutex_sets"), {}


POWERSET = Plan(children=(Child("powerset_mutex", ("mutex_sets",), _mutex),))
