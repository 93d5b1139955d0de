"""Runs whose process is gone are reported failed; a second try that inherits the tag of the first is left alone."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import dagster as dg
import psutil
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.execution.api import execute_run

from mids_assets.automation.dead_workers import report_dead_workers
from mids_assets.graph.worker_tag import TAG_WORKER, note_worker, worker_of


def test_the_run_of_a_process_that_is_gone_has_failed():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    tags = {
        pid: f"{socket.gethostname()}:{pid}:{int(psutil.Process(pid).create_time())}"
        for pid in (child.pid, os.getpid())
    }
    child.kill()
    child.communicate()
    with dg.DagsterInstance.ephemeral() as instance:
        dead, alive, second = (_started(instance) for _ in range(3))
        instance.add_run_tags(dead, {TAG_WORKER: f"{dead}@{tags[child.pid]}"})
        instance.add_run_tags(alive, {TAG_WORKER: f"{alive}@{tags[os.getpid()]}"})
        instance.add_run_tags(second, {TAG_WORKER: f"{dead}@{tags[child.pid]}"})
        assert report_dead_workers(instance) == [dead]
        states = {run.run_id: run.status.value for run in instance.get_runs()}
        assert states == {dead: "FAILURE", alive: "STARTED", second: "STARTED"}
        assert report_dead_workers(instance) == []


def test_a_step_notes_its_process():
    @dg.asset
    def noted(context) -> None:
        note_worker(context)

    job = dg.Definitions(
        assets=[noted], jobs=[dg.define_asset_job("one", executor_def=dg.in_process_executor)]
    ).resolve_job_def("one")
    with dg.DagsterInstance.ephemeral() as instance:
        launched = instance.create_run_for_job(job)
        assert execute_run(InMemoryJob(job), launched, instance).success
        run = instance.get_run_by_id(launched.run_id)
    assert run is not None
    assert (worker_of(run) or "").split(":")[1] == str(os.getpid())


def _started(instance: dg.DagsterInstance) -> str:
    run = dg.DagsterRun(job_name="job", status=dg.DagsterRunStatus.STARTED)
    return instance.add_run(run).run_id
