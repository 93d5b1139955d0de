"""How long the application may take for an answer: then the client hears 503, and the work is canceled.

Does not belong here: how long the client may take (connection.py), statements that PostgreSQL ends itself (server.py).
"""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mids_assets.api.problems import unavailable

SECONDS = 10.0


class TimeLimit:
    """ASGI middleware. The time runs until the answer begins; its end is up to whoever reads it."""

    def __init__(self, app: ASGIApp, seconds: float = SECONDS) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def begin(message: Message) -> None:
            limit.reschedule(None)
            await send(message)

        limit = asyncio.timeout(self._seconds)
        try:
            async with limit:
                await self._app(scope, receive, begin)
        except TimeoutError:
            if not limit.expired():
                raise
            await unavailable("The answer takes too long; try again in a few seconds.")(scope, receive, send)
