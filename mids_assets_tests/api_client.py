"""The API within the test's process, over a real database: requests go through all its middlewares.

Does not belong here: servers, what is published.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from starlette.testclient import TestClient

from mids_assets.api.app import create_app
from mids_assets.api.settings import ApiSettings
from mids_assets.settings import Settings


@contextmanager
def serving(server: Settings, **settings: Any) -> Iterator[TestClient]:
    """A client of an application of its own, whose paths begin at /v1. It may ask as often as it likes."""
    app = create_app(ApiSettings(**{"warehouse": server, "rate": 0, **settings}))
    with TestClient(app, base_url="http://api", raise_server_exceptions=False) as client:
        yield client


def rows_of(client: TestClient, path: str, **parameters: Any) -> list[dict[str, Any]]:
    """All rows of a list, page by page."""
    found: list[dict[str, Any]] = []
    while True:
        answer = client.get(path, params=parameters)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        found += body["data"]
        if body["next"] is None:
            return found
        parameters["after"] = body["next"]


@dataclass
class Raw:
    """An answer as the application sent it."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

    def header(self, name: bytes) -> bytes | None:
        return next((value for key, value in self.headers if key == name), None)


def raw(
    client: TestClient, path: str, query: str = "", *, method: str = "GET", body: bytes = b"", **headers: bytes
) -> Raw:
    """What an address as it stands is answered with: a client's library would put it right before it is sent. Read as
    uvicorn reads it. `headers`: with `_` for `-`."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.replace("_", "-").encode(), value) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("api", 80),
        "state": {},
    }
    found = Raw(0, [], b"")
    sent = False

    async def receive() -> dict[str, Any]:
        nonlocal sent
        if sent:
            await asyncio.Event().wait()  # The client stays and says nothing more.
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            found.status, found.headers = message["status"], list(message.get("headers", []))
        else:
            found.body += message.get("body", b"")

    assert client.portal is not None
    client.portal.call(client.app, scope, receive, send)
    return found
