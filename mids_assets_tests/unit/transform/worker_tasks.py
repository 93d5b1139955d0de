"""What worker processes are made to do in tests; a module of its own, since a process has to be able to import it."""

from __future__ import annotations

import os
import signal
import sys
import time


def work(task: str) -> str:
    """`text`: the text. `kill`, `exit 3`, `abort`, `raise`: the process ends so. `grow 600`: MiB of memory."""
    kind, _, argument = task.partition(" ")
    match kind:
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "abort":
            os.write(2, b"memory allocation of 4096 bytes failed\nstack backtrace:\n")
            os.abort()
        case "exit":
            os._exit(int(argument))
        case "raise":
            raise ValueError(argument)
        case "grow":
            return str(len(bytes(int(argument) * 1024 * 1024)))
        case "wait":
            time.sleep(float(argument))
    return task


def facts(_: int) -> tuple[int, list[str], list[int]]:
    """This process, the packages that it has imported to parse, and the threads that Polars and Arrow have there."""
    import polars
    import pyarrow

    import mids_assets.transform.chunks  # noqa: F401 - with all that a task of chunks needs

    packages = sorted({name.partition(".")[0] for name in sys.modules})
    return os.getpid(), packages, [polars.thread_pool_size(), pyarrow.cpu_count()]
