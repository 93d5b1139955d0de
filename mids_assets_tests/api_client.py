"""The API within the test's process, over a real database: requests go through all its middlewares.

Does not belong here: servers, what is published.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

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
