"""Started runs whose process is gone (killed, or the machine was restarted): reported as failed.

Dagster then runs each a second time, by its own rule for crashes, and the second try goes on with what is missing.
Does not belong here: runs inside the process of `mids import` (`automation.processes`), which nobody runs again.
"""

from __future__ import annotations

import dagster as dg

from mids_assets.automation.processes import is_alive, report_dead
from mids_assets.graph.worker_tag import worker_of

_UNDER_WAY = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]


def dead_workers(instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
    """Runs under way whose process is gone."""
    runs = instance.get_runs(dg.RunsFilter(statuses=_UNDER_WAY))
    return [run for run in runs if (worker := worker_of(run)) and not is_alive(worker)]


def report_dead_workers(instance: dg.DagsterInstance) -> list[str]:
    """Report every run under way whose process is gone as failed. Returns their ids."""
    dead = dead_workers(instance)
    for run in dead:
        report_dead(instance, run, worker_of(run) or "")
    return [run.run_id for run in dead]
