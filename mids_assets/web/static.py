"""The page: the built files of `dist`, served by the API's application, with the headers that keep them to themselves.

Does not belong here: the API. The page reads it as any other client does.
"""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response
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
    app.router.default = _Page(directory=DIST, html=True)


class _Page(StaticFiles):
    """A path that is no file is a page of the application in the browser, which reads its address itself."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        # A word of the API that it does not know is an error, never the page; `path` has no ".." any more.
        if scope["path"].lstrip("/").split("/")[0] in _OF_THE_API:
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
        response.headers["Vary"] = "Accept-Encoding"
        takes_gzip = "gzip" in Headers(scope=scope).get("accept-encoding", "")
        return _packed(response) if takes_gzip and isinstance(response, FileResponse) else response


def _packed(response: FileResponse) -> Response:
    """The same file, smaller. It is packed once: Starlette's middleware would do it for every request, and let all
    others wait meanwhile."""
    body = _gzip(str(response.path), response.headers["etag"])
    # A weak tag: these are other bytes than those of the file.
    tag = f"W/{response.headers['etag']}"
    headers = {**response.headers, "etag": tag, "content-encoding": "gzip", "content-length": str(len(body))}
    return Response(body, response.status_code, headers)


@lru_cache(maxsize=64)
def _gzip(path: str, _etag: str) -> bytes:
    return gzip.compress(Path(path).read_bytes())
