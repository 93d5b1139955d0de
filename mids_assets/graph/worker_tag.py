"""The process that works on a run, as a tag of the run.

Dagster does not see that the process of a run launched in the UI is gone: its launcher cannot tell, and after kill -9
the run would count as started until its time is over. So the first step notes who runs it, and
`automation.dead_workers` looks. The tag names its run, because the second try of a run inherits its tags.
Does not belong here: the tag of runs inside `mids import` (`automation.processes`), judging who is alive.
"""

from __future__ import annotations

import os
import socket

import dagster as dg
import psutil

TAG_WORKER = "mids/worker"
_IN_PROCESS = "in_process"


def note_worker(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> None:
    """Tag the run with this process, where all its steps run in this process."""
    if context.job_def.executor_def.name == _IN_PROCESS:
        note_process(context.instance, context.run)


def note_process(instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    """Tag the run with this process, which the run does not outlive."""
    tag = f"{run.run_id}@{socket.gethostname()}:{os.getpid()}:{int(psutil.Process().create_time())}"
    instance.add_run_tags(run.run_id, {TAG_WORKER: tag})


def worker_of(run: dg.DagsterRun) -> str | None:
    """Host, process id and start of the process that works on the run; None where it noted none."""
    run_id, _, process = run.tags.get(TAG_WORKER, "").partition("@")
    return process if run_id == run.run_id else None
