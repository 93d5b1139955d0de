"""Which realms one `mids import` is about, where nobody named one.

Does not belong here: picking the folder of a realm (`readers.unpack`).
"""

from __future__ import annotations

from pathlib import Path

from mids_assets.errors import UserError
from mids_assets.readers.source import KNOWN_REALMS
from mids_assets.readers.unpack import database_folders, folder_realm, unpacked
from mids_assets.settings import Settings, realm_name


def realms_to_import(settings: Settings, source: Path) -> list[str]:
    """The realms of the databases that lie in a Data folder or an archive, told by the names of their folders.

    For a single database without such a name it is the first of MIDS_REALMS. Raises `UserError` naming that setting
    for a realm without a graph.
    """
    with unpacked(source.expanduser()) as found:
        folders = [folder for folder in database_folders(found.path) if folder != found.path]
        realms = list(dict.fromkeys(folder_realm(folder) for folder in folders))
    if len(realms) < 2 and not (set(realms) & {*settings.realms, *KNOWN_REALMS}):
        return [settings.realms[0]]
    named = [realm_name(realm) for realm in realms]
    if missing := [realm for realm in named if realm not in settings.realms]:
        raise UserError(
            f"{source}: realm {', '.join(missing)} has no asset graph: set"
            f" MIDS_REALMS={','.join([*settings.realms, *missing])}, or pick one of {', '.join(named)} by --realm"
        )
    return named
