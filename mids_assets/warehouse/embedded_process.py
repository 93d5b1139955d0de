"""The process of the embedded PostgreSQL: `pg_ctl start` and `stop`, postmaster.pid, TCP ports.

Belongs here: what is true of a server that runs, ran or is about to run on given files.
Does not belong here: those files (embedded_cluster.py), and who may start or stop when (embedded.py).
"""

from __future__ import annotations

import contextlib
import random
import socket
from dataclasses import dataclass
from pathlib import Path

import psutil

from mids_assets.errors import DatabaseUnavailable, UserError
from mids_assets.warehouse.embedded_cluster import Cluster, foreign_owner, programs_of

START_SECONDS = 60
# Below the range from which the system picks ports of outgoing connections, so that a kept port stays ours.
_PORTS = range(20000, 32000)


@dataclass(frozen=True)
class Postmaster:
    """What postmaster.pid says, and whether that process is a server of this very folder."""

    pid: int
    port: int
    ready: bool
    alive: bool


def start(cluster: Cluster, port: int) -> str | None:
    """`pg_ctl start` and wait until it accepts connections; None, or what the programs said when it failed."""
    programs = programs_of(cluster)
    startup_log = cluster.data / "startup.log"
    with contextlib.suppress(FileNotFoundError):
        startup_log.unlink()
    before = _log_size(cluster)
    # pg_ctl detaches the server into a session of its own: neither Ctrl-C nor our end reaches it.
    done = programs.run(
        "pg_ctl",
        *("-D", str(cluster.data), "-l", str(startup_log), "-o", f"-p {port}", "-w", "-t", str(START_SECONDS), "start"),
        timeout=START_SECONDS + 30,
    )
    if done.returncode == 0:
        return None
    said = startup_log.read_text(errors="replace") if startup_log.exists() else ""
    return "\n".join(part.strip() for part in (said, _log_since(cluster, before), done.stdout) if part.strip())


def stop(cluster: Cluster) -> None:
    """`pg_ctl stop`: cuts connections and writes a checkpoint; at once if that takes longer than a minute."""
    programs = programs_of(cluster)
    for mode in ("fast", "immediate"):
        done = programs.run("pg_ctl", "-D", str(cluster.data), "-m", mode, "-w", "-t", "60", "stop", timeout=90)
        if done.returncode == 0:
            return
    raise DatabaseUnavailable(f"the embedded PostgreSQL does not stop: {done.stdout.strip()}")


def read_postmaster(cluster: Cluster) -> Postmaster | None:
    """postmaster.pid, or None when there is none. Raises `UserError` when it cannot be read."""
    try:
        lines = (cluster.data / "postmaster.pid").read_text().splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError:
        raise foreign_owner(cluster) from None
    if len(lines) < 4 or not lines[0].isdigit() or not lines[3].isdigit():
        return None
    pid = int(lines[0])
    ready = len(lines) > 7 and lines[7].strip() == "ready"
    return Postmaster(pid, int(lines[3]), ready, _is_server(pid, cluster))


def _is_server(pid: int, cluster: Cluster) -> bool:
    # Process ids are reused (in a restarted container within seconds), hence the look at the command line.
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and str(cluster.data) in process.cmdline()
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


def discard_stale_postmaster(cluster: Cluster) -> None:
    """Remove a postmaster.pid whose process is gone, a zombie, or something else by now. Needs the lock.

    PostgreSQL does so itself only when the id is unused. Should a child of the dead server still live, its shared
    memory stops the new one as before.
    """
    postmaster = read_postmaster(cluster)
    if postmaster is not None and not postmaster.alive:
        (cluster.data / "postmaster.pid").unlink(missing_ok=True)


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As PostgreSQL does it; without this a port of a server just stopped would look taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def choose_port() -> int:
    for port in random.sample(_PORTS, 200):  # a port is no secret # nosec B311
        if is_free(port):
            return port
    raise UserError("found no free TCP port on 127.0.0.1 for the embedded PostgreSQL: set MIDS_DATABASE_URL")


def says_port_taken(output: str) -> bool:
    return "Address already in use" in output or "could not create any TCP/IP sockets" in output


def says_still_ending(output: str) -> bool:
    return "is still in use" in output or "already exists" in output or "another server might be running" in output


def _newest_log(cluster: Cluster) -> Path | None:
    return max((cluster.data / "log").glob("*.log"), key=lambda path: path.stat().st_mtime, default=None)


def _log_size(cluster: Cluster) -> tuple[Path | None, int]:
    path = _newest_log(cluster)
    return path, path.stat().st_size if path else 0


def _log_since(cluster: Cluster, before: tuple[Path | None, int]) -> str:
    path = _newest_log(cluster)
    if path is None:
        return ""
    skip = before[1] if path == before[0] else 0
    return path.read_bytes()[skip:].decode(errors="replace")
