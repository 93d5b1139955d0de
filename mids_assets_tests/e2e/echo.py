"""A server that tells what reached it, to stand behind a proxy.

Does not belong here: what is tested.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@contextmanager
def echo_server(name: str) -> Iterator[str]:
    """Answers `{"server": name, "headers": {name in small letters: [value, ..]}}`. Where: `host:port`."""

    class Echo(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = {key.lower(): self.headers.get_all(key) for key in self.headers}
            body = json.dumps({"server": name, "headers": headers}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Not into the output of the tests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
