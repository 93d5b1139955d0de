"""The landing folder of a realm, where people drop releases: what lies there, and what is in an entry.

An entry is a folder, an archive or a patch; the hash file beside a patch belongs to it. Looking reads names, sizes and
times and opens nothing, so that it can be done every few seconds; `entry_content` reads every byte.
Does not belong here: what was seen at the look before (`transform.landing_memory`), what is a source (`readers`).
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mids_assets.errors import UserError
from mids_assets.readers.patch_hash import hash_path

SETTLED_SECONDS = 2.0
"""An entry that changed within this time may still be being copied."""
ENTRIES = 200
FILES = 100_000
"""What a look takes in, so that it ends in about a second; the rest is told and left out. It is room for two full City
of Data exports, of 43,233 files each."""
_DIGITS = 16
_BLOCK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Drop:
    """An entry as a look finds it. `signature`: hash over its name and the names, sizes and times of its files.
    `changed`: the newest of these times. `arriving`: it is empty, or the file of a download under way lies in it or
    beside it."""

    path: Path
    signature: str
    changed: float
    arriving: bool


@dataclass(frozen=True, slots=True)
class Look:
    """`drops` in the order of their names. `problems`: sentences about entries that are left out."""

    drops: list[Drop]
    problems: list[str]


def look(folder: Path) -> Look:
    """What lies in the landing folder; nothing where there is no such folder. Opens nothing."""
    try:
        names = _names(folder)
    except OSError as problem:
        return Look([], [_unreadable(folder, problem)])
    parts = {name.lower() for name in names if _is_part(name)}
    candidates = [name for name in names if _is_entry(name)]
    found = Look([], [])
    room = FILES
    for number, name in enumerate(candidates):
        path = folder / name
        try:
            files = _facts(path, room)
        except FileNotFoundError:  # Taken away while we look, or a link to nothing.
            continue
        except OSError as problem:
            found.problems.append(_unreadable(path, problem))
            continue
        room -= len(files)
        if room < 0 or number == ENTRIES:
            found.problems.append(
                f"{folder} holds too much: {len(candidates) - number} entries, from {name} on, are left out; take away"
                " what is stored"
            )
            break
        found.drops.append(_drop(path, files, beside=f"{name.lower()}.part" in parts))
    return found


def entries(folder: Path) -> list[Path]:
    """What may be a release in a landing folder, by name; none where there is no such folder.

    Hidden entries, unfinished downloads (*.part) and hash files (*.hash) are none.
    """
    return [folder / name for name in _names(folder) if _is_entry(name)]


def newest_first(folder: Path, now: float | None = None) -> list[Path]:
    """The entries that are not being copied any more, the one that changed last first."""
    moment = time.time() if now is None else now
    # A time in the future is somebody's wrong clock, and no sign of a copy under way.
    settled = [
        drop for drop in look(folder).drops if not drop.arriving and abs(moment - drop.changed) >= SETTLED_SECONDS
    ]
    return [drop.path for drop in sorted(settled, key=lambda drop: (drop.changed, drop.path.name), reverse=True)]


def entry_content(path: Path) -> str:
    """Hash over the content of an entry: the bytes of its files and their names inside it.

    Neither its own name nor any time counts, so a copy, a renamed or a touched one has the same. Raises `UserError`
    where it cannot be read.
    """
    digest = hashlib.sha256()
    try:
        for name, file in _files(path):
            with Path(file).open("rb") as stream:
                content = hashlib.file_digest(stream, "sha256").hexdigest()
            digest.update(json.dumps([name, content]).encode())
    except OSError as problem:
        raise UserError(_unreadable(path, problem)) from None
    return digest.hexdigest()[:_DIGITS]


def _names(folder: Path) -> list[str]:
    return sorted(place.name for place in folder.iterdir()) if folder.is_dir() else []


def _is_entry(name: str) -> bool:
    return not (name.startswith(".") or name.lower().endswith((".part", ".hash")))


def _drop(path: Path, files: list[tuple[str, int, int]], *, beside: bool) -> Drop:
    signature = hashlib.sha256(json.dumps([path.name, files]).encode()).hexdigest()[:_DIGITS]
    arriving = beside or not any(size for _, size, _ in files) or any(_is_part(name) for name, _, _ in files)
    return Drop(path, signature, max((at for _, _, at in files), default=0) / 1e9, arriving)


def _facts(path: Path, limit: int) -> list[tuple[str, int, int]]:
    """Name inside the entry, size and time of each file, of more than `limit` files no more than one above it."""
    facts = []
    for name, file in _files(path):
        found = file.stat()
        facts.append((name, found.st_size, found.st_mtime_ns))
        if len(facts) > limit:
            break
    return facts


def _files(path: Path) -> Iterator[tuple[str, Path | os.DirEntry[str]]]:
    """The files of an entry in a fixed order, under their names inside it; a file itself has no name."""
    if path.is_dir():
        yield from _inside(path, "")
        return
    yield "", path
    hashes = hash_path(path) if path.suffix.lower() == ".mru" else None
    if hashes is not None:
        yield ".hash", hashes


def _inside(folder: str | Path, prefix: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Without those that a link to a folder would add. Not `Path.walk`, which takes three times as long."""
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _inside(entry.path, f"{prefix}{entry.name}/")
        elif entry.is_file():
            yield f"{prefix}{entry.name}", entry


def _unreadable(path: Path, problem: OSError) -> str:
    return f"{problem.filename or path} cannot be read ({problem.strerror}); make it readable or take it away"


def _is_part(name: str) -> bool:
    return name.lower().endswith(".part")
