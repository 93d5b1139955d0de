"""Worker processes: they work through tasks side by side, and a process that dies is known by the task it had.

Not `concurrent.futures`: its pool breaks as a whole when one process dies, so nobody knows which task was at fault;
and what it spawns imports the parent's main module, which in a run of the UI is Dagster (3 s and 150 MiB a worker).
Does not belong here: what a task is (`transform.chunks`), how many workers a machine has room for
(`transform.machine`).
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Generator, Iterable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path
from typing import Any, TypeVar

import mids_assets

MIB = 1024 * 1024
Task = TypeVar("Task")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Died:
    """In place of a result: the process that had the task is gone, and why, as the end of a sentence."""

    reason: str


def run_in_workers(
    function: Callable[[Task], Result], tasks: Iterable[Task], workers: int, memory_mib: int | None = None
) -> Generator[tuple[Task, Result | Died]]:
    """Call `function` (of a module's top level) on all tasks in `workers` processes; yield pairs as they come.

    A process that dies is replaced, and nothing else is touched. An error that `function` raises ends its process.
    With `memory_mib`, a process that needs more of its own (RLIMIT_DATA) gets a MemoryError or aborts. When the
    caller stops early, by an error or an interrupt, the processes are killed.
    """
    waiting = deque(tasks)
    busy: dict[Connection, _Worker] = {}
    try:
        while waiting or busy:
            while waiting and len(busy) < workers:
                worker = _Worker(function, memory_mib)
                busy[worker.connection] = worker
                worker.give(waiting.popleft())
            for connection in wait(list(busy)):
                worker = busy[connection]  # type: ignore[index]
                task, result = worker.task, worker.result()
                if waiting and not isinstance(result, Died):
                    worker.give(waiting.popleft())
                else:
                    worker.end()
                    del busy[worker.connection]
                yield task, result
    finally:
        for worker in busy.values():
            worker.end()


class _Worker:
    """One process, the task that it has, and the pipe to it."""

    def __init__(self, function: Callable[[Any], Any], memory_mib: int | None) -> None:
        self._function = function
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - `end` closes it
        self.task: Any = None
        self.connection, theirs = Pipe()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(theirs.fileno()), str(memory_mib or 0)],
                env=_environment(),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._stderr,
            )

    def give(self, task: Any) -> None:
        self.task = task
        with suppress(OSError):  # It died meanwhile: `result` tells.
            self.connection.send((self._function, task))

    def result(self) -> Any:
        try:
            return self.connection.recv()
        except (EOFError, OSError):
            return Died(self._reason())

    def end(self) -> None:
        self.connection.close()
        self._process.kill()
        self._process.wait()
        self._stderr.close()

    def _reason(self) -> str:
        code = self._process.wait()
        said = self._said()
        if code == -signal.SIGKILL:
            return "was killed (SIGKILL): by somebody, or by the system because memory ran out"
        how = f"died of {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        return f"{how}: {said}" if said else how

    def _said(self) -> str:
        """The line of its standard error that says most: an allocator's last words, else the last line."""
        self._stderr.seek(0)
        lines = [line for line in self._stderr.read().decode(errors="replace").splitlines() if line.strip()]
        return next((line for line in lines if line.startswith("memory allocation of")), *lines[-1:] or [""])[:300]


def _environment() -> dict[str, str]:
    """The caller's, with this package found, and one thread for Polars and Arrow: workers run side by side."""
    root = str(Path(mids_assets.__file__).resolve().parent.parent)
    path = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, "PYTHONPATH": path, "POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"}


def main(descriptor: int, memory_mib: int) -> None:
    """What a worker process does: tasks in, results out, until the other end closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the caller ends us.
    if memory_mib:
        resource.setrlimit(resource.RLIMIT_DATA, (memory_mib * MIB, memory_mib * MIB))
    with Connection(descriptor) as connection, suppress(EOFError, OSError):
        while True:
            function, task = connection.recv()
            connection.send(function(task))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
