"""What an installation holds at a moment: memory, connections, disk, rows of Dagster's log.

Does not belong here: how much of it is too much (verdict.py).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from mids_assets.warehouse import embedded
from mids_assets_tests.conftest import World
from mids_assets_tests.soak.beside import beside

MIB = 2**20


@dataclass(frozen=True, slots=True)
class Sample:
    """`at`: seconds since the epoch. Memory (proportional set size) and disk in MiB; `dagster_mib`: web server, daemon,
    code location and the runs that they started; `events`: rows of Dagster's event log."""

    at: float
    dagster_mib: float
    postgres_mib: float
    connections: int
    releases_mib: float
    backups_mib: float
    postgres_disk_mib: float
    warehouse_mib: float
    events: int


def take(world: World, dagster_pid: int) -> Sample:
    settings = world.settings
    server = embedded.status(settings)
    connections, size = world.query(
        "SELECT (SELECT count(*) FROM pg_stat_activity WHERE client_port IS NOT NULL),"
        " pg_database_size(current_database())"
    )[0]
    return Sample(
        at=time.time(),
        dagster_mib=_memory(dagster_pid),
        postgres_mib=_memory(server.pid) if server else 0.0,
        connections=connections,
        releases_mib=_disk(settings.releases_dir),
        backups_mib=_disk(Path(settings.backup_place)),
        postgres_disk_mib=_disk(settings.postgres_dir),
        warehouse_mib=size / MIB,
        events=world.dagster_query("SELECT count(*) FROM event_logs")[0][0],
    )


@contextmanager
def sampling(world: World, dagster_pid: int, every: float) -> Iterator[list[Sample]]:
    """A sample now, one every so many seconds, and one at the end, in the list that the block gets."""
    found = [take(world, dagster_pid)]

    def go_on(ended: threading.Event) -> None:
        while not ended.wait(every):
            found.append(take(world, dagster_pid))

    with beside(go_on):
        yield found
    found.append(take(world, dagster_pid))


def _memory(pid: int) -> float:
    """Of a process and its children of any depth, each page counted once."""
    total = 0
    with suppress(psutil.Error):
        root = psutil.Process(pid)
        for process in (root, *root.children(recursive=True)):
            with suppress(psutil.Error):
                if process.name() != "postgres" or root.name() == "postgres":
                    total += process.memory_full_info().pss
    return total / MIB


def _disk(folder: Path) -> float:
    """Files with several names, as releases have them, count once."""
    seen, total = set(), 0
    for path in folder.rglob("*"):
        with suppress(OSError):
            status = path.stat()
            if path.is_file() and status.st_ino not in seen:
                seen.add(status.st_ino)
                total += status.st_size
    return total / MIB
