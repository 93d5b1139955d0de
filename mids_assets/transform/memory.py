"""How much memory a process took at most, for metadata and summaries; nothing else."""

from __future__ import annotations

import resource
import sys
from pathlib import Path


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
