"""A server of updates on loopback whose answers a test chooses, and made-up patches for it.

Does not belong here: what is expected of the answers.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from mids_assets.readers.mids_zip import DatabaseHeader
from mids_assets.readers.patch import write_patch
from mids_assets.readers.patch_hash import write_hash
from mids_assets_tests.unit.readers.source_support import MOMENT, database


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, UpdateServer)
        server.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        script = server.scripts.get(self.path)
        if script:
            script.pop(0)(self)
        elif self.path in server.files:
            self.file(server.files[self.path])
        else:
            self.answer(404, b"<html>not here</html>")

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def file(self, body: bytes) -> None:
        """As a plain file server does it: ETag, 304, ranges."""
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if self.headers.get("If-None-Match") == etag:
            self.send_response(304)
            self.send_header("ETag", etag)
            self.end_headers()
            return
        wanted = self.headers.get("Range", "")
        if wanted and self.headers.get("If-Range") == etag:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            if start >= len(body):
                self.answer(416, Content_Range=f"bytes */{len(body)}")
            else:
                stated = f"bytes {start}-{len(body) - 1}/{len(body)}"
                self.answer(206, body[start:], ETag=etag, Content_Range=stated)
            return
        self.answer(200, body, ETag=etag)

    def cut(self, body: bytes, sent: int) -> None:
        """Promise `body` and hang up after `sent` bytes."""
        self.send_response(200)
        self.send_header("ETag", f'"{hashlib.sha256(body).hexdigest()[:16]}"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:sent])
        self.wfile.flush()
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        pass


class UpdateServer(ThreadingHTTPServer):
    """`files` are served as they are; `scripts` go first, each answer of a path once."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.scripts: dict[str, list[Callable[[Handler], None]]] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.released = threading.Event()
        """Set when the test ends, so that an answer which is being withheld goes away."""

    def handle_error(self, request, client_address) -> None:
        if not isinstance(sys.exc_info()[1], OSError):  # A client that hangs up is what many tests are about.
            super().handle_error(request, client_address)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def manifest(self) -> str:
        return f"{self.url}/update_manifest.json"

    def offer(self, version: str, file: str | None = None, *, name: str = "Homecoming") -> None:
        entry = {"Type": "Database", "Name": name, "Version": version, "File": file or f"{name.lower()}-{version}.mru"}
        program = {"Type": "Application", "Name": "Mids Reborn", "Version": "9.9.9.9", "File": "midsreborn.mru"}
        manifest = {"ManifestVersion": "3.0", "Updates": [program, entry], "LastUpdated": "05/07/2025 22:30:00"}
        self.files["/update_manifest.json"] = json.dumps(manifest).encode()

    def asked(self, path: str) -> list[dict[str, str]]:
        """The headers of each request for a path."""
        return [headers for asked, headers in self.requests if asked == path]


@contextlib.contextmanager
def serving() -> Iterator[UpdateServer]:
    with UpdateServer() as server, pytest.MonkeyPatch.context() as patch:
        # Wherever the rest of this machine's requests go to.
        patch.setenv("NO_PROXY", "127.0.0.1")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.released.set()
            server.shutdown()
            thread.join()


def packed(folder: Path, version: str, directory: str = "Homecoming") -> tuple[bytes, bytes]:
    """A patch with a small database of that version, and its hash file."""
    made = database(folder / f"database-{version}", header=DatabaseHeader(version, MOMENT, 27, 7, "Page"))
    entries = [(directory, place.name, place.read_bytes()) for place in sorted(made.iterdir())]
    write_patch(folder / "made.mru", entries)
    write_hash(folder / "made.hash", entries)
    return (folder / "made.mru").read_bytes(), (folder / "made.hash").read_bytes()
