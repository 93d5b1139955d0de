"""The metrics of all workers together, on a port of their own, told by the process that started them.

The workers write their figures into files that are mapped into memory (the multiprocess mode of prometheus_client);
what a worker counted stays after its end. Does not belong here: what is counted (metrics.py).
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from mids_assets.errors import UserError

# prometheus_client looks for it when it is imported, so workers inherit it.
_FOLDER = "PROMETHEUS_MULTIPROC_DIR"


@contextmanager
def metrics_port(host: str, port: int | None) -> Iterator[Callable[[int], None]]:
    """Answer on http://host:port/metrics; None: nobody asks. Workers are started within.

    Gives what is to be called with the id of each process that ended: its connections are no more. Raises `UserError`
    where the address cannot be had.
    """
    if port is None:
        yield lambda _: None
        return
    with tempfile.TemporaryDirectory(prefix="mids-api-metrics-") as folder:
        os.environ[_FOLDER] = folder
        registry = CollectorRegistry()
        MultiProcessCollector(registry, folder)
        try:
            server, thread = start_http_server(port, host, registry)
        except OSError as error:
            raise UserError(
                f"{host}:{port} cannot be listened on ({error.strerror or error}): choose another --metrics-port"
            ) from None
        try:
            yield lambda pid: mark_process_dead(pid, folder)
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
            del os.environ[_FOLDER]
