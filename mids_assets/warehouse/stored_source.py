"""The files of a release that the register knows, to import them once more.

Does not belong here: the store itself (`transform.ingest`), removing files (retention.py).
"""

from __future__ import annotations

from pathlib import Path

from mids_assets.errors import UserError
from mids_assets.redaction import redact
from mids_assets.settings import Settings
from mids_assets.transform.ingest import stored_source
from mids_assets.transform.store import open_store
from mids_assets.warehouse.register import ReleaseRow


def source_of(settings: Settings, row: ReleaseRow) -> Path:
    """The folder of a stored release. Raises `UserError` that says since when there is none."""
    store = open_store(settings)
    folder = stored_source(store, row.realm, row.release)
    if folder is None:
        place = settings.storage or store.release_dir(row.realm, row.release)
        when = f"removed on {row.pruned_at:%Y-%m-%d}" if row.pruned_at else f"not in {redact(str(place))}"
        raise UserError(f"the files of release {row.release} are {when}; import its source again: {row.source}")
    return folder
