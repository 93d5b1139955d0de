"""Commands about releases that are stored: publish one again, roll back to one.

Does not belong here: how an import runs (importing.py), how results look (show.py).
"""

from __future__ import annotations

from contextlib import closing

from mids_assets.commands.importing import ImportOptions, run_import
from mids_assets.commands.outcome import Outcome
from mids_assets.errors import UserError
from mids_assets.settings import Settings
from mids_assets.warehouse.audit import Action
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.register import ReleaseRow, predecessor, resolve
from mids_assets.warehouse.stored_source import source_of


def publish_stored(
    settings: Settings, realm: str, name: str, *, older: bool, quiet: bool, asked: Action = "publish"
) -> Outcome:
    """Publish a stored release; with `older` also one that comes before the published one. `asked`: what mids.audit
    calls it. Raises `MidsError`."""
    row = _named(settings, realm, name)
    source = source_of(settings, row)
    return run_import(settings, ImportOptions(source, realm, older=older, asked=asked), quiet=quiet)


def roll_back(settings: Settings, realm: str, name: str | None, *, quiet: bool) -> Outcome:
    """Publish an earlier release again; without a name the one that readers saw before. Raises `MidsError`."""
    if name is None:
        with closing(connect(settings, application_name=f"mids rollback {realm}")) as connection:
            before = predecessor(connection, realm)
        if before is None:
            raise UserError(f"realm {realm}: nothing was published before what is published now")
        name = before.release
    return publish_stored(settings, realm, name, older=True, quiet=quiet, asked="rollback")


def _named(settings: Settings, realm: str, name: str) -> ReleaseRow:
    with closing(connect(settings, application_name=f"mids release {realm}")) as connection:
        return resolve(connection, realm, name)
