"""Worker processes, real ones: who dies takes one task along, and the caller is told how."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence

import psutil
import pytest

from mids_assets.transform.workers import Died, run_in_workers
from mids_assets_tests.real import PROJECT
from mids_assets_tests.unit.transform.worker_tasks import facts, work


def results(tasks: Sequence[str], workers: int = 2, memory_mib: int | None = None) -> dict[str, str]:
    pairs = list(run_in_workers(work, tasks, workers, memory_mib))
    assert sorted(task for task, _ in pairs) == sorted(tasks)
    return {task: f"died: {result.reason}" if isinstance(result, Died) else result for task, result in pairs}


def children() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "mids_assets.transform.workers" in child.cmdline()]


@pytest.mark.parametrize("workers", [1, 3])
def test_every_task_has_its_result(workers):
    tasks = [f"text {number}" for number in range(20)]
    assert results(tasks, workers) == {task: task for task in tasks}
    assert children() == []


def test_no_tasks_start_no_process(monkeypatch):
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("a process was started"))
    assert list(run_in_workers(work, [], 2)) == []


@pytest.mark.parametrize(
    ("task", "reason"),
    [
        ("kill", "was killed (SIGKILL): by somebody, or by the system because memory ran out"),
        ("exit 3", "ended with code 3"),
        ("abort", "died of SIGABRT: memory allocation of 4096 bytes failed"),
        ("raise no such thing", "ended with code 1: ValueError: no such thing"),
    ],
)
def test_who_dies_takes_one_task_along(task, reason):
    others = [f"text {number}" for number in range(6)]
    assert results([*others[:2], task, *others[2:]]) == {**{other: other for other in others}, task: f"died: {reason}"}


def test_memory_above_the_limit_ends_the_task_and_not_the_others():
    told = results(["grow 100", "grow 3000", "text"], memory_mib=700)
    assert (told["grow 100"], told["text"]) == (str(100 * 1024 * 1024), "text")
    assert told["grow 3000"].startswith("died: ended with code 1: MemoryError")
    assert results(["grow 900"]) == {"grow 900": str(900 * 1024 * 1024)}


def test_workers_import_what_they_need_whatever_the_main_module_of_the_caller_imports():
    """In a run of the UI the main module is dagster's, and what the standard library spawns imports that again.

    A worker's start costs its imports: dagster 3 s, sqlalchemy 0.2 s of the 0.6 s that it once took.
    """
    code = (
        "import dagster, json\n"
        "from mids_assets.transform.workers import run_in_workers\n"
        "from mids_assets.transform.chunks import guarded\n"
        "from mids_assets_tests.unit.transform.worker_tasks import facts\n"
        "print(json.dumps([result for _, result in run_in_workers(facts, range(2), 2)]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    for _, packages, threads in json.loads(done.stdout):
        assert {"mids_assets", "polars"} <= set(packages)
        assert not {"dagster", "sqlalchemy", "psycopg2", "pydantic", "typer", "rich", "dataframely"} & set(packages)
        assert threads == [1, 1]


def test_tasks_are_spread_over_the_processes_asked_for():
    pids = {result[0] for _, result in run_in_workers(facts, range(9), 3) if not isinstance(result, Died)}
    assert os.getpid() not in pids and 1 <= len(pids) <= 3


def stop_early() -> None:
    for _ in run_in_workers(work, ["text", "wait 600", "wait 600"], 3):
        raise KeyboardInterrupt


def close_early() -> None:
    with contextlib.closing(run_in_workers(work, ["text", "wait 600", "wait 600"], 3)) as pairs:
        next(pairs)


@pytest.mark.parametrize("stop", [stop_early, close_early])
def test_a_caller_that_stops_leaves_no_process_behind(stop: Callable[[], None]):
    with contextlib.suppress(KeyboardInterrupt):
        stop()
    assert children() == []


def test_a_worker_whose_caller_was_killed_ends():
    code = (
        "import os, psutil\n"
        "from mids_assets.transform.workers import run_in_workers\n"
        "from mids_assets_tests.unit.transform.worker_tasks import work\n"
        "for _ in run_in_workers(work, ['text', 'wait 1'], 2):\n"
        "    print(*[child.pid for child in psutil.Process().children()], flush=True)\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True)
    workers = [int(pid) for pid in done.stdout.split()]
    assert done.returncode == -9 and workers
    for pid in workers:
        with contextlib.suppress(psutil.NoSuchProcess):
            psutil.Process(pid).wait(60)
