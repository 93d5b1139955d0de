"""A primary and its streaming replica on the loopback, of the programs of the embedded server; ended with the block.

Does not belong here: what is in the databases, who reads them.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg2

from mids_assets.warehouse.embedded_programs import Programs, find_programs, server_user
from mids_assets_tests.e2e.dg_dev import until
from mids_assets_tests.servers import free_ports

SUPERUSER = "owner"
DATABASE = "mids"
_CONF = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = off
wal_level = replica
"""


@dataclass(frozen=True)
class Node:
    """One of the two servers. A test may stop and start it; port and data stay."""

    programs: Programs
    data: Path
    port: int
    password: str

    def url(self, database: str = DATABASE) -> str:
        return f"postgresql://{SUPERUSER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Returns when it answers."""
        self._run("pg_ctl", "-D", str(self.data), "-o", f"-p {self.port}", "-l", str(self.data / "log"), "-w", "start")

    def stop(self) -> None:
        """At once, as by a power failure."""
        self._run("pg_ctl", "-D", str(self.data), "-m", "immediate", "-w", "stop")

    def runs(self) -> bool:
        return (self.data / "postmaster.pid").exists()

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """Within, none of its processes does anything; connections are taken and never answered."""
        first = psutil.Process(int((self.data / "postmaster.pid").read_text().split()[0]))
        family = [first, *first.children(recursive=True)]
        for process in family:
            os.kill(process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in reversed(family):
                os.kill(process.pid, signal.SIGCONT)

    def query(self, sql: str, *parameters: Any, database: str = DATABASE) -> list[tuple]:
        with closing(psycopg2.connect(self.url(database))) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(sql, parameters or None)
                return cursor.fetchall() if cursor.description else []

    def _run(self, program: str, *arguments: str) -> None:
        done = self.programs.run(program, *arguments)
        assert done.returncode == 0, done.stdout


@contextmanager
def primary_and_replica(folder: Path, *, replica_conf: str = "") -> Iterator[tuple[Node, Node]]:
    """Both run. `folder` may be entered by every user; `replica_conf`: lines for the replica's postgresql.conf."""
    programs = find_programs(folder, server_user())
    password = secrets.token_hex(8)
    nodes = []
    for name, port in zip(("primary", "replica"), free_ports(2), strict=True):
        (folder / name).mkdir(mode=0o700)
        _give(folder / name, programs)
        nodes.append(Node(programs, folder / name / "cluster", port, password))
    primary, replica = nodes
    secret = folder / "secret"
    secret.write_text(password + "\n")
    _give(secret, programs)
    where = ("-D", str(primary.data), "-U", SUPERUSER, "-A", "scram-sha-256", "--pwfile", str(secret))
    primary._run("initdb", *where, "-E", "UTF8", "--no-locale", "-N")
    _configure(primary, _CONF)
    try:
        primary.start()
        primary.query(f"CREATE DATABASE {DATABASE}", database="postgres")
        source = f"{primary.url('')}?application_name=replica"
        replica._run("pg_basebackup", "-D", str(replica.data), "-R", "-c", "fast", "-d", source)
        _configure(replica, replica_conf)
        replica.start()
        yield primary, replica
    finally:
        for node in (replica, primary):
            if node.runs():
                node.stop()


def caught_up(primary: Node, replica: Node) -> None:
    """Wait until the replica has replayed all that the primary has written by now."""
    ((written,),) = primary.query("SELECT pg_current_wal_lsn()::text")
    until(
        lambda: replica.query("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", written) == [(True,)],
        30,
        "the replica does not follow",
        every=0.02,
    )


def _configure(node: Node, lines: str) -> None:
    with (node.data / "postgresql.conf").open("a") as file:
        file.write(lines)


def _give(path: Path, programs: Programs) -> None:
    if programs.user is not None:
        shutil.chown(path, programs.user.uid, programs.user.gid)
