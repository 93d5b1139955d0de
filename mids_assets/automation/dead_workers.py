"""Started runs whose process is gone (killed, or the machine was restarted): reported as failed.

Dagster then runs each a second time, by its own rule for crashes, and the second try goes on with what is missing.
Does not belong here: runs inside the process of `mids import` (`automation.processes`), which nobody runs again.
"""

from __future__ import annotations

import dagster as dg

from mids_assets.automation.processes import is_alive
from mids_assets.graph.worker_tag import worker_of

_UNDER_WAY = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]


def report_dead_workers(instance: dg.DagsterInstance) -> list[str]:
    """Report every run under way whose process is gone as failed. Returns their ids."""
    dead = []
    for run in instance.get_runs(dg.RunsFilter(statuses=_UNDER_WAY)):
        worker = worker_of(run)
        if worker and not is_alive(worker):
            instance.report_run_failed(run, f"Its process {worker} is gone: killed, or the machine was restarted.")
            dead.append(run.run_id)
    return dead
