"""Whether the places that releases and backups go to can be reached and written.

Does not belong here: folders (machine.py), what lies in a place.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from mids_assets.health.finding import Finding
from mids_assets.objects.place import Place, open_place
from mids_assets.settings import Settings, is_address

_BYTES = b"\0" * 4096


def releases(settings: Settings) -> Iterator[Finding]:
    """The object store of releases. Raises what a place raises that does not answer, or refuses."""
    if settings.releases_address is None:
        yield Finding("store", "ok", f"Releases are kept in the folder {settings.releases_dir}.")
    else:
        yield from _tried(open_place(settings.releases_address, "MIDS_STORAGE"), "Releases")


def backups(settings: Settings) -> Iterator[Finding]:
    """The same of backups."""
    if is_address(settings.backup_place):
        yield from _tried(open_place(settings.backup_place, settings.backup_setting), "Backups")


def _tried(place: Place, what: str) -> Iterator[Finding]:
    name = f"doctor-{secrets.token_hex(8)}"
    place.put(name, _BYTES)
    whole = b"".join(place.read(name)) == _BYTES
    place.remove([name])
    if whole:
        yield Finding("store", "ok", f"{what} are kept in {place.name}, which takes files and gives them back.")
    else:
        yield Finding(
            "store",
            "broken",
            f"{place.name} does not give back what was put there.",
            f"Look into the store, or set {place.setting} to another.",
        )
