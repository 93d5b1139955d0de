"""What the effects of powers and of enhancements have in common: whom `summon` means.

Does not belong here: conditions of effects, the tables themselves.
"""

from __future__ import annotations

import polars as pl

from mids_assets.transform.names import Names
from mids_assets.transform.projection import member_number
from mids_assets.transform.tables.plan import Computed

CREATES_ENTITY = member_number("effect_type", "EntCreate")


def summon_targets(rows: pl.DataFrame, names: Names, prefix: str = "") -> Computed:
    """An effect that creates an entity names an entity, any other one a power; neither falls back to the other."""
    summon, kind = rows.get_column(f"{prefix}summon"), rows.get_column(f"{prefix}effect_type")
    creates = (kind == CREATES_ENTITY).fill_null(False)
    nothing = pl.repeat(None, rows.height, dtype=pl.String, eager=True)
    return {
        "summoned_entity": names.resolve("summoned_entity", summon.zip_with(creates, nothing)),
        "granted_power": names.resolve("power", nothing.zip_with(creates, summon)),
    }
