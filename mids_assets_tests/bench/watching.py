"""A command in a process of its own, and what it and all its children took: time, processor time, memory.

PostgreSQL is left out: its server outlives the command that starts it. A limit on memory is held here and not by a
control group, which a container without privileges cannot make: the sum over the tree is looked at, and no process
of it can allocate more than the limit. Does not belong here: what is run.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from mids_assets_tests.real import PROJECT

_INTERVAL = 0.1
"""Seconds between two looks at the memory; looking twenty times a second took a twentieth of a processor."""
_YOUNG = 0.2
"""Seconds. A process that was just forked still shows the memory of its parent."""
_NOT_OURS = ("postgres", "initdb", "pg_ctl")


@dataclass(frozen=True, slots=True)
class Watched:
    """`process_mib`: the most that one process held at any time; `tree_mib`: the most that all held together.

    The second counts pages that processes share once for each of them. `cpu_seconds`: the command and its children.
    """

    stdout: str
    seconds: float
    cpu_seconds: float
    process_mib: float
    tree_mib: float


def watch(args: Sequence[str], env: Mapping[str, str] | None = None, limit_mib: int | None = None) -> Watched:
    """Run Python with `args` in the project's folder. Ends the bench with the child's message where that fails.

    With `limit_mib` also where the command and its children hold more than that together; they are killed.
    """
    process_mib = tree_mib = 0.0
    with tempfile.TemporaryFile("w+") as out:
        started = time.perf_counter()
        child = subprocess.Popen([sys.executable, *args], cwd=PROJECT, env=env, stdout=out)
        if limit_mib is not None:
            # Inherited by its children. RLIMIT_AS would count addresses that Polars reserves and never uses.
            resource.prlimit(child.pid, resource.RLIMIT_DATA, (limit_mib * 2**20, limit_mib * 2**20))
        try:
            while True:
                ended, status, usage = os.wait4(child.pid, os.WNOHANG)
                if ended:
                    break
                held = _held(child.pid)
                process_mib = max([process_mib, *(peak for _, peak in held)])
                tree_mib = max(tree_mib, sum(now for now, _ in held))
                if limit_mib is not None and tree_mib > limit_mib:
                    raise SystemExit(f"{' '.join(args[:4])} took {tree_mib:,.0f} MiB, more than {limit_mib:,}")
                time.sleep(_INTERVAL)
            seconds = time.perf_counter() - started
            child.returncode = os.waitstatus_to_exitcode(status)
        finally:
            if child.returncode is None:
                _kill(child)
        out.seek(0)
        stdout = out.read()
    if child.returncode:
        raise SystemExit(f"{' '.join(args[:4])} ended with {child.returncode}: {stdout[-2000:]}")
    return Watched(stdout, seconds, usage.ru_utime + usage.ru_stime, process_mib, max(process_mib, tree_mib))


def _kill(child: subprocess.Popen) -> None:
    """With its children but PostgreSQL, which is nobody's."""
    with suppress(psutil.Error):
        for process in psutil.Process(child.pid).children(recursive=True):
            with suppress(psutil.Error):
                if process.name() not in _NOT_OURS:
                    process.kill()
    child.kill()
    child.wait()


def _held(pid: int) -> list[tuple[float, float]]:
    """MiB now and MiB at most so far, of the process and of each child of any depth."""
    found = []
    with suppress(psutil.Error):
        root = psutil.Process(pid)
        for process in (root, *root.children(recursive=True)):
            with suppress(psutil.Error, OSError):
                if time.time() - process.create_time() < _YOUNG or process.name() in _NOT_OURS:
                    continue
                now = process.memory_info().rss / 2**20
                found.append((now, max(now, _peak(process.pid))))
    return found


def _peak(pid: int) -> float:
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return 0.0
    peaks = [int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
    return peaks[0] / 1024 if peaks else 0.0
