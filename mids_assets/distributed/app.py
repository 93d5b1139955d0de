"""The Celery app that those who hand steps out and those who execute them have in common, built from the settings.

A step is acknowledged when it has ended, so that one whose worker is gone goes to another worker. Does not belong
here: executing a step (`distributed.step_task`), handing one out (`distributed.executor`).
"""

from __future__ import annotations

from typing import Any

from celery import Celery
from dagster_celery.make_app import make_app

from mids_assets.errors import UserError
from mids_assets.redaction import remember_secret
from mids_assets.settings import Settings

QUEUE = "dagster"
"""dagster-celery's name of the only queue."""
_RESTORE_SECONDS = 10
"""Between two looks of a worker for steps whose worker is gone (Redis)."""
_PUBLISH_RETRIES = 60
_PUBLISH_PAUSE_SECONDS = 5.0
"""A step is handed out again so often, with pauses that grow to this: a broker may be away for five minutes."""


def celery_app(settings: Settings) -> Celery:
    """The app; nothing is connected yet. Raises `UserError` where no broker is set."""
    return make_app(app_arguments(settings))


def app_arguments(settings: Settings) -> dict[str, Any]:
    """Broker, result backend and configuration, as `celery.Celery` takes them."""
    broker = settings.celery_broker
    if broker is None:
        raise UserError("MIDS_CELERY_BROKER is not set: give the address of a broker, such as redis://host:6379/0")
    backend = settings.celery_results or (broker if is_redis(broker) else "rpc://")
    remember_secret(broker)
    remember_secret(backend)
    return {"broker": broker, "backend": backend, "include": [], "config_source": _configuration(settings, broker)}


def is_redis(address: str) -> bool:
    """Whether an address is one of Redis (redis://, rediss://)."""
    return address.startswith(("redis://", "rediss://"))


def _configuration(settings: Settings, broker: str) -> dict[str, Any]:
    return {
        # Acknowledged when done: what a worker had in hand when it died goes to another one.
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "worker_prefetch_multiplier": 1,
        # A step that is under way when the broker goes away ends, and its result is stored when the broker is back.
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_transport_options": _transport(settings) if is_redis(broker) else {},
        "task_publish_retry_policy": {
            "max_retries": _PUBLISH_RETRIES,
            "interval_start": 0,
            "interval_step": 1,
            "interval_max": _PUBLISH_PAUSE_SECONDS,
        },
        # Who waits for a result goes on waiting while the broker is away.
        "result_backend_always_retry": True,
        "result_persistent": True,
        # One process a step: it takes its memory and its connections along when it ends.
        "worker_max_tasks_per_child": 1,
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
        "worker_send_task_events": False,
    }


def _transport(settings: Settings) -> dict[str, Any]:
    """Redis does not notice that a worker is gone: what is not acknowledged in time is handed out again."""
    return {
        "visibility_timeout": settings.celery_lost_seconds,
        "unacked_restore_interval": _RESTORE_SECONDS,
        "unacked_restore_throttle": 1,
        "socket_keepalive": True,
        "socket_connect_timeout": 5,
    }
