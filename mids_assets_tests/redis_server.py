"""A real Redis as the broker of a test: on a free port of the loopback, with files that outlive a restart."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mids_assets_tests.servers import free_ports, program


class RedisServer:
    """One server, which a test may stop and start again: same port, same queue."""

    def __init__(self, folder: Path) -> None:
        self._program = program("redis-server")
        self._folder = folder
        (self.port,) = free_ports(1)
        self.url = f"redis://:{PASSWORD}@127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen | None = None

    def start(self) -> None:
        """Returns when it answers."""
        settings = {
            "port": self.port,
            "bind": "127.0.0.1",
            "requirepass": PASSWORD,
            "dir": self._folder,
            # What it was told outlives it.
            "appendonly": "yes",
            "appendfsync": "always",
        }
        arguments = [word for name, value in settings.items() for word in (f"--{name}", str(value))]
        self._process = subprocess.Popen([self._program, *arguments], stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        said = []
        for line in self._process.stdout:
            said.append(line)
            if "Ready to accept connections" in line:
                return
        raise AssertionError("".join(said))

    def stop(self) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.communicate(timeout=30)


PASSWORD = "a-password-of-redis"


@contextmanager
def redis_server(folder: Path) -> Iterator[RedisServer]:
    """Started; its files are in `folder`."""
    server = RedisServer(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
