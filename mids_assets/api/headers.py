"""Headers that keep a browser from taking an answer for a page: an ASGI middleware.

Does not belong here: headers of the page (mids_assets/web/static.py), which other sites may read (app.py).
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

INERT = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
"""What is sent is what Content-Type says; shown as a page it would load, run and frame nothing."""
_INERT = [(name.lower().encode(), value.encode()) for name, value in INERT.items()]


class Inert:
    """The middleware; an answer that has such a header keeps its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.get("headers", [])
                present = {name for name, _ in headers}
                message = {**message, "headers": [*headers, *(each for each in _INERT if each[0] not in present)]}
            await send(message)

        await self._app(scope, receive, with_headers)
