"""`mids db upgrade`: the database brought to what this version of the code needs, or the statements that would do it.

Does not belong here: the revisions and how they are applied (`warehouse.migrations`).
"""

from __future__ import annotations

from contextlib import closing

from mids_assets.settings import Settings
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.migrations import applying, history

_NAME = "mids db upgrade"


def upgraded(settings: Settings) -> list[str]:
    """Apply what is missing; returns what was done, in sentences. Raises as `applying.upgrade`."""
    with closing(connect(settings, application_name=_NAME, as_it_is=True)) as conn:
        applied = applying.upgrade(conn)
    return [*(f"applied: {one}" for one in applied), f"the database is at revision {history.head()}"]


def statements(settings: Settings) -> str:
    """What `upgraded` would run, as one transaction for psql; a comment where nothing is missing."""
    with closing(connect(settings, application_name=_NAME, as_it_is=True)) as conn:
        at = applying.revision(conn)
    history.require_known(at, applying.DATABASE)
    if not history.missing(at):
        return f"-- the database is at revision {at}: there is nothing to do"
    from mids_assets.warehouse.migrations.scripts import upgrade_sql

    return f"BEGIN;\n\n{upgrade_sql(at).strip()}\n\nCOMMIT;"
