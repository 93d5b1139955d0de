"""Where backups lie, by the settings: a folder or an object store. Does not belong here: a file in it."""

from __future__ import annotations

from mids_assets.objects import place
from mids_assets.settings import Settings


def open_place(settings: Settings) -> place.Place:
    """Raises `UserError` for an address that no store has."""
    return place.open_place(settings.backup_place, settings.backup_setting)
