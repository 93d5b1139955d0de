"""`mids doctor`: everything that can keep an import from working, looked at one thing after another.

What cannot be looked at is a finding like any other. Does not belong here: a probe (`health`, `automation.doctor`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

from mids_assets.health import machine, server, stores, waiting
from mids_assets.health.finding import Finding, probe
from mids_assets.health.problems import problems_now
from mids_assets.settings import CELERY, Settings
from mids_assets.warehouse.connection import connect


def examine(settings: Settings) -> list[Finding]:
    """All findings in the order of the layers: machine, server, Dagster, what is waiting, what is wrong with a realm.

    Starts the embedded server, as every command does, after noting how it was found. What its surroundings refuse is
    a finding, and raises nothing.
    """
    # Slow to import: a terminal that waits for `mids status` must not.
    from mids_assets.storage import dagster_home

    home = dagster_home()
    store = "Start the store, or put MIDS_STORAGE, MIDS_BACKUP_URL and the AWS_* variables right."
    mend = "Put right what the sentence names, then ask the doctor again."
    return [
        *probe("disk", lambda: machine.room(settings, home), mend),
        *probe("folders", lambda: machine.folders(settings, home), mend),
        *probe("store", lambda: stores.releases(settings), store),
        *probe("store", lambda: stores.backups(settings), store),
        *probe("password", lambda: machine.password_file(settings), mend),
        *probe("password", lambda: machine.secret_files(settings), mend),
        *probe("versions", machine.versions, "make setup"),
        *probe("server", lambda: server.embedded_server(settings), mend),
        *probe("locks", lambda: server.lock_files(settings), mend),
        *probe("server", lambda: _over_connection(settings), mend),
        *probe("dagster", _dagster, mend),
        *probe("broker", lambda: _broker(settings), "Start the broker, or correct MIDS_CELERY_BROKER."),
        *probe("waiting", lambda: waiting.unfinished(settings), mend),
    ]


def as_json(findings: list[Finding]) -> dict[str, Any]:
    """{"findings": [..], "broken": how many, "warned": how many}."""
    states = [one.state for one in findings]
    return {
        "findings": [one.as_json() for one in findings],
        "broken": states.count("broken"),
        "warned": states.count("warn"),
    }


def _over_connection(settings: Settings) -> Iterator[Finding]:
    with closing(connect(settings, application_name="mids doctor", attempts=2)) as conn:
        yield from server.answering_server(settings, conn)
        yield from server.encryption(conn)
        yield from server.database_roles(conn)
        yield from server.misspelt_search(conn)
        yield from server.realm_locks(conn, settings.realms)
        for realm in settings.realms:
            yield from waiting.landing(conn, settings, realm)
            problems = problems_now(conn, settings, realm)
            for one in problems:
                yield Finding(f"realm {realm}", one.severity, f"{one.kind}: {one.what}", one.what_to_do)
            if not problems:
                yield Finding(f"realm {realm}", "ok", "Nothing is broken.")


def _broker(settings: Settings) -> Iterator[Finding]:
    if settings.executor != CELERY:
        return
    from mids_assets.distributed import doctor

    yield from doctor.broker(settings)


def _dagster() -> Iterator[Finding]:
    from mids_assets.automation import doctor
    from mids_assets.storage import open_instance

    with open_instance() as instance:
        yield from doctor.storage_version(instance)
        yield from doctor.daemon(instance)
        yield from doctor.runs(instance)
