"""A server that offers the version that was fetched, with another patch: noticed by the hash file, and noted.

The version stays what it is, so no fetch would load the other patch; a person has to decide.
Does not belong here: the note (`updates.other_patch`), telling a person (`automation`, `commands`, `health`).
"""

from __future__ import annotations

from pathlib import Path

from mids_assets.readers.patch_hash import differing
from mids_assets.updates.conditional import ask
from mids_assets.updates.fetch import patch_path
from mids_assets.updates.http import Absent, Client
from mids_assets.updates.manifest import Offer
from mids_assets.updates.other_patch import OtherPatch, note_other_patch

_OFFERED = "offered-hash.json"
NAMED = 5


def look_for_other_patch(client: Client, offer: Offer, realm: str, folder: Path) -> OtherPatch | None:
    """Compare the offered hash file with the one that was fetched, and note what differs; None where nothing does.

    Where no patch of that version was fetched, or one without a hash file, nothing can be told. Raises what `ask`
    raises but `Absent`, and `FormatError` for what is no hash file.
    """
    fetched = patch_path(folder, realm, offer.version).with_suffix(".hash")
    if not fetched.is_file():
        note_other_patch(folder, None)
        return None
    for patch in offer.patches:
        for url in offer.hashes(patch):
            try:
                offered = ask(client, url, folder / _OFFERED, client.limits.hash_bytes)
            except Absent:
                continue
            names = differing(fetched.read_bytes(), offered, url)
            found = OtherPatch(offer.version, patch, tuple(names[:NAMED]), fetched.name) if names else None
            note_other_patch(folder, found)
            return found
    return None
