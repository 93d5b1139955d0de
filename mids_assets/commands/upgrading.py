"""`mids db upgrade` and `mids upgrade`: an installation brought to what this version of the code needs.

Does not belong here: the revisions and how they are applied (`warehouse.migrations`), the data folder of the embedded
server (`warehouse.embedded_upgrade`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from mids_assets.settings import Settings
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.embedded_upgrade import bring_over
from mids_assets.warehouse.migrations import applying, history

_NAME = "mids upgrade"


def database_upgraded(settings: Settings) -> Iterator[str]:
    """The embedded server's data to the newest major version, then the revisions that are missing.

    Yields what was done, in sentences, as it is done. Raises as `bring_over` and `applying.upgrade`.
    """
    yield from _brought_over(settings)
    yield from _migrated(settings)


def all_upgraded(settings: Settings) -> Iterator[str]:
    """As `database_upgraded`, with Dagster's storage, backups before, and nobody at work meanwhile.

    Where nothing is missing nothing is done. Raises `UserError` while others are connected to Dagster's database.
    """
    # Slow to import, like all that knows of Dagster.
    from mids_assets.storage import open_instance
    from mids_assets.warehouse.backup.manifest import DAGSTER
    from mids_assets.warehouse.backup.restoring import require_alone
    from mids_assets.warehouse.backup.source import open_database
    from mids_assets.warehouse.backup.taking import back_up
    from mids_assets.warehouse.backup.whole import dump_whole

    yield from _brought_over(settings)
    with closing(open_database(settings, DAGSTER, _NAME)) as conn:
        require_alone(conn)
    with closing(connect(settings, application_name=_NAME, as_it_is=True)) as conn:
        at, there = applying.revision(conn), applying.has_schema(conn)
    history.require_known(at, applying.DATABASE)
    if there and history.missing(at):
        yield f"backup of the database: {dump_whole(settings)}"
    yield from _migrated(settings)
    with open_instance() as instance:
        storages = [one for one in (instance.run_storage, instance.event_log_storage, instance.schedule_storage) if one]
        behind = {
            f"{ours} to {head}" for one in storages for ours, head in [one.alembic_version() or (0, 0)] if ours != head
        }
        if behind:
            taken = back_up(settings, DAGSTER, "asked")
            yield f"backup of Dagster's database: {taken.manifest.name}"
            instance.upgrade(lambda _: None)
            yield f"Dagster's storage: from {', '.join(sorted(behind))}"
        else:
            yield "Dagster's storage is of the version that is installed"


def _brought_over(settings: Settings) -> Iterator[str]:
    if not settings.database_url and (moved := bring_over(settings)) is not None:
        yield (
            f"brought over from PostgreSQL {moved.from_major} to {moved.to_major}, {moved.rows:,} rows counted on both"
            f" sides; the old files lie in {moved.old} ({moved.bytes / 2**20:,.0f} MiB) and may be removed"
        )


def _migrated(settings: Settings) -> Iterator[str]:
    with closing(connect(settings, application_name=_NAME, as_it_is=True)) as conn:
        yield from (f"applied: {one}" for one in applying.upgrade(conn))
    yield f"the database is at revision {history.head()}"


def statements(settings: Settings) -> str:
    """The revisions that `database_upgraded` would apply, as one transaction for psql, or a comment."""
    with closing(connect(settings, application_name=_NAME, as_it_is=True)) as conn:
        at = applying.revision(conn)
    history.require_known(at, applying.DATABASE)
    if not history.missing(at):
        return f"-- the database is at revision {at}: there is nothing to do"
    from mids_assets.warehouse.migrations.scripts import upgrade_sql

    return f"BEGIN;\n\n{upgrade_sql(at).strip()}\n\nCOMMIT;"
