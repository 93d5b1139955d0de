"""Dagster's web server for a place that several people reach: what changes something is told from what reads.

Belongs here: which requests are refused, and how the server is started. Does not belong here: who a person is and
which of the two servers they get (a proxy before it, deploy/nginx), arguments (web_cli.py).

Why a server of our own: Dagster's `--read-only` answers a mutation with status 200 and an error in the body, so no
proxy, log or script sees that something was refused; and it takes a mutation in the address of a GET, which the page
of any stranger can have a logged-in browser send.
"""

from __future__ import annotations

import asyncio
import logging
from asyncio import Task
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import uvicorn
from dagster import __version__ as dagster_version
from dagster._core.workspace.context import WorkspaceProcessContext, WorkspaceRequestContext
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster._utils.interrupts import setup_interrupt_handlers
from dagster._utils.log import configure_loggers
from dagster_webserver.webserver import DagsterWebserver
from graphql import GraphQLError, GraphQLFormattedError, OperationDefinitionNode, OperationType, parse
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from mids_assets.errors import UserError
from mids_assets.graph.attribution import actor_tags, requester
from mids_assets.settings import Settings
from mids_assets.storage import open_instance

READ_ONLY = "This server is for reading: it launches, changes and stops nothing."
_NO_MUTATION_BY_ADDRESS = "A mutation is sent by POST, as application/json."
_ONE_OPERATION = "A request is one JSON object, with one operation in it."
_GRAPHQL = "/graphql"
# What `dagster-webserver` takes where nothing else is asked for.
_STATEMENT_TIMEOUT_MS = 15_000
_POOL_RECYCLE_SECONDS = 3_600
_POOL_MAX_OVERFLOW = 20
_POLL_MS = 2_000


def serve(workspace: Path, host: str, port: int, *, read_only: bool) -> None:
    """Serve the UI of the code locations in `workspace` until SIGINT or SIGTERM.

    Raises `UserError` if there is no such file, and the errors of the database that Dagster's storage lies in.
    """
    if not workspace.is_file():
        raise UserError(f"{workspace}: no such workspace file")
    configure_loggers()
    setup_interrupt_handlers()  # TERM as Ctrl-C: the process of the code that we started is ended as well.
    with open_instance() as instance:
        instance.optimize_for_webserver(_STATEMENT_TIMEOUT_MS, _POOL_RECYCLE_SECONDS, _POOL_MAX_OVERFLOW)
        target = WorkspaceFileTarget([str(workspace)])
        with WorkspaceProcessContext(instance, target, version=dagster_version, read_only=read_only) as context:
            logging.getLogger("dagster-webserver").info(
                "Serving %s on http://%s:%d", "for reading" if read_only else "for operators", host, port
            )
            server = Webserver(context, read_only=read_only, user_header=Settings.from_env().user_header)
            app = server.create_asgi_app(lifespan=_until_stopped)
            uvicorn.run(app, host=host, port=port, log_level="warning")


class Webserver(DagsterWebserver[WorkspaceProcessContext, WorkspaceRequestContext]):
    """Dagster's own, which looks at each operation that it is about to execute."""

    def __init__(self, context: WorkspaceProcessContext, *, read_only: bool, user_header: str | None) -> None:
        self._read_only = read_only
        self._user_header = user_header
        super().__init__(context, live_data_poll_rate=_POLL_MS)

    def build_middleware(self) -> list[Middleware]:
        return [*super().build_middleware(), *([Middleware(_OnlyReads)] if self._read_only else [])]

    def _make_request_context(self, conn: HTTPConnection) -> WorkspaceRequestContext:
        """With the tags that a backfill gets over those that were typed in: its runs are submitted by the daemon, which
        sees no request."""
        context = super()._make_request_context(conn)
        tags = actor_tags(requester(conn.headers.get(self._user_header) if self._user_header else None))
        context.get_viewer_tags = lambda: tags  # type: ignore[method-assign]
        return context

    async def graphql_http_endpoint(self, request: Request) -> Any:
        if _is_json(request):
            try:
                body = await request.json()
            except ValueError:
                body = {}  # Dagster says what is wrong with it.
            if not isinstance(body, dict):
                return _refused(_ONE_OPERATION, 400)
        return await super().graphql_http_endpoint(request)

    async def execute_graphql_request(
        self, request: Request, query: str, variables: dict[str, Any] | None, operation_name: str | None
    ) -> JSONResponse:
        if _changes_something(query):
            if self._read_only:
                return _refused(READ_ONLY, 403)
            if not _is_json(request):
                return _refused(_NO_MUTATION_BY_ADDRESS, 403)
        return await super().execute_graphql_request(request, query, variables, operation_name)

    async def execute_graphql_subscription(
        self,
        websocket: WebSocket,
        operation_id: str,
        query: str,
        variables: dict[str, Any] | None,
        operation_name: str | None,
    ) -> tuple[Task | None, GraphQLFormattedError | None]:
        if _changes_something(query):
            return None, {"message": READ_ONLY if self._read_only else _NO_MUTATION_BY_ADDRESS}
        return await super().execute_graphql_subscription(websocket, operation_id, query, variables, operation_name)


class _OnlyReads:
    """Refuses every method that may change something, outside of GraphQL, where the operation says what it is.

    So a way to report events that a later Dagster adds is refused as well.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        changes = scope["type"] == "http" and scope["method"] not in ("GET", "HEAD", "OPTIONS")
        answer = _refused(READ_ONLY, 403) if changes and scope["path"] != _GRAPHQL else self._app
        await answer(scope, receive, send)


def _changes_something(query: Any) -> bool:
    """Whether any operation of a document is a mutation, whichever of them the request names."""
    try:
        document = parse(query)
    except (GraphQLError, TypeError):
        return False  # It cannot be executed either; Dagster says why.
    return any(
        isinstance(part, OperationDefinitionNode) and part.operation is OperationType.MUTATION
        for part in document.definitions
    )


def _is_json(request: Request) -> bool:
    """Whether the body is JSON by its type alone: a browser sends such a one to another site only after asking it."""
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return request.method == "POST" and kind == "application/json"


def _refused(sentence: str, status: int) -> JSONResponse:
    return JSONResponse({"data": None, "errors": [{"message": sentence}]}, status)


@asynccontextmanager
async def _until_stopped(_app: Any) -> AsyncIterator[None]:
    with suppress(asyncio.CancelledError):  # Ctrl-C, which uvicorn otherwise shows as a stack trace.
        yield
