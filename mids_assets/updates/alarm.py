"""A server that offers the version that was fetched, with another patch: noticed by the hash file, and kept as a note.

The version stays what it is, so no fetch would load the other patch; a person has to decide. The note lies beside the
manifests until the server offers the patch that was fetched again, or another version was fetched.
Does not belong here: telling a person (`automation`, `commands`, `health`).
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from mids_assets.errors import UserError
from mids_assets.readers.patch_hash import differing
from mids_assets.updates.conditional import ask
from mids_assets.updates.fetch import patch_path
from mids_assets.updates.http import Absent, Client
from mids_assets.updates.manifest import Offer

_NOTE = "other-patch.json"
_OFFERED = "offered-hash.json"
NAMED = 5


class OtherPatch(msgspec.Struct, frozen=True):
    """`patch`: where the server offers it. `files`: the first of those whose hashes differ, or that one side lacks."""

    version: str
    patch: str
    files: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"The server offers version {self.version} with another patch than the one that was fetched"
            f" ({', '.join(self.files)} differ): load {self.patch} by hand and import it, if that is what you want."
        )


def look_for_other_patch(client: Client, offer: Offer, realm: str, folder: Path) -> OtherPatch | None:
    """Compare the offered hash file with the one that was fetched, and note what differs; None where nothing does.

    Where no patch of that version was fetched, or one without a hash file, nothing can be told. Raises what `ask`
    raises but `Absent`, and `FormatError` for what is no hash file.
    """
    fetched = _fetched_hashes(folder, realm, offer.version)
    note = folder / _NOTE
    if not fetched.is_file():
        note.unlink(missing_ok=True)
        return None
    for patch in offer.patches:
        for url in offer.hashes(patch):
            try:
                offered = ask(client, url, folder / _OFFERED, client.limits.hash_bytes)
            except Absent:
                continue
            names = differing(fetched.read_bytes(), offered, url)
            if not names:
                note.unlink(missing_ok=True)
                return None
            found = OtherPatch(offer.version, patch, tuple(names[:NAMED]))
            _write(note, found)
            return found
    return None


def other_patch(folder: Path, realm: str) -> OtherPatch | None:
    """What was noted last in the folder of a realm's updates; None where nothing stands."""
    try:
        found = msgspec.json.decode((folder / _NOTE).read_bytes(), type=OtherPatch)
    except (OSError, msgspec.DecodeError):
        return None
    return found if _fetched_hashes(folder, realm, found.version).is_file() else None


def _fetched_hashes(folder: Path, realm: str, version: str) -> Path:
    return patch_path(folder, realm, version).with_suffix(".hash")


def _write(note: Path, found: OtherPatch) -> None:
    try:
        note.write_bytes(msgspec.json.encode(found))
    except OSError as problem:
        raise UserError(f"{note} cannot be written ({problem.strerror}); make room there or make it writable") from None
