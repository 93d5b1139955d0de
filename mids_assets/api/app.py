"""The application: routes within middlewares, and what they share, opened when it starts.

Does not belong here: a route, how processes and connections are run (serving.py).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import Depends, FastAPI, Request
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response

from mids_assets.api import description, problems
from mids_assets.api.access.guard import PUBLIC, Guard
from mids_assets.api.access.rates import Rates
from mids_assets.api.access.tokens import Tokens
from mids_assets.api.answers import as_json
from mids_assets.api.batches import Batches
from mids_assets.api.cache.lru import LatestAnswers
from mids_assets.api.cache.redis_tier import SharedAnswers
from mids_assets.api.caching import Caching
from mids_assets.api.dagster import Dagster
from mids_assets.api.database import open_database
from mids_assets.api.fingerprint import code
from mids_assets.api.freshness import Freshness
from mids_assets.api.head import HeadAsGet
from mids_assets.api.headers import Inert
from mids_assets.api.routes import changes, docs, entities, meta, operators, realms, search
from mids_assets.api.routes.common import known_parameters
from mids_assets.api.services import Services
from mids_assets.api.settings import ApiSettings
from mids_assets.api.singles import Singles
from mids_assets.web.static import mount

_DESCRIPTION = """
Game data of City of Heroes, from releases of MidsReborn that passed all checks.

Every answer names realm, release and version. A release is published as a whole, and an answer is never older than the
request for it.
"""


def create_app(settings: ApiSettings | None = None) -> FastAPI:
    """The application. Raises `UserError` for a wrong setting."""
    settings = settings or ApiSettings.from_env()
    services = Services()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        services.database = await open_database(settings)
        services.batches = Batches(services.database)
        services.freshness = Freshness(services.database)
        services.latest = LatestAnswers(settings.cache_bytes)
        services.shared = SharedAnswers(settings.redis_url, code().decode()) if settings.redis_url else None
        services.tokens = Tokens(settings)
        services.rates = Rates.of(settings)
        services.dagster = Dagster(settings)
        try:
            yield
        finally:
            await services.dagster.close()
            await services.rates.close()
            if services.shared is not None:
                await services.shared.close()
            await services.database.close()

    app = _Api(
        title="mids-assets",
        summary="Game data of City of Heroes",
        description=_DESCRIPTION,
        version="1",
        # Routes of ours show the description (routes/docs.py).
        openapi_url=None,
        # A redirect would lead to whichever host the client names.
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        lifespan=lifespan,
    )
    app.state.settings = settings
    app.state.services = services
    app.state.described = {}
    problems.register(app)
    # A path is compared with one route after the other: what is asked most comes first.
    app.include_router(entities.router(), prefix="/v1")
    for router in (search.router, changes.router(), realms.router, meta.router):
        app.include_router(router, prefix="/v1", dependencies=[Depends(known_parameters)])
    app.include_router(operators.router, prefix="/v1")
    app.include_router(docs.router, prefix="/v1")
    _add_health(app)
    mount(app)
    # The one that is added last is the outermost.
    app.add_middleware(Singles, one=entities.read_entity)
    app.add_middleware(Caching, services=services)
    app.add_middleware(Guard, services=services, login=settings.login)
    app.add_middleware(HeadAsGet)
    app.add_middleware(Inert)
    if settings.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.origins,
            allow_methods=["GET", "HEAD"],
            allow_headers=["Authorization", "If-None-Match", "Mids-At-Least"],
            expose_headers=["ETag", "Retry-After", "Mids-Release", "Mids-Publish"],
        )
    return app


class _Api(FastAPI):
    """FastAPI, with a description that is complete."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            login = self.state.settings.login != "none"
            self.openapi_schema = description.complete(super().openapi(), login=login, public=PUBLIC)
        return self.openapi_schema


def _add_health(app: FastAPI) -> None:
    @app.get("/healthz", include_in_schema=False)
    async def alive() -> Response:
        """The process answers."""
        return Response(as_json({"status": "ok"}), media_type="application/json")

    @app.get("/readyz", include_in_schema=False)
    async def ready(request: Request) -> Response:
        """The database answers as well."""
        await request.app.state.services.freshness.current()
        return Response(as_json({"status": "ok"}), media_type="application/json")
