"""Every refusal as application/problem+json (RFC 9457), from whichever layer it comes.

Does not belong here: deciding that something is refused.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

import asyncpg
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from mids_assets.api.answers import as_json
from mids_assets.api.headers import INERT
from mids_assets.errors import DatabaseUnavailable
from mids_assets.redaction import redact

log = logging.getLogger(__name__)

RETRY_SECONDS = "2"
_TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    409: "Conflict",
    413: "Content Too Large",
    414: "URI Too Long",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


class Problem(HTTPException):
    """A refusal with a sentence for a person. `field`: the parameter that is to blame."""

    def __init__(
        self, status: int, detail: str, *, field: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, detail, headers=dict(headers or {}))
        self.field = field


def problem(
    status: int, detail: str, *, field: str | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """The response for a refusal."""
    body = {"type": "about:blank", "title": _TITLES.get(status, "Error"), "status": status, "detail": detail}
    if field:
        body["field"] = field
    more = {"Cache-Control": "no-store", **INERT, **(headers or {})}
    return Response(as_json(body), status, more, media_type="application/problem+json")


def unavailable(detail: str) -> Response:
    return problem(503, detail, headers={"Retry-After": RETRY_SECONDS})


def register(app: FastAPI) -> None:
    """Have all errors of an application's routes answered here."""

    async def answered(_request: Request, error: Exception) -> Response:
        return answer_to(error)

    for kind in (HTTPException, RequestValidationError, DatabaseUnavailable, asyncpg.PostgresError, Exception):
        app.add_exception_handler(kind, answered)


def answer_to(error: Exception) -> Response:
    """The response for an error of a route; what nobody foresaw is logged."""
    match error:
        case HTTPException():
            return problem(
                error.status_code, str(error.detail), field=getattr(error, "field", None), headers=error.headers
            )
        case RequestValidationError():
            return _invalid(error)
        case DatabaseUnavailable():
            return unavailable(str(error))
        case asyncpg.PostgresError():
            log.error("The database refused a statement: %s", redact(f"{type(error).__name__}: {error}"))
            return unavailable("The database cannot answer this now.")
    log.error("An answer failed: %s", redact(f"{type(error).__name__}: {error}"), exc_info=error)
    return problem(500, "The server made a mistake; it stands in its log.")


def _invalid(error: RequestValidationError) -> Response:
    first = error.errors()[0]
    place = [str(part) for part in first["loc"][1:]]
    name = ".".join(place) or None
    what = "there is no such parameter" if first["type"] == "extra_forbidden" else first["msg"]
    return problem(422, f"{name}: {what}" if name else what, field=name)
