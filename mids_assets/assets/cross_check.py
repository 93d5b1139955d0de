"""The asset cross_check/<realm>: what is published of a realm, held against City of Data. Nothing depends on it.

Does not belong here: comparing (`transform.crosscheck`), noting (`warehouse.cross_checking`).
"""

from __future__ import annotations

from typing import Any

import dagster as dg
import polars as pl

from mids_assets.checks.cross_check import nothing_result, trend_result, trend_spec
from mids_assets.graph import keys
from mids_assets.graph.metadata import Stopwatch, counts, work
from mids_assets.graph.retries import database_may_come_back
from mids_assets.graph.runs import RealmGraph
from mids_assets.graph.shown import shown_tables
from mids_assets.transform.build import comparing_fingerprint
from mids_assets.transform.crosscheck.check import READ
from mids_assets.transform.crosscheck.realms import partner
from mids_assets.transform.crosscheck.report import markdown
from mids_assets.transform.crosscheck.schema import SUSPICIONS
from mids_assets.transform.diff.side import Side
from mids_assets.warehouse.cross_checking import CrossChecked, NothingToCompare, cross_check_published


def cross_check_asset(graph: RealmGraph) -> dg.AssetsDefinition:
    """Of a realm whose partner is configured as well."""
    realm = graph.realm
    sides = (realm, partner(realm))

    @dg.asset(
        key=keys.cross_check_key(realm),
        deps=[
            keys.asset_key(side, "warehouse", table.name)
            for side in sides
            for table in shown_tables(side)
            if table in READ
        ],
        group_name=keys.group(realm, keys.CROSS_CHECK),
        kinds={"postgres", "markdown"},
        code_version=comparing_fingerprint(),
        check_specs=[trend_spec(realm)],
        description=(
            f"Where a value of {realm} differs from that of the game itself, as City of Data exports it"
            f" ({partner(realm)}): what is published of both is compared, and written to mids.discrepancy. The report"
            " in the metadata is a work list, the most suspicious first. It never holds a publish up."
        ),
    )
    def cross_check() -> dg.MaterializeResult:
        watch = Stopwatch()
        try:
            with database_may_come_back():
                checked = cross_check_published(graph.settings, realm)
        except NothingToCompare as nothing:
            # Recorded all the same: a backfill of the whole graph counts what records nothing as failed.
            return dg.MaterializeResult(
                metadata={"nothing_to_compare": str(nothing)}, check_results=[nothing_result(str(nothing))]
            )
        return dg.MaterializeResult(
            metadata=work(watch, **_metadata(checked)), check_results=[trend_result(checked.noted)]
        )

    return cross_check


def _metadata(checked: CrossChecked) -> dict[str, Any]:
    found, now = checked.found, checked.noted.now
    by_suspicion = {one: now.discrepancies[one] for one in SUSPICIONS if one in now.discrepancies}
    pairs = found.figures.group_by("entity", maintain_order=True).agg(pl.col("pairs").max())
    one_side = found.coverage.group_by("entity", "side", maintain_order=True).len()
    return {
        "report": dg.MetadataValue.md(markdown(found)),
        "discrepancies": now.total,
        "by_suspicion": counts(by_suspicion | {"not comparable": now.apart}, ("suspicion", "discrepancies")),
        "lines": found.groups.height,
        "values_compared": int(found.figures.get_column("pairs").sum()),
        "paired": counts(dict(pairs.iter_rows()), ("entity", "pairs")),
        "on_one_side_only": counts(
            {f"{entity}, {side}": number for entity, side, number in one_side.iter_rows()}, ("entity", "keys")
        ),
        **_about("our", found.ours),
        **_about("their", found.theirs),
    }


def _about(whose: str, side: Side) -> dict[str, str]:
    return {f"{whose}_release": side.release, f"{whose}_version": side.version or "", f"{whose}_date": side.date or ""}
