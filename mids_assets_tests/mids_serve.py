"""`mids serve` as a test runs it: real processes on a free port of the loopback, ended with the block.

Does not belong here: databases (servers.py), proxies, what is asked.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from mids_assets_tests.real import PROJECT
from mids_assets_tests.servers import free_ports


class Served:
    """Running processes: one that watches, and its workers."""

    def __init__(self, port: int, process: subprocess.Popen, log: Path) -> None:
        self.port = port
        self.process = process
        self.log = log

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def workers(self) -> set[int]:
        """Ids of the processes that answer, or will."""
        found = set()
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.Error):  # It ended just now.
                if "spawn_main" in " ".join(child.cmdline()):
                    found.add(child.pid)
        return found

    def json(self, path: str, **headers: str) -> Any:
        with urllib.request.urlopen(urllib.request.Request(self.url + path, headers=headers), timeout=30) as answer:
            return json.load(answer)

    def lines(self) -> list[str]:
        return self.log.read_text().splitlines()


@contextmanager
def mids_serve(
    env: Mapping[str, str], log: Path, *options: str, port: int | None = None, end: int | None = signal.SIGTERM
) -> Iterator[Served]:
    """Started when its workers all serve. `env` is all that it is told, but that nobody asks too often. `end`: the
    signal that it must end by, with exit code 0; None where the test has ended it itself."""
    port = port or free_ports(1)[0]
    before = log.stat().st_size if log.exists() else 0
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "mids_assets.cli", "serve", "--port", str(port), *options],
            env={"PATH": os.environ["PATH"], "MIDS_API_RATE": "0", **env},
            cwd=PROJECT,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    served = Served(port, process, log)
    try:
        deadline = time.monotonic() + 120
        while served.url.encode() not in log.read_bytes()[before:]:
            assert process.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield served
        if end is not None:
            process.send_signal(end)
            assert process.wait(60) == 0, log.read_text()
    finally:
        process.kill()
        process.wait()
