"""The endpoint: metrics over HTTP until somebody ends it, or once as text.

It asks nobody who they are, hence the loopback address by default. Does not belong here: what is exported.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable

from prometheus_client import CollectorRegistry, generate_latest, start_http_server

from mids_assets.errors import UserError
from mids_assets.metrics.collector import MidsCollector
from mids_assets.metrics.reading import of_database, of_surroundings
from mids_assets.settings import Settings


def registry_of(settings: Settings) -> CollectorRegistry:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(MidsCollector(lambda: of_database(settings), lambda: of_surroundings(settings)))
    return registry


def as_text(settings: Settings) -> str:
    """All metrics as Prometheus reads them."""
    return generate_latest(registry_of(settings)).decode()


def serve(settings: Settings, host: str, port: int, told: Callable[[int], None]) -> None:
    """Answer scrapes until SIGTERM or SIGINT. `told` is called with the port once it answers; 0 takes a free one.

    Raises `UserError` where the address cannot be had.
    """
    try:
        server, thread = start_http_server(port, host, registry_of(settings))
    except OSError as error:
        raise UserError(
            f"{host}:{port} cannot be listened on ({error.strerror or error}): choose another --host or --port"
        ) from None
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    told(server.server_port)
    ended.wait()
    server.shutdown()
    server.server_close()
    thread.join()
