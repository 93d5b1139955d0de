"""What this machine, or the container that we run in, has to spare: processors, memory, hence worker processes.

Does not belong here: how much a process took (`transform.memory`), starting one (`transform.workers`).
"""

from __future__ import annotations

import os
from pathlib import Path

MIB = 1024 * 1024
MOST_WORKERS = 8
"""More would wait for the process that records their results."""
RUN_MIB = 512
"""What the process that starts the workers keeps for itself."""
_BASE_MIB = 200
_PER_CHUNK_BYTE = 15
"""A worker takes its libraries, and of a chunk 10 to 15 times the size: 320 MiB at 8 MiB."""


def default_workers(chunk_bytes: int, memory_mib: int | None = None) -> int:
    """As many workers as there are processors, and as fit into the memory that is available; at least 1, at most 8."""
    each = memory_mib or _BASE_MIB + _PER_CHUNK_BYTE * chunk_bytes // MIB
    available = available_mib()
    room = MOST_WORKERS if available is None else int(available - RUN_MIB) // each
    return max(1, min(processors(), room, MOST_WORKERS))


def processors(root: Path = Path("/")) -> int:
    """Processors that this process may use, by its affinity and by the quota of its control groups."""
    affinity = getattr(os, "sched_getaffinity", None)
    count = len(affinity(0)) if affinity else os.cpu_count() or 1
    for group in _groups(root, "cpu"):
        words = _words(group / "cpu.max") or [
            word for name in ("quota", "period") for word in _words(group / f"cpu.cfs_{name}_us")
        ]
        if len(words) == 2 and all(word.isdigit() for word in words):
            count = min(count, max(1, int(words[0]) // int(words[1])))
    return count


def available_mib(root: Path = Path("/")) -> float | None:
    """Memory that can be had: free or reclaimable on the machine, and below every limit of our control groups.

    None where the system does not tell.
    """
    found = [size / 1024 for size in _meminfo(root / "proc/meminfo", "MemAvailable")]
    for group in _groups(root, "memory"):
        for limit, used, cache in (
            ("memory.max", "memory.current", "inactive_file"),
            ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
        ):
            sizes = [int(word) for name in (limit, used) for word in _words(group / name)[:1] if word.isdigit()]
            if len(sizes) == 2:
                found.append((sizes[0] - sizes[1] + sum(_meminfo(group / "memory.stat", cache))) / MIB)
    return min(found, default=None)


def _groups(root: Path, controller: str) -> list[Path]:
    """Folders of our control group and of those around it, of both generations; nothing where there are none."""
    folders: list[Path] = []
    for line in _lines(root / "proc/self/cgroup"):
        number, names, path = line.split(":", 2)
        if number != "0" and controller not in names.split(","):
            continue
        mount = root / "sys/fs/cgroup" / ("" if number == "0" else controller)
        # Inside of a container the path is often that of the host, and the mount is the group itself.
        inner = Path(path.lstrip("/"))
        folders += [mount / part for part in (inner, *inner.parents)]
    return [folder for folder in dict.fromkeys(folders) if folder.is_dir()]


def _meminfo(path: Path, name: str) -> list[int]:
    """The number after a name in a file of names and numbers, if it is there."""
    return [int(words[1]) for line in _lines(path) if (words := line.split())[0].rstrip(":") == name]


def _words(path: Path) -> list[str]:
    return [word for line in _lines(path)[:1] for word in line.split()]


def _lines(path: Path) -> list[str]:
    try:
        return [line for line in path.read_text().splitlines() if line.strip()]
    except OSError:
        return []
