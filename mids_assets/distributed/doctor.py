"""The broker and its workers, as `mids doctor` finds them.

Does not belong here: what keeps a worker from starting (`distributed.worker`).
"""

from __future__ import annotations

from collections.abc import Iterator

from mids_assets.distributed.app import celery_app
from mids_assets.distributed.worker import require_broker
from mids_assets.health.finding import Finding
from mids_assets.settings import Settings

ANSWER_SECONDS = 3.0
"""So long a worker has to answer; one that executes a step answers at once as well."""


def broker(settings: Settings) -> Iterator[Finding]:
    """Whether the broker answers, and which workers do. Raises `NetworkUnavailable` where the broker does not."""
    names = answering(settings)
    if names:
        yield Finding("broker", "ok", f"The broker answers, and {len(names)} workers do: {', '.join(names)}.")
    else:
        yield Finding(
            "broker",
            "broken",
            "The broker answers, but no worker answers: what is launched waits for one.",
            "Start `mids worker` with the same settings, on any machine that reaches broker, database and data.",
        )


def answering(settings: Settings, host: str | None = None) -> list[str]:
    """Names of the workers that answer, or of those of one host. Raises `NetworkUnavailable` without the broker."""
    app = celery_app(settings)
    require_broker(app)
    names = sorted(name for answer in app.control.ping(timeout=ANSWER_SECONDS) for name in answer)
    return [name for name in names if host in (None, name.partition("@")[2])]
