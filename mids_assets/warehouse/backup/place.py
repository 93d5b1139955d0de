"""Where backups lie, by the settings: a folder or an object store. Does not belong here: a file in it."""

from __future__ import annotations

from mids_assets.objects.place import Place, open_place
from mids_assets.settings import Settings


def backup_place(settings: Settings) -> Place:
    """Raises `UserError` for an address that no store has."""
    return open_place(settings.backup_place, settings.backup_setting)
