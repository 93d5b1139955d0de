"""Whether what runs are tagged with is run once more: only where that may help, a bounded number of times, with pauses.

What is permanent was tried once and is not tried again; a cancelled run was a person's wish. Both stand until the tag
changes, which is why a tag holds content and code. A run that Dagster itself started again after a crash counts.
Does not belong here: what a run failed of (`graph.tried`), what is launched (the sensors).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import dagster as dg

from mids_assets import clock
from mids_assets.graph.keys import job_name
from mids_assets.graph.runs import UNFINISHED
from mids_assets.graph.tried import may_pass

ATTEMPTS = 5
"""Runs for one thing while each fails for a passing reason."""
LONG_PAUSE_SECONDS = 24 * 3600
"""From such a failure to the next attempt, from the second one on."""
LONGEST_RUN_SECONDS = 6 * 3600
"""As in dagster.yaml (max_runtime_seconds)."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """`number`: of the attempt that is due now, None where none is. `why`: why none is. `over`: none ever will be.
    `run`: the newest run there was."""

    number: int | None
    why: str = ""
    over: bool = False
    run: dg.DagsterRun | None = None

    @property
    def succeeded(self) -> bool:
        return self.run is not None and self.run.status == dg.DagsterRunStatus.SUCCESS


def next_attempt(
    instance: dg.DagsterInstance, tags: Mapping[str, str], *, pause: float, by_hand: str, job: str | None = None
) -> Attempt:
    """What is due for the runs with these tags (and of that job).

    `pause`: seconds from the first failure to the second attempt. `by_hand`: the command with which a person tries it
    all the same.
    """
    records = instance.get_run_records(dg.RunsFilter(job_name=job, tags=tags), limit=ATTEMPTS)
    if not records:
        return Attempt(1)
    newest, run = records[0], records[0].dagster_run
    if not run.is_finished:
        return Attempt(None, f"run {run.run_id} is under way", run=run)
    if run.status == dg.DagsterRunStatus.SUCCESS:
        return Attempt(None, f"run {run.run_id} did it", over=True, run=run)
    if run.status == dg.DagsterRunStatus.CANCELED:
        return Attempt(None, f"run {run.run_id} was cancelled; {by_hand} tries it again", over=True, run=run)
    if not may_pass(instance, run.run_id):
        return Attempt(None, f"run {run.run_id} failed for good; {by_hand} tries it again", over=True, run=run)
    if len(records) >= ATTEMPTS:
        return Attempt(None, f"{len(records)} runs failed; {by_hand} tries it again", over=True, run=run)
    wait = pause if len(records) == 1 else LONG_PAUSE_SECONDS
    if clock.now().timestamp() - (newest.end_time or 0) < wait:
        return Attempt(None, f"run {run.run_id} failed; the next one comes {_shown(wait)} after it", run=run)
    return Attempt(len(records) + 1, run=run)


def under_way(instance: dg.DagsterInstance, realm: str, *kinds: str) -> dg.DagsterRun | None:
    """A run of one of these jobs of a realm that has not ended, and is not older than any can get.

    A run inside a `mids import` that was killed in a container which is gone counts as started for ever.
    """
    since = clock.now() - timedelta(seconds=LONGEST_RUN_SECONDS)
    for kind in kinds:
        unfinished = dg.RunsFilter(job_name=job_name(realm, kind), statuses=UNFINISHED, created_after=since)
        for run in instance.get_runs(unfinished, limit=1):
            return run
    return None


def _shown(seconds: float) -> str:
    return f"{seconds / 3600:g} h" if seconds >= 3600 else f"{seconds / 60:g} min"
