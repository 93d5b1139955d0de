"""Which realm is City of Data's for which: that of the game with a suffix, where both are set up.

Does not belong here: telling an export from a database of MidsReborn (`readers`).
"""

from __future__ import annotations

from collections.abc import Sequence

from mids_assets.readers.city_of_data.revision import REALM_SUFFIX


def partner(realm: str) -> str:
    """The realm that exports of this game's data are imported as."""
    return f"{realm}{REALM_SUFFIX}"


def paired(realms: Sequence[str]) -> list[str]:
    """Those of the realms whose partner is among them as well, in their order."""
    return [realm for realm in realms if partner(realm) in realms]
