"""The note of a server that offers the fetched version with another patch; quick to import and to read.

It lies beside the manifests until the server offers the patch that was fetched again, or another version was fetched.
Does not belong here: finding it out (`updates.alarm`), telling a person (`automation`, `commands`, `health`).
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from mids_assets.errors import UserError

_NOTE = "other-patch.json"


class OtherPatch(msgspec.Struct, frozen=True):
    """`patch`: where the server offers it. `files`: the first of those whose hashes differ, or that one side lacks.
    `hashes`: name of the hash file that was fetched, beside the note."""

    version: str
    patch: str
    files: tuple[str, ...]
    hashes: str

    def __str__(self) -> str:
        return (
            f"The server offers version {self.version} with another patch than the one that was fetched"
            f" ({', '.join(self.files)} differ): load {self.patch} by hand and import it, if that is what you want."
        )


def other_patch(folder: Path) -> OtherPatch | None:
    """What was noted last in the folder of a realm's updates; None where nothing stands."""
    try:
        found = msgspec.json.decode((folder / _NOTE).read_bytes(), type=OtherPatch)
    except (OSError, msgspec.DecodeError):
        return None
    return found if (folder / found.hashes).is_file() else None


def note_other_patch(folder: Path, found: OtherPatch | None) -> None:
    """Keep the note, or take it away. Raises `UserError` where it cannot be written."""
    note = folder / _NOTE
    try:
        if found is None:
            note.unlink(missing_ok=True)
        else:
            note.write_bytes(msgspec.json.encode(found))
    except OSError as problem:
        raise UserError(f"{note} cannot be written ({problem.strerror}); make room there or make it writable") from None
