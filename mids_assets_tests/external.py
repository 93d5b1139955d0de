"""A PostgreSQL server that is not ours: the system's programs, a folder of its own, ended with the block.

Does not belong here: the embedded server (servers.py), what is in the databases.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from mids_assets_tests.servers import free_ports

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
needs_postgresql = pytest.mark.skipif(not PROGRAMS, reason="no PostgreSQL of the system (apt-get install postgresql)")
SUPERUSER = "owner"


@dataclass(frozen=True)
class External:
    """A running server. `folder` holds its files; `major` is its version."""

    port: int
    password: str
    folder: Path

    @property
    def major(self) -> int:
        return int(PROGRAMS[-1].parent.parent.name)

    def url(
        self,
        database: str = "postgres",
        user: str = SUPERUSER,
        password: str | None = None,
        host: str = "127.0.0.1",
        **parameters: str,
    ) -> str:
        """postgresql:// URL; parameters are those of libpq."""
        secret = quote(self.password if password is None else password, safe="")
        query = "&".join(f"{name}={quote(value, safe='/')}" for name, value in parameters.items())
        return f"postgresql://{user}:{secret}@{host}:{self.port}/{database}" + (f"?{query}" if query else "")


@contextmanager
def external_server(folder: Path, *, conf: str = "", hba: str | None = None) -> Iterator[External]:
    """`folder` may be entered by every user. `conf`: lines for postgresql.conf, `hba`: those instead of pg_hba.conf.
    Files that are named there belong to the server's user already (`give`)."""
    programs = PROGRAMS[-1].parent
    # A password with every character that breaks a URL or a log filter.
    password = "p@ss:w/o#r%d ?&" + secrets.token_hex(4)
    (port,) = free_ports(1)
    cluster, secret = folder / "cluster", folder / "secret"
    secret.write_text(password + "\n")
    as_owner: list[str] = []
    if os.getuid() == 0:
        cluster.mkdir()
        give(cluster, secret)
        as_owner = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"]

    def run(program: str, *args: str) -> None:
        subprocess.run([*as_owner, programs / program, *args], check=True, capture_output=True, cwd="/")

    run("initdb", "-D", str(cluster), "-U", SUPERUSER, "-A", "scram-sha-256", "--pwfile", str(secret), "-E", "UTF8")
    with (cluster / "postgresql.conf").open("a") as file:
        file.write(f"\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\nfsync = off\n{conf}\n")
    if hba is not None:
        (cluster / "pg_hba.conf").write_text(hba)
    run("pg_ctl", "-D", str(cluster), "-o", f"-p {port}", "-l", str(cluster / "log"), "-w", "start")
    try:
        yield External(port, password, folder)
    finally:
        run("pg_ctl", "-D", str(cluster), "-m", "immediate", "-w", "stop")


def give(*paths: Path) -> None:
    """Make files the server's, where this is root, as which no server runs."""
    if os.getuid() == 0:
        for path in paths:
            shutil.chown(path, "postgres", "postgres")
