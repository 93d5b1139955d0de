"""`mids serve`: a listening socket, the processes that answer on it, and what each of them runs.

Belongs here: how uvicorn is set up. Does not belong here: the application (app.py), limits of a connection
(connection.py), looking after the processes (processes.py), arguments (commands/serve_cli.py).
"""

from __future__ import annotations

import gc
import logging
import os
import resource
import socket
import sys
from collections.abc import Callable
from dataclasses import replace

import uvicorn
from starlette.types import ASGIApp

from mids_assets import logs
from mids_assets.api import processes
from mids_assets.api.connection import Room
from mids_assets.api.database import addresses
from mids_assets.api.limits import Limits
from mids_assets.api.metrics_port import metrics_port
from mids_assets.api.settings import ApiSettings
from mids_assets.errors import MidsError, UserError

log = logging.getLogger(__name__)
BACKLOG = 2048
"""Connections that the kernel keeps until a worker takes them; its own limit may be lower."""
FILES_BESIDE = 128
"""Open files of a worker that are no clients: the database, Redis, logs, libraries."""
DRAIN_SECONDS = 45
"""Longer than a request and its answer may take together."""


def serve(host: str, port: int, *, workers: int, metrics: int | None, told: Callable[[str], None]) -> None:
    """Serve until TERM or INT, and answer what was taken by then.

    `told` is called with the address once all workers serve; port 0 takes a free one. Raises `UserError` where an
    address cannot be had, a setting is wrong or the system grants too few open files, and `MidsError` where a worker
    cannot start.
    """
    settings = ApiSettings.from_env()
    addresses(settings)  # A wrong one is told here and once, and the embedded server started before its readers.
    _allow_files(settings.connections + FILES_BESIDE)
    with _listen(host, port) as listening, metrics_port(host, metrics) as gone:
        shown = f"[{host}]" if ":" in host else host
        address = f"http://{shown}:{listening.getsockname()[1]}"
        processes.run(
            work, (listening, workers), workers, ready=lambda: told(address), ending=listening.close, gone=gone
        )


def work(serves: Callable[[], None], listening: socket.socket, workers: int) -> None:
    """What one worker does. An error of ours that keeps it from starting is one line, and exit code 1."""
    logs.configure_server()
    try:
        settings = replace(ApiSettings.from_env(), processes=workers)
        app = application(settings)
    except MidsError as error:
        log.error(error)
        sys.exit(1)
    limits = Limits(connections=settings.connections)

    async def notify() -> None:
        # Routes and their descriptions stay to the end; no collection needs to look through them again.
        gc.collect()
        gc.freeze()
        serves()

    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=Room(limits).protocol(),
        ws="none",
        lifespan="on",
        interface="asgi3",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=list(settings.proxies),
        backlog=BACKLOG,
        timeout_keep_alive=limits.idle_seconds,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        # What one request says of itself in a context variable is not the next one's.
        reset_contextvars=True,
        # Called when it has started; what it says a second time is not listened to.
        callback_notify=notify,
        timeout_notify=24 * 3600,
    )
    uvicorn.Server(config).run([listening])


def application(settings: ApiSettings) -> ASGIApp:
    """The whole of what a worker answers with."""
    # The process that only starts workers has no use for it, and it is most of their memory.
    from fastapi.routing import iter_route_contexts

    from mids_assets.api.app import create_app
    from mids_assets.api.measuring import Measuring
    from mids_assets.api.time_limit import TimeLimit

    app = create_app(settings)
    return Measuring(TimeLimit(app), iter_route_contexts(app.routes))


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        # From here on connections wait in the kernel, also while no worker runs.
        return socket.create_server(address, family=family, backlog=BACKLOG)
    except OSError as error:
        # getaddrinfo has numbers of its own below zero.
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        raise UserError(f"{host}:{port} cannot be listened on ({reason}): choose another --host or --port") from None


def _allow_files(number: int) -> None:
    """Raise what the system grants a process by itself, for this one and those that it starts."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < number:
        if hard != resource.RLIM_INFINITY and hard < number:
            raise UserError(
                f"MIDS_API_CONNECTIONS needs {number} open files and the system grants {hard}: raise `ulimit -Hn` or"
                " lower it"
            )
        resource.setrlimit(resource.RLIMIT_NOFILE, (number, hard))
