"""Every answer in the metrics: by its route, with its status and its seconds.

Does not belong here: what the metrics are called (metrics.py), who reads them (metrics_port.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from time import perf_counter
from typing import Any

from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mids_assets.api.metrics import REQUESTS, SECONDS

NO_ROUTE = "none"


class Measuring:
    """ASGI middleware around all others.

    `routes`: those of the application. An answer of the cache never reaches them, so the path tells which it is of; no
    word of a client becomes a label.
    """

    def __init__(self, app: ASGIApp, routes: Iterable[Any]) -> None:
        self._app = app
        known = [(route.path_regex, route.path_format) for route in routes]

        @lru_cache(maxsize=4096)
        def route_of(path: str) -> str:
            return next((name for pattern, name in known if pattern.match(path)), NO_ROUTE)

        self._route_of = route_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        began = perf_counter()
        try:
            await self._app(scope, receive, noting)
        finally:
            requests, seconds = _figures(self._route_of(scope["path"]), status)
            requests.inc()
            seconds.observe(perf_counter() - began)


@lru_cache(maxsize=1024)
def _figures(route: str, status: int) -> tuple[Counter, Histogram]:
    """Finding them by their labels takes longer than counting."""
    return REQUESTS.labels(route, str(status)), SECONDS.labels(route)
