"""Who publishes a plan: whoever made it and goes on to the publish by itself, else the sensor.

Does not belong here: launching the publish (`automation.sensors`).
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import dagster as dg
from dagster._core.execution.backfill import BulkActionStatus

from mids_assets.automation.processes import is_alive
from mids_assets.graph import keys
from mids_assets.graph.backfills import UNFINISHED, backfill_of, goes_to_the_end, runs_of
from mids_assets.graph.runs import RealmGraph


@dataclass(frozen=True, slots=True)
class Left:
    """Why a plan is not the sensor's to publish, and whether that can still change."""

    reason: str
    for_good: bool


def left_to_maker(instance: dg.DagsterInstance, graph: RealmGraph, planned: dg.EventLogRecord) -> Left | None:
    """Why the maker of a plan, told by the plan's materialization, publishes it; None where the sensor does."""
    run = instance.get_run_by_id(planned.run_id)
    if run is None:
        return None
    return _command_line(run, planned.timestamp, graph.settings.takeover_seconds) or _goes_on(instance, graph, run)


def _command_line(run: dg.DagsterRun, planned_at: float, takeover_seconds: float) -> Left | None:
    """The command line may still publish: its process lives, or its time is not over."""
    if run.tags.get(keys.TAG_ORIGIN) != keys.ORIGIN_CLI:
        return None
    process = run.tags.get(keys.TAG_PROCESS)
    if (process and is_alive(process)) or time.time() - planned_at < takeover_seconds:
        return Left("`mids import` made this plan and publishes it itself.", for_good=False)
    return None


def _goes_on(instance: dg.DagsterInstance, graph: RealmGraph, run: dg.DagsterRun) -> Left | None:
    """A run or a backfill that has the warehouse among its assets, as that of *Materialize all*."""
    if not goes_to_the_end(instance, run, graph.realm):
        return None
    backfill = backfill_of(instance, run)
    name = f"Backfill {backfill.backfill_id}" if backfill else f"Run {run.run_id}"
    if not run.is_finished or (backfill and backfill.status in UNFINISHED):
        return Left(f"{name} made this plan and publishes it itself.", for_good=False)
    succeeded = backfill.status == BulkActionStatus.COMPLETED_SUCCESS if backfill else run.is_success
    if succeeded:
        return Left(f"{name} made this plan and published it.", for_good=True)
    ended = {one.status for one in (runs_of(instance, backfill.backfill_id) if backfill else [run])}
    if dg.DagsterRunStatus.CANCELED in ended or (backfill and backfill.status == BulkActionStatus.CANCELED):
        return Left(f"{name} made this plan and was canceled.", for_good=True)
    if dg.DagsterRunStatus.FAILURE in ended:
        return Left(f"{name} made this plan and failed.", for_good=True)
    return None
