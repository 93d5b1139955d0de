"""The `.hash` file beside a patch: found, compared both ways, written. Source: formats updates.md 5.4 and 5.5.

It shows damage, not forgery: it comes from the same server and is not signed.
Does not belong here: the patch itself (`readers.patch`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import msgspec

from mids_assets.errors import FormatError, SourceError
from mids_assets.readers.packed import PackedFile

_BIGGEST = 32 * 1024 * 1024


class _Listed(msgspec.Struct):
    directory: str = msgspec.field(name="Directory")
    file_name: str = msgspec.field(name="FileName")
    hash: str = msgspec.field(name="Hash")


def hash_path(patch: Path) -> Path | None:
    """The hash file of a patch; until April 2025 its name went without "-cumulative"."""
    stems = (patch.stem, patch.stem.removesuffix("-cumulative"))
    return next((place for stem in stems if (place := patch.with_name(f"{stem}.hash")).is_file()), None)


def verify_hashes(patch: Path, files: Iterable[PackedFile]) -> str | None:
    """Compare what was unpacked with the hash file. Gives the sentence of a warning where there is none.

    Raises `FormatError` for an unusable hash file, `SourceError` for a file that differs or stands on one side only.
    """
    place = hash_path(patch)
    if place is None:
        return f"{patch.with_suffix('.hash').name} is absent: damage to {patch.name} would not be noticed by it."
    if place.stat().st_size > _BIGGEST:
        raise FormatError(f"larger than {_BIGGEST:,} bytes, which no hash file is", file=place)
    listed = _listed(place.read_bytes(), place)
    for file in files:
        expected = listed.pop(_key(file.directory, file.file_name), None)
        shown = f"{file.directory}\\{file.file_name}".lstrip("\\")
        if expected is None:
            raise SourceError(f"{patch}: {shown} is not listed in {place.name}; download both again")
        if expected.hash.lower() != file.sha256:
            raise SourceError(f"{patch}: {shown} has not the hash that {place.name} lists; download both again")
    if listed:
        one = next(iter(listed.values()))
        raise SourceError(
            f"{patch}: {one.directory}\\{one.file_name} is listed in {place.name} and not there; download both again"
        )
    return None


def differing(ours: bytes, theirs: bytes, file: str) -> list[str]:
    """The files whose hashes are not the same in two hash files, and those that one side lacks, in order.

    Raises `FormatError` for one that is none; `file` is what it calls theirs.
    """
    before, after = (
        {key: entry.hash.lower() for key, entry in _listed(data, name).items()}
        for data, name in ((ours, "the hash file that was fetched"), (theirs, file))
    )
    names = sorted(before.keys() | after.keys())
    return ["\\".join(filter(None, name)) for name in names if before.get(name) != after.get(name)]


def _listed(data: bytes, file: str | Path) -> dict[tuple[str, str], _Listed]:
    try:
        entries = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=list[_Listed])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FormatError(f"no list of files and hashes ({error}); download it again", file=file) from None
    listed: dict[tuple[str, str], _Listed] = {}
    for number, entry in enumerate(entries):
        if listed.setdefault(_key(entry.directory, entry.file_name), entry) is not entry:
            raise FormatError(f"lists {entry.file_name} twice", file=file, record=f"file {number}")
    return listed


def _key(directory: str, file_name: str) -> tuple[str, str]:
    return directory.replace("/", "\\").casefold(), file_name.casefold()


def write_hash(path: Path, files: Iterable[tuple[str, str, bytes]]) -> None:
    """Write the hash file of (directory, file name, data), in that order."""
    listed = [_Listed(directory, file_name, hashlib.sha256(data).hexdigest()) for directory, file_name, data in files]
    path.write_bytes(msgspec.json.encode(listed))
