"""A receiver of notices on loopback: Apprise's `json://` posts to it, and a test reads what came.

Does not belong here: what is expected of it.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, Inbox)
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server.asked += 1
        if server.status == 200:
            server.taken.append({**body, "path": self.path})
        self.send_response(server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


class Inbox(ThreadingHTTPServer):
    """`taken`: what was accepted, as Apprise sends it ("title", "message", "type"). `status`: what it answers."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.status = 200
        self.asked = 0
        self.taken: list[dict[str, Any]] = []

    def url(self, path: str = "secret-token") -> str:
        return f"json://127.0.0.1:{self.server_address[1]}/{path}"

    @property
    def titles(self) -> list[str]:
        return [one["title"] for one in self.taken]

    def empty(self) -> list[dict[str, Any]]:
        """What came since the last time."""
        found, self.taken = self.taken, []
        return found


@contextlib.contextmanager
def receiving() -> Iterator[Inbox]:
    with Inbox() as server, pytest.MonkeyPatch.context() as patch:
        # Wherever the rest of this machine's requests go to.
        patch.setenv("NO_PROXY", "127.0.0.1")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
