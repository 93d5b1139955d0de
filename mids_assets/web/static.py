"""The page: the built files of `dist`, served by the API's application, with the headers that keep them to themselves.

Does not belong here: the API. The page reads it as any other client does.
"""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

DIST = Path(__file__).parent / "dist"
ASSETS = "assets/"
"""Files whose names hold a hash of their content."""

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_OF_THE_API = ("v1", "healthz", "readyz")
_FOR_GOOD = "public, max-age=31536000, immutable"
_ASK_EACH_TIME = "no-cache"


def mount(app: Starlette) -> None:
    """Serve the page under every path that no route of `app` has."""
    # A mount at "/" would match before a route whose method alone is another one, and 405 would become 404.
    app.router.default = GZipMiddleware(_Page(directory=DIST, html=True), minimum_size=1000)


class _Page(StaticFiles):
    """A path that is no file is a page of the application in the browser, which reads its address itself."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        # A word of the API that it does not know is an error, never the page.
        if path.split("/")[0] in _OF_THE_API:
            raise HTTPException(404, f"there is no {scope['path']}")
        try:
            response = await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code != 404 or path.startswith(ASSETS):
                raise
            response = await super().get_response("index.html", scope)
            path = "index.html"
        response.headers.update(HEADERS)
        response.headers["Cache-Control"] = _FOR_GOOD if path.startswith(ASSETS) else _ASK_EACH_TIME
        return response
