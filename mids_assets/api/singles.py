"""Requests for a single entity go straight to their answer: an ASGI middleware.

They are most of all requests, and FastAPI's way to a route (matching, dependencies, stacks of contexts) takes as long
as PostgreSQL takes for the answer. Its routes describe them, and lead to the same function.
Does not belong here: the answer (routes/entities.py).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from mids_assets.api.answers import Answer, AnswerResponse
from mids_assets.api.problems import answer_to
from mids_assets.api.resources import Resource, resources

_PATH = re.compile(r"/v1/realms/([^/]+)/([^/]+)/([^/]+)")


class Singles:
    """The innermost middleware."""

    def __init__(self, app: ASGIApp, one: Callable[[Request, Resource], Awaitable[Answer]]) -> None:
        self._app = app
        self._one = one
        self._resources = {resource.path: resource for resource in resources().values()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = _PATH.fullmatch(scope["path"]) if scope["type"] == "http" and scope["method"] == "GET" else None
        resource = self._resources.get(asked[2]) if asked else None
        if asked is None or resource is None:
            return await self._app(scope, receive, send)
        scope["path_params"] = {"realm": asked[1], "key": asked[3]}
        try:
            response = AnswerResponse(await self._one(Request(scope), resource))
        except Exception as error:
            response = answer_to(error)
        await response(scope, receive, send)
