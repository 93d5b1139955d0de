"""Backfills: what *Materialize all*, and partitions that are chosen in the UI, become in Dagster.

A backfill launches several runs, one after the other, for the partitions that were there when it was launched.
docs/decisions/0008-materialize-all.md says what follows from that. Does not belong here: partitions themselves
(`graph.partitions`), who publishes a plan (`automation`).
"""

from __future__ import annotations

import dagster as dg
from dagster._core.execution.backfill import BulkActionsFilter, BulkActionStatus, PartitionBackfill

TAG_BACKFILL = "dagster/backfill"
"""On a run: the backfill that launched it."""
UNFINISHED = (BulkActionStatus.REQUESTED, BulkActionStatus.CANCELING, BulkActionStatus.FAILING)


def backfill_of(instance: dg.DagsterInstance, run: dg.DagsterRun | None) -> PartitionBackfill | None:
    """The backfill that launched a run; None where a person, a schedule or a sensor did."""
    name = run.tags.get(TAG_BACKFILL) if run else None
    return instance.get_backfill(name) if name else None


def targets(backfill: PartitionBackfill | None, key: dg.AssetKey) -> bool:
    """Whether an asset is among those that a backfill is to materialize."""
    return backfill is not None and key in (backfill.asset_selection or ())


def goes_to_the_end(instance: dg.DagsterInstance, run: dg.DagsterRun, realm: str) -> bool:
    """Whether a run from the asset graph, or the backfill that launched it, has the warehouse among its assets."""
    backfill = backfill_of(instance, run)
    selected = (backfill.asset_selection if backfill else run.asset_selection) or ()
    return any(key.path[:2] == [realm, "warehouse"] for key in selected)


def runs_of(instance: dg.DagsterInstance, backfill: str) -> list[dg.DagsterRun]:
    """All runs that a backfill has launched so far, newest first."""
    return list(instance.get_runs(dg.RunsFilter(tags={TAG_BACKFILL: backfill})))


def any_under_way(instance: dg.DagsterInstance) -> bool:
    """Whether a backfill may still launch runs: for partitions that Dagster then demands to be there."""
    return bool(instance.get_backfills(filters=BulkActionsFilter(statuses=UNFINISHED), limit=1))
