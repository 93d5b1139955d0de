"""How much memory a process took at most, for metadata and summaries, and giving back what it no longer needs."""

from __future__ import annotations

import ctypes
import gc
import resource
import sys
from pathlib import Path

import pyarrow as pa


def peak_mib() -> float:
    """Highest resident memory of this process so far, in MiB.

    From VmHWM where the kernel tells it: ru_maxrss of a child that was spawned starts at its parent's size.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def peak_of_children_mib() -> float:
    """Highest resident memory of any one child process that has ended, in MiB; 0 without children."""
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def give_back() -> None:
    """Return to the system what was freed: between two big steps of one process, so that their peaks do not add up."""
    gc.collect()
    pa.default_memory_pool().release_unused()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
