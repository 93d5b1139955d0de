"""From an offer to a verified patch.

Asked, compared, downloaded into a folder of its own, unpacked and verified there by the readers, and only then handed
on. It stays there until the patch of another version takes its place: not in the landing folder, where what people drop
lies for as long as they wish. Does not belong here: importing it, and who decides when (`commands`, `automation`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from mids_assets.errors import PermanentError, RealmBusy, SourceError, UserError
from mids_assets.readers.unpack import opened_source
from mids_assets.updates.download import download
from mids_assets.updates.http import Absent, Client
from mids_assets.updates.manifest import Offer
from mids_assets.versions import parse_version, version_key

Comparison = Literal["newer", "same", "older"]
_WAIT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """A patch that was verified. `bytes` came over the line, which is less than its size after a resumed download."""

    path: Path
    version: str
    bytes: int
    warnings: tuple[str, ...]


def compare(offered: str, known: str | None) -> Comparison:
    """How an offered version stands to the newest known one; without one everything is newer."""
    ours, theirs = version_key(known), version_key(offered)
    return "newer" if theirs > ours else "same" if theirs == ours else "older"


def obtain(client: Client, offer: Offer, realm: str, folder: Path) -> Fetched:
    """Download and verify a patch with its hash file; what was loaded before of this version is used.

    Raises `NetworkUnavailable`, `SourceError` or `FormatError`; after the last two nothing of it is kept.
    """
    patch = patch_path(folder, realm, offer.version)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "fetch.lock", timeout=_WAIT_SECONDS):
            _remove_others(patch)
            return _obtain(client, offer, realm, patch)
    except Timeout:
        raise RealmBusy(f"realm {realm}: another fetch is under way; try again when it is done") from None
    except OSError as problem:
        raise UserError(
            f"{problem.filename or folder}: the update cannot be written ({problem.strerror}); make room there, make"
            " it writable or set MIDS_DATA_DIR to another folder"
        ) from None


def _obtain(client: Client, offer: Offer, realm: str, patch: Path) -> Fetched:
    hashes = patch.with_suffix(".hash")
    try:
        used, loaded = _first(client, offer.patches, patch, client.limits.patch_bytes)
        warnings = []
        try:
            loaded += _first(client, offer.hashes(used), hashes, client.limits.hash_bytes)[1]
        except Absent:
            hashes.unlink(missing_ok=True)
        with opened_source(patch, realm) as source:
            inside = source.header.version
            warnings += [text for text in source.warnings if hashes.name in text]
        if parse_version(inside) != parse_version(offer.version):
            raise SourceError(
                f"{used}: the manifest says version {offer.version} and the database inside says {inside}; nothing was"
                " imported, look at the server again later"
            )
    except PermanentError:
        patch.unlink(missing_ok=True)
        hashes.unlink(missing_ok=True)
        raise
    return Fetched(patch, offer.version, loaded, tuple(warnings))


def patch_path(folder: Path, realm: str, version: str) -> Path:
    """Where the patch of a version is kept; its hash file lies beside it."""
    return folder / f"{realm}-{version}-cumulative.mru"


def _first(client: Client, urls: tuple[str, ...], target: Path, limit: int) -> tuple[str, int]:
    """Load the first address that is there. Gives it, and the bytes that were loaded."""
    for url in urls[:-1]:
        try:
            return url, download(client, url, target, limit)
        except Absent:
            continue
    return urls[-1], download(client, urls[-1], target, limit)


def _remove_others(patch: Path) -> None:
    """Forget what is there of other versions; it would never be asked for again."""
    for place in patch.parent.glob("*-cumulative.*"):
        if not place.name.startswith(f"{patch.stem}."):
            place.unlink(missing_ok=True)
