"""`mids worker` as a test runs it: real processes on a world of their own, which are ended afterwards; and what the log
of a world tells of their work.

Does not belong here: the broker (`mids_assets_tests.redis_server`), what is tested.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
from dagster._serdes import deserialize_value

from mids_assets_tests.conftest import World
from mids_assets_tests.e2e.dg_dev import Ui, tail, until
from mids_assets_tests.real import PROJECT

READY = "mids worker: ready"
PLAIN = "from mids_assets.cli import main; main()"
KILLED_IN_A_CHUNK = """
import os, signal
from mids_assets.transform import chunks
chunks.write_result = lambda *_: os.killpg(0, signal.SIGKILL)
from mids_assets.cli import main
main()
"""
"""A worker that is killed with -9, and its children with it, when it has written the rows of a chunk and no result."""


@dataclass(frozen=True)
class Worker:
    """A running `mids worker` and what it says."""

    process: subprocess.Popen
    log: Path

    @property
    def name(self) -> str:
        """As Celery and the events of a run name it."""
        return f"mids-{self.process.pid}@{os.uname().nodename}"

    def ready(self) -> bool:
        assert self.process.poll() is None, tail(self.log)
        return READY in self.log.read_text(errors="replace")


class Workers:
    """Starts workers, all with the same settings."""

    def __init__(self, world: World, env: dict[str, str]) -> None:
        self._world = world
        self._env = env
        self.started: list[Worker] = []

    def start(self, code: str = PLAIN, **env: str) -> Worker:
        """One more, without waiting for it."""
        log = self._world.home / f"worker-{len(self.started)}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-c", code, "worker"],
                env={**self._world.environment, **self._env, **env},
                cwd=PROJECT,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.started.append(Worker(process, log))
        return self.started[-1]


@contextmanager
def workers(world: World, env: dict[str, str]) -> Iterator[Workers]:
    """Workers of a block; those that still run at its end are killed."""
    found = Workers(world, env)
    try:
        yield found
    finally:
        for worker in found.started:
            with suppress(ProcessLookupError):
                os.killpg(worker.process.pid, signal.SIGKILL)
            worker.process.wait(30)


def wait_until_ready(*started: Worker) -> None:
    for worker in started:
        until(worker.ready, 60, lambda worker=worker: tail(worker.log), every=0.2)


def ingest(ui: Ui, source: Path) -> None:
    ui.launch("homecoming_ingest", config={"ops": {"homecoming__release": {"config": {"source": str(source)}}}})


def until_published(world: World, ui: Ui, version: str) -> None:
    """Until a release is published and all runs have ended well."""

    def published() -> bool:
        failed = [job for job, status in runs(world) if status in ("FAILURE", "CANCELED")]
        assert not failed, f"{failed}\n{tail(ui.log)}"
        rows = world.query("select 1 from mids.release where version = %s and state = 'published'", version)
        return bool(rows) and all(status == "SUCCESS" for _, status in runs(world))

    until(published, 240, lambda: f"{world.runs()}\n{tail(ui.log)}")


def runs(world: World) -> list[tuple[str, str]]:
    """(job, status) of all runs, the oldest first."""
    return world.runs()[::-1]


def begun(world: World, step: str = "%") -> list[tuple[str, str]]:
    """(run, worker) of each time that a worker began a step, the first one first."""
    rows = world.dagster_query(
        f"select run_id, event from event_logs where step_key like '{step}'"
        " and dagster_event_type = 'ENGINE_EVENT' order by id"
    )
    found = []
    for run, event in rows:
        told = deserialize_value(event, dg.EventLogEntry).get_dagster_event().engine_event_data.metadata
        if "Celery worker" in told:
            found.append((run, told["Celery worker"].value))
    return found
