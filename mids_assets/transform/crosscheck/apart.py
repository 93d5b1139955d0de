"""Powers that cannot be compared: the planner's makers keep their own values, or another power stands in for it.

Does not belong here: what differs in them; it is told all the same, apart from the rest.
"""

from __future__ import annotations

import polars as pl

from mids_assets.model.table import NATURAL_KEY
from mids_assets.model.tables import TABLES
from mids_assets.transform.crosscheck.schema import NEVER_AUTO_UPDATE, REDIRECT
from mids_assets.transform.diff.side import Side

APART = "apart"


def not_comparable(ours: Side, theirs: Side) -> pl.DataFrame:
    """Natural keys of powers, and why each is not comparable (`APART`). A power with a redirect, on either side, often
    has no numbers of its own, so that goes before the planner's mark."""
    power, effect = TABLES["power"], TABLES["power_effect"]
    marked = ours.scan(power).filter("never_auto_update").select(NATURAL_KEY, rank=pl.lit(1))
    listed = theirs.scan(power).filter(pl.col("extra").str.json_path_match("$.redirect").is_not_null())
    led = ours.scan(effect).filter(pl.col("effect_type") == "PowerRedirect")
    redirected = pl.concat([listed.select(NATURAL_KEY), led.select(pl.col("power").alias(NATURAL_KEY))])
    return (
        pl.concat([marked, redirected.with_columns(rank=pl.lit(0))])
        .group_by(NATURAL_KEY)
        .agg(pl.col("rank").min())
        .select(
            NATURAL_KEY,
            pl.when(pl.col("rank") == 0).then(pl.lit(REDIRECT)).otherwise(pl.lit(NEVER_AUTO_UPDATE)).alias(APART),
        )
        .collect()
    )
