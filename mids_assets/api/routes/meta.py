"""What the page has to know before it asks for anything: realms, whether a token is needed, where Dagster's UI is.

It is answered to everybody, so nothing secret belongs here.
"""

from __future__ import annotations

import importlib.metadata

from fastapi import APIRouter, Request

from mids_assets.api import schemas
from mids_assets.api.answers import Answer, AnswerResponse, as_json
from mids_assets.api.routes.common import data
from mids_assets.api.settings import ApiSettings

router = APIRouter(tags=["realms"])


@router.get("/meta", **data(schemas.Meta))
async def get_meta(request: Request) -> AnswerResponse:
    """The realms with a published release, and how the server is set up."""
    settings: ApiSettings = request.app.state.settings
    published = await request.app.state.services.freshness.current()
    found = {
        "dagster_url": settings.dagster_page,
        "version": importlib.metadata.version("mids-assets"),
        "realms": sorted(published),
        "login": settings.login,
    }
    return AnswerResponse(Answer(as_json(found), None))
