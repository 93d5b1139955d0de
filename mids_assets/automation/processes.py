"""Runs whose process is gone: found by the process that their tag names, and reported as failed.

A run inside the process of `mids import` is nobody's child to Dagster: killed with -9 it stays "started" for ever,
and run monitoring does not see it. Hence the tag. Does not belong here: locks; a dead run blocks nothing, because
imports exclude each other by PostgreSQL's advisory lock, which dies with its connection.
"""

from __future__ import annotations

import os
import socket

import dagster as dg
import psutil

from mids_assets.graph.keys import TAG_PROCESS
from mids_assets.graph.runs import UNFINISHED


def process_tag() -> dict[str, str]:
    """Host, process id and start of this process; a process id alone is used again after a restart."""
    process = psutil.Process()
    return {TAG_PROCESS: f"{socket.gethostname()}:{os.getpid()}:{int(process.create_time())}"}


def is_alive(tag: str) -> bool:
    """Whether the process of a tag still runs; one of another host counts as running."""
    host, pid, started = tag.rsplit(":", 2)
    if host != socket.gethostname():
        return True
    try:
        process = psutil.Process(int(pid))
        # A process that was killed keeps its number until its parent asks for it, which in a container may be never.
        # The start is a sum with the time of boot, which the system's clock may move by a second.
        return process.status() != psutil.STATUS_ZOMBIE and abs(process.create_time() - int(started)) < 2
    except psutil.NoSuchProcess:
        return False


def dead_runs(instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
    """Unfinished runs whose process is gone."""
    runs = instance.get_runs(dg.RunsFilter(statuses=UNFINISHED))
    return [run for run in runs if (tag := run.tags.get(TAG_PROCESS)) and not is_alive(tag)]


def report_dead_runs(instance: dg.DagsterInstance) -> list[str]:
    """Report every unfinished run whose process is gone as failed. Returns their ids."""
    dead = dead_runs(instance)
    for run in dead:
        report_dead(instance, run, run.tags[TAG_PROCESS])
    return [run.run_id for run in dead]


def report_dead(instance: dg.DagsterInstance, run: dg.DagsterRun, process: str) -> None:
    """Report a run as failed because its process is gone."""
    instance.report_run_failed(run, f"Its process {process} is gone: killed, or the machine was restarted.")
