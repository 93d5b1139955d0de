"""`mids worker`: a process that takes steps from the broker and executes them, each in a process of its own.

Does not belong here: the command's arguments (`commands.worker_cli`), the app (`distributed.app`).
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable

from celery import Celery
from celery.signals import worker_ready
from kombu.exceptions import OperationalError

from mids_assets.distributed.app import QUEUE, celery_app
from mids_assets.distributed.step_task import register
from mids_assets.errors import NetworkUnavailable
from mids_assets.redaction import redact
from mids_assets.settings import Settings


def run_worker(settings: Settings, *, concurrency: int, ready: Callable[[str], None]) -> int:
    """Execute steps, `concurrency` at once, until TERM or Ctrl-C; the step in hand is ended first. The exit code.

    `ready` is called with the worker's name when it takes steps. What this process has imported, the process of each
    step finds: the caller imports the definitions.
    Raises `UserError` without a broker, `NetworkUnavailable` where it does not answer at the start. One that goes away
    later is waited for.
    """
    app = celery_app(settings)
    require_broker(app)
    register(app)
    # By the host alone, two workers of one machine would have the same name.
    name = f"mids-{os.getpid()}@{socket.gethostname()}"
    worker_ready.connect(lambda **_: ready(name), weak=False)
    worker = app.Worker(
        hostname=name,
        concurrency=concurrency,
        queues=[QUEUE],
        pool="prefork",
        loglevel=logging.WARNING,
        without_gossip=True,
        without_mingle=True,
        optimization="fair",
        quiet=True,
    )
    worker.start()
    return worker.exitcode or 0


def require_broker(app: Celery) -> None:
    """Raises `NetworkUnavailable` where the broker does not answer."""
    try:
        with app.connection_for_read(connect_timeout=5) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=6)
    except (OperationalError, *app.connection_for_read().recoverable_connection_errors) as error:
        address = redact(app.conf.broker_url)
        raise NetworkUnavailable(
            f"the broker {address} of MIDS_CELERY_BROKER does not answer: {redact(str(error))}"
        ) from error
