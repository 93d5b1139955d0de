"""`mids db upgrade`: the database brought to what this version of the code needs, or the statements that would do it.

Does not belong here: the revisions and how they are applied (`warehouse.migrations`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from mids_assets.settings import Settings
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.embedded_upgrade import bring_over
from mids_assets.warehouse.migrations import applying, history

_NAME = "mids db upgrade"


def upgraded(settings: Settings) -> Iterator[str]:
    """The embedded server's data to the newest major version, then the revisions that are missing.

    Yields what was done, in sentences, as it is done. Raises as `bring_over` and `applying.upgrade`.
    """
    if not settings.database_url and (moved := bring_over(settings)) is not None:
        yield (
            f"brought over from PostgreSQL {moved.from_major} to {moved.to_major}, {moved.rows:,} rows counted on both"
            f" sides; the old files lie in {moved.old} ({moved.bytes / 2**20:,.0f} MiB) and may be removed"
        )
    with closing(connect(settings, application_name=_NAME, as_it_is=True)) as conn:
        yield from (f"applied: {one}" for one in applying.upgrade(conn))
    yield f"the database is at revision {history.head()}"


def statements(settings: Settings) -> str:
    """What `upgraded` would run, as one transaction for psql; a comment where nothing is missing."""
    with closing(connect(settings, application_name=_NAME, as_it_is=True)) as conn:
        at = applying.revision(conn)
    history.require_known(at, applying.DATABASE)
    if not history.missing(at):
        return f"-- the database is at revision {at}: there is nothing to do"
    from mids_assets.warehouse.migrations.scripts import upgrade_sql

    return f"BEGIN;\n\n{upgrade_sql(at).strip()}\n\nCOMMIT;"
