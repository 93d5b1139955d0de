"""`mids import` is killed with -9 at ten moments: readers see whole releases, and the next import tidies up."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from mids_assets_tests.conftest import World
from mids_assets_tests.integration.faults.builds import REALM, Build
from mids_assets_tests.integration.faults.watch import (
    Reader,
    assert_nothing_left,
    holds,
    unfinished_files,
    until,
)
from mids_assets_tests.real import PROJECT

MOMENTS = 10
STAGES = ("raw", "frames", "tables")
"""Ends of stages that `mids import` tells; behind the last one come the guards and the publish."""


class Loader:
    """A `mids import` in a process of its own."""

    def __init__(self, world: World, source: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "mids_assets.cli", "import", str(source), "--force"],
            env=world.environment,
            cwd=PROJECT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ended(self) -> bool:
        """Without asking for the end of the process: so it stays a zombie, as in a container without an init."""
        return os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def end(self, stage: str, after: float) -> bool:
        """Kill it so many seconds after the end of a stage; whether it had not ended by itself."""
        assert self._process.stderr is not None
        told = iter(self._process.stderr.readline, "")
        assert any(line.startswith(stage) for line in told), f"it ended before the end of {stage}"
        moment = time.monotonic() + after
        while not self.ended():
            if time.monotonic() >= moment:
                self._process.kill()
                until(self.ended, "the end of the killed process")
                found = os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)
                return found is not None and found.si_status == 9
            time.sleep(0.01)
        return False

    def forget(self) -> None:
        self._process.communicate()


@pytest.mark.timeout(300)
def test_killed_at_ten_moments(world: World, builds: dict[str, Build]):
    draw = random.Random(20221125)
    _import(world, builds["A"])
    loaders, killed = [], 0
    with Reader(world.settings, builds) as reader:
        for number in range(MOMENTS):
            loader = Loader(world, builds["BA"[number % 2]].source)
            loaders.append(loader)
            killed += loader.end(STAGES[number % len(STAGES)], draw.uniform(0.0, 0.5))
            assert holds(world.settings, builds) in builds
            assert_nothing_left(world.settings)
    assert killed >= MOMENTS // 2
    assert set(reader.seen) <= {"A", "B"}

    started = {run for run, status in _runs(world).items() if status == "STARTED"}
    _import(world, builds["A"])
    for loader in loaders:
        loader.forget()
    assert holds(world.settings, builds) == "A"
    assert_nothing_left(world.settings)
    assert unfinished_files(world.settings.data_dir) == []
    runs = _runs(world)
    assert set(runs.values()) <= {"SUCCESS", "FAILURE"}
    assert all(runs[run] == "FAILURE" for run in started)
    failed = {run for run, status in runs.items() if status == "FAILURE"}
    assert failed
    logged = world.query("SELECT run_id, errors ->> 'error' FROM mids.import_log WHERE realm = %s", REALM)
    assert failed == {run for run, error in logged if error}
    assert all("is gone: killed" in error for _, error in logged if error)


UNDER_THE_DAEMON = """
import sys
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.execution.api import execute_run
from mids_assets.definitions import defs
from mids_assets.storage import open_instance
config = {"ops": {"homecoming__release": {"config": {"source": sys.argv[1], "force": True}}}}
with open_instance() as instance:
    job = defs.resolve_job_def("homecoming_ingest")
    run = instance.create_run_for_job(job_def=job, run_config=config, tags={"mids/realm": "homecoming"})
    execute_run(InMemoryJob(job), run, instance)
"""
"""What the process of a run does that the daemon launched: nothing about it says `mids import`."""


def test_a_run_of_the_daemon_is_reported_by_the_next_import(world: World, builds: dict[str, Build]):
    process = subprocess.Popen(
        [sys.executable, "-c", UNDER_THE_DAEMON, str(builds["B"].source)],
        env=world.environment,
        cwd=PROJECT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until(lambda: _tagged(world), "the run's first step")
    ((run,),) = _tagged(world)
    process.kill()
    process.wait()
    assert _runs(world)[run] == "STARTED"
    _import(world, builds["B"])
    assert _runs(world)[run] == "FAILURE"
    ((said,),) = world.query("SELECT errors ->> 'error' FROM mids.import_log WHERE run_id = %s", run)
    assert said.startswith("RunFailed: homecoming_ingest: ") and "is gone: killed" in said
    assert holds(world.settings, builds) == "B"
    assert unfinished_files(world.settings.data_dir) == []


def _tagged(world: World) -> list[tuple]:
    """Runs under way of which some process says that it works on them, and which are not of `mids import`."""
    if world.dagster_query("SELECT to_regclass('run_tags')") == [(None,)]:
        return []
    return world.dagster_query(
        "SELECT run_id FROM runs r WHERE status = 'STARTED'"
        " AND EXISTS (SELECT 1 FROM run_tags t WHERE t.run_id = r.run_id AND t.key = 'mids/worker')"
        " AND NOT EXISTS (SELECT 1 FROM run_tags t WHERE t.run_id = r.run_id AND t.key = 'mids/process')"
    )


def test_folders_that_a_killed_process_was_writing_are_removed_by_the_next_import(world: World, builds):
    """And those that a process which lives is writing are not."""
    realm_dir = world.settings.releases_dir / REALM
    made = subprocess.run(
        [
            sys.executable,
            "-c",
            "import os, sys; from pathlib import Path; from mids_assets.transform.store import replacing_dir\n"
            "with replacing_dir(Path(sys.argv[1])) as folder:\n"
            "    (folder / 'half.json').write_text('[')\n"
            "    os.kill(os.getpid(), 9)",
            str(realm_dir / "half"),
        ],
        env=world.environment,
        cwd=PROJECT,
    )
    assert made.returncode == -9
    assert len(unfinished_files(world.settings.data_dir)) == 1
    entered, leave = threading.Event(), threading.Event()
    writer = threading.Thread(target=_write, args=(realm_dir / "mine", entered, leave))
    writer.start()
    try:
        entered.wait()
        _import(world, builds["B"])
        assert [Path(name).name.split(".")[1] for name in unfinished_files(world.settings.data_dir)] == ["mine"]
    finally:
        leave.set()
        writer.join()


def _write(path: Path, entered: threading.Event, leave: threading.Event) -> None:
    from mids_assets.transform.store import replacing_dir

    with replacing_dir(path):
        entered.set()
        leave.wait()


def _import(world: World, build: Build) -> None:
    world.mids("import", str(build.source), "--force")


def _runs(world: World) -> dict[str, str]:
    return dict(world.dagster_query("SELECT run_id, status FROM runs"))  # type: ignore[arg-type]
