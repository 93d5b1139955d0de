"""Servers for tests: embedded PostgreSQL in folders of their own, gone afterwards; programs of the system, free ports.

Does not belong here: anything about tables; tests of those make their schema themselves.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from mids_assets.settings import Settings
from mids_assets.warehouse import embedded, embedded_cluster


@contextlib.contextmanager
def open_folder() -> Iterator[Path]:
    """A temporary folder that every user may enter (pytest's own are closed, which is a case for itself)."""
    folder = Path(tempfile.mkdtemp(prefix="mids-test-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def temporary_settings(folder: Path | None = None) -> Iterator[Settings]:
    """Settings with a data folder of their own; a server started on it is stopped and its files are removed."""
    with contextlib.ExitStack() as stack:
        base = stack.enter_context(open_folder()) if folder is None else folder
        settings = Settings(data_dir=base / "data")
        try:
            yield settings
        finally:
            embedded.stop(settings, force=True)
            data = embedded_cluster.locate(settings.postgres_dir).data
            if settings.postgres_dir not in data.parents:
                shutil.rmtree(data.parent, ignore_errors=True)


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """A bare environment for a child process that uses the server of `settings`, and no server of the public."""
    bare = {"PATH": os.environ["PATH"], "MIDS_DATA_DIR": str(settings.data_dir), "MIDS_UPDATE_URL_HOMECOMING": ""}
    return {**bare, **more}


def program(name: str) -> str:
    """Path of a program that the system has to have; without it the test skips, or fails with MIDS_REQUIRE_PROGRAMS."""
    # Debian keeps the programs of services where only root looks.
    path = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if path is None:
        give_up(f"no {name} on this machine")
    return path


def give_up(lacking: str) -> NoReturn:
    """Skip for something that the system has to have, or fail with MIDS_REQUIRE_PROGRAMS."""
    (pytest.fail if os.environ.get("MIDS_REQUIRE_PROGRAMS") else pytest.skip)(f"{lacking}; .ci/run names the package")


def free_ports(number: int) -> list[int]:
    """So many different ports of the loopback that nobody listens on."""
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(number)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def listens(port: int) -> bool:
    """Whether somebody takes connections on this port of the loopback."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False
