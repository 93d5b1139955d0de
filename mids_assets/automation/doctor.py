"""How Dagster itself fares, as `mids doctor` finds it: the version of its storage, its daemon, dead runs.

Does not belong here: reporting dead runs failed (processes.py, dead_workers.py), what does not need Dagster (`health`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from mids_assets.automation.dead_workers import dead_workers
from mids_assets.automation.processes import dead_runs
from mids_assets.health.finding import Finding

SILENT_SECONDS = 300.0
"""A daemon gives a sign every half minute; after so long it does not run."""
NAMED = 5


def storage_version(instance: dg.DagsterInstance) -> Iterator[Finding]:
    """Whether the tables of Dagster's storage are those of the Dagster that is installed."""
    storages = (instance.run_storage, instance.event_log_storage, instance.schedule_storage)
    found = [version for storage in storages if storage and (version := storage.alembic_version())]
    behind = sorted({f"{ours} instead of {head}" for ours, head in found if ours != head})
    if behind:
        text = f"Dagster's storage is of another version: {', '.join(behind)}."
        yield Finding("dagster", "broken", text, "Stop `make dev`, then: make upgrade")
    else:
        yield Finding("dagster", "ok", f"Dagster {dg.__version__}, its storage is of the same version.")


def daemon(instance: dg.DagsterInstance) -> Iterator[Finding]:
    """Whether a daemon gave a sign of late; without one no sensor and no schedule is evaluated."""
    signs = instance.get_daemon_heartbeats().values()
    newest = max((sign.timestamp for sign in signs), default=None)
    if newest is not None and time.time() - newest < SILENT_SECONDS:
        yield Finding("daemon", "ok", "Dagster's daemon runs.")
        return
    when = "yet" if newest is None else f"since {datetime.fromtimestamp(newest, UTC):%Y-%m-%d %H:%M} UTC"
    yield Finding(
        "daemon",
        "warn",
        f"Dagster's daemon has not run {when}: nothing happens by itself.",
        "Let `make dev` run, unless you import by hand only.",
    )


def runs(instance: dg.DagsterInstance) -> Iterator[Finding]:
    """Runs that count as under way although their process is gone."""
    dead = [run.run_id for run in (*dead_runs(instance), *dead_workers(instance))]
    if not dead:
        yield Finding("runs", "ok", "No run counts as under way whose process is gone.")
        return
    named = ", ".join(dead[:NAMED]) + (" .." if len(dead) > NAMED else "")
    yield Finding(
        "runs",
        "warn",
        f"{len(dead)} runs count as under way, but their process is gone: {named}.",
        "Nothing: the next import, or the sensor of `make dev`, reports them failed and goes on.",
    )
