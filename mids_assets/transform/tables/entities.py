"""summoned_entity and summoned_entity_powerset."""

from __future__ import annotations

import polars as pl

from mids_assets.transform.projection import PLACE, VALUE, items
from mids_assets.transform.tables.plan import Child, Computed, Context, Plan


def _powersets(batch: pl.DataFrame, context: Context) -> tuple[pl.DataFrame, Computed]:
    """Upgrade power i unlocks powerset i + 1; the first powerset needs none."""
    rows = items(batch, "powersets", "upgrade_powers").with_columns(
        pl.when(pl.col(PLACE) > 0)
        .then(pl.col("upgrade_powers").list.get(pl.col(PLACE) - 1, null_on_oob=True))
        .alias("upgrade")
    )
    return rows, {"powerset_name": rows.get_column(VALUE), "upgrade_power_name": rows.get_column("upgrade")}


SUMMONED_ENTITY = Plan(children=(Child("summoned_entity_powerset", ("powersets", "upgrade_powers"), _powersets),))
