"""The guard over what was set aside: so many records in quarantine point to the source or a rule, not to records.

Does not belong here: what is set aside (`transform.frames`), how many are too many
(`transform.set_aside`), what is blocked by a guard (`warehouse.guarding`).
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from mids_assets.model.frames import SOURCE_POSITION
from mids_assets.transform.guards import Guarded
from mids_assets.transform.set_aside import RULE, SetAside


def unexpected(quarantine: pl.DataFrame, processed: Mapping[str, int]) -> dict[str, SetAside]:
    """`SetAside` of every entity of `processed` {entity: records in the source}, from all entries of a build.

    A record with several entries counts once. A second record of a class and a spreadsheet's row of titles are
    expected, and count for nothing.
    """
    found = quarantine.filter(~pl.col("expected")).group_by("entity").agg(pl.col(SOURCE_POSITION).n_unique())
    counts: dict[str, int] = dict(found.iter_rows())
    return {entity: SetAside(records, counts.get(entity, 0)) for entity, records in processed.items()}


def exceeding(counts: Mapping[str, SetAside], share: float) -> list[Guarded]:
    """The entities of which more than `share` of the records, and at least 20, are in quarantine, in order."""
    return [
        Guarded(
            rule=RULE,
            table=entity,
            observed=one.share,
            limit=share,
            message=(
                f"{entity}: {one.unexpected:,} of {one.processed:,} records are in quarantine, more than"
                f" {share:.3g} of them; `mids quarantine list --entity {entity}` shows why (--release where another is"
                " published)"
            ),
        )
        for entity, one in counts.items()
        if one.exceeds(share)
    ]
