"""Which realms one `mids import` is about, where nobody named one.

Does not belong here: picking the folder of a realm (`readers.unpack`).
"""

from __future__ import annotations

from pathlib import Path

from mids_assets.errors import UserError
from mids_assets.readers.city_of_data.revision import is_of_exports
from mids_assets.readers.source_realm import KNOWN_REALMS
from mids_assets.readers.unpack import database_folders, folder_realms, unpacked
from mids_assets.settings import Settings, realm_name


def realms_to_import(settings: Settings, source: Path) -> list[str]:
    """The realms of the databases that lie in a Data folder or an archive, told by the names of their folders; of an
    export what it states itself.

    For a single database without such a name it is the first of MIDS_REALMS. Raises `UserError` naming that setting
    for a realm without a graph.
    """
    with unpacked(source.expanduser()) as found:
        realms: list[str] = []
        for folder in database_folders(found.path):
            stated = folder_realms(folder)
            # The name of what was given itself decides nothing; what an export states does.
            if folder != found.path or all(map(is_of_exports, stated)):
                realms += stated
    realms = list(dict.fromkeys(realms))
    if len(realms) < 2 and not any(
        realm in (*settings.realms, *KNOWN_REALMS) or is_of_exports(realm) for realm in realms
    ):
        return [settings.realms[0]]
    named = [realm_name(realm) for realm in realms]
    if missing := [realm for realm in named if realm not in settings.realms]:
        others = [realm for realm in named if realm in settings.realms]
        raise UserError(
            f"{source}: realm {', '.join(missing)} has no asset graph: set"
            f" MIDS_REALMS={','.join([*settings.realms, *missing])}"
            + (f", or pick {' or '.join(others)} by --realm" if others else "")
        )
    return named
