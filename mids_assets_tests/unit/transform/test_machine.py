"""How many workers: by processors, memory and the limits of control groups, of both generations."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mids_assets.transform import machine

MIB = 1024 * 1024


def system(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


MEMORY = {"proc/meminfo": "MemTotal: 8388608 kB\nMemFree: 10 kB\nMemAvailable:    4194304 kB\n"}
SECOND = {"proc/self/cgroup": "0::/a/b\n"}
FIRST = {"proc/self/cgroup": "4:memory:/docker/x\n3:cpu,cpuacct:/docker/x\n"}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, None),
        (MEMORY, 4096),
        (MEMORY | SECOND | {"sys/fs/cgroup/a/memory.max": "max\n", "sys/fs/cgroup/a/memory.current": "7\n"}, 4096),
        (
            # The limit of a group around ours; files that the system can let go count as available.
            MEMORY
            | SECOND
            | {
                "sys/fs/cgroup/a/memory.max": f"{1500 * MIB}\n",
                "sys/fs/cgroup/a/memory.current": f"{900 * MIB}\n",
                "sys/fs/cgroup/a/memory.stat": f"anon 5\ninactive_file {400 * MIB}\n",
                "sys/fs/cgroup/a/b/memory.max": "max\n",
            },
            1000,
        ),
        (
            # First generation, seen from inside of a container: the mount is the group itself.
            MEMORY
            | FIRST
            | {
                "sys/fs/cgroup/memory/memory.limit_in_bytes": f"{800 * MIB}\n",
                "sys/fs/cgroup/memory/memory.usage_in_bytes": f"{100 * MIB}\n",
            },
            700,
        ),
    ],
    ids=["unknown", "machine", "no limit", "second generation", "first generation"],
)
def test_memory_that_can_be_had(tmp_path, files, expected):
    assert machine.available_mib(system(tmp_path, files)) == expected


@pytest.mark.parametrize(
    ("files", "most"),
    [
        (SECOND | {"sys/fs/cgroup/a/b/cpu.max": "150000 100000\n"}, 1),
        (SECOND | {"sys/fs/cgroup/a/cpu.max": "max 100000\n"}, 64),
        (FIRST | {"sys/fs/cgroup/cpu/cpu.cfs_quota_us": "50000\n", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000"}, 1),
        (FIRST | {"sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000"}, 64),
    ],
    ids=["quota", "no quota", "first generation", "first generation, no quota"],
)
def test_processors_that_may_be_used(tmp_path, monkeypatch, files, most):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)), raising=False)
    assert machine.processors(system(tmp_path, files)) == most


@pytest.mark.parametrize(
    ("processors", "available", "chunk_mib", "limit", "workers"),
    [
        (2, 20_000, 8, None, 2),
        (64, 200_000, 8, None, 8),
        (8, 512 + 3 * 320 + 1, 8, None, 3),
        (8, 512 + 3 * 320 - 1, 8, None, 2),
        (8, 512 + 3 * 320, 32, None, 1),
        (8, 512 + 3 * 320, 8, 480, 2),
        (8, 100, 8, None, 1),
        (4, None, 8, None, 4),
    ],
)
def test_workers_fit_into_the_machine(monkeypatch, processors, available, chunk_mib, limit, workers):
    monkeypatch.setattr(machine, "processors", lambda: processors)
    monkeypatch.setattr(machine, "available_mib", lambda: available)
    assert machine.default_workers(chunk_mib * MIB, limit) == workers
