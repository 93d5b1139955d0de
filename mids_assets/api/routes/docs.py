"""The description of the API for programs and, as a page, for people.

Does not belong here: what it says (description.py), how the page is made (docs_page.py).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from mids_assets.api import docs_page
from mids_assets.api.answers import Answer, AnswerResponse, as_json
from mids_assets.web.static import HEADERS

router = APIRouter(include_in_schema=False)
_STYLE = Path(docs_page.__file__).with_name("docs.css")


@router.get("/openapi.json")
async def get_openapi(request: Request) -> AnswerResponse:
    """OpenAPI 3.1."""
    return AnswerResponse(Answer(_made(request, "openapi", lambda app: as_json(app.openapi())), None))


@router.get("/docs")
async def get_docs(request: Request) -> Response:
    """The same to be read in a browser."""
    html = _made(request, "docs", lambda app: docs_page.page(app.openapi(), "/v1/docs.css"))
    return Response(html, headers=HEADERS | {"Cache-Control": "no-cache"}, media_type="text/html")


@router.get("/docs.css")
async def get_style() -> Response:
    return Response(_STYLE.read_bytes(), headers={"Cache-Control": "no-cache"}, media_type="text/css")


def _made(request: Request, name: str, make: Callable[[FastAPI], bytes]) -> bytes:
    """Bytes that are made once an application."""
    kept = request.app.state.described
    if name not in kept:
        kept[name] = make(request.app)
    return kept[name]
