"""Where an export lies: whether a folder holds one itself, which of the files of an archive are one, and whose it is.

Told by what a few of the files hold, whatever they are called: a damaged one among them does not hide the rest.
Does not belong here: which places are looked at (`readers.unpack`), reading all of the files (`pack`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from mids_assets.readers.city_of_data.entries import FOLDERS, entry_kind, is_of_kind, split_root
from mids_assets.readers.city_of_data.export import FILE_NAME, Export
from mids_assets.readers.city_of_data.files import FILE_LIMIT, Files
from mids_assets.readers.city_of_data.pack import is_packed
from mids_assets.readers.city_of_data.revision import revision_realm, stated_revision

_SAMPLES = 8
"""So many files of each of the export's folders are looked into."""


def packed_in(folder: Path) -> Path | None:
    """The packed export in a folder, told by its name."""
    return _inside(folder, FILE_NAME)


def is_export(folder: Path) -> bool:
    """Whether a folder holds at least one file of an export, at its place and with its keys."""
    for top in FOLDERS:
        if inside := _inside(folder, top):
            for entry, path in islice(_candidates(inside, f"{top}/", 2), _SAMPLES):
                kind = entry_kind(entry)
                if kind and is_of_kind(kind, _read(path)):
                    return True
    return False


def export_realm(folder: Path) -> str | None:
    """The realm that the export in a folder states, packed or not, such as homecoming_cod; None where it states none
    or there is none."""
    if packed := packed_in(folder):
        if not is_packed(packed):
            return None
        with Export(packed) as export:
            return revision_realm(export.revision)
    archetypes = _inside(folder, "archetypes")
    index = archetypes and _inside(archetypes, "index.json")
    return revision_realm(stated_revision(_read(index))) if index else None


def exports_in(files: Files) -> list[str]:
    """The folders, each with its slash and '' at the top, in which there is an export; none inside of another."""
    inside: dict[str, dict[str, list[str]]] = {}
    for name in files.sizes:
        if found := split_root(name):
            root, entry = found
            inside.setdefault(root, {}).setdefault(entry.partition("/")[0].lower(), []).append(entry)
    roots: list[str] = []
    for root in sorted(inside, key=lambda root: (root.count("/"), root)):
        if not any(root.startswith(other) for other in roots) and _holds_export(files, root, inside[root]):
            roots.append(root)
    return roots


def _holds_export(files: Files, root: str, entries: dict[str, list[str]]) -> bool:
    for top in FOLDERS:
        for entry in sorted(entries.get(top, ()))[:_SAMPLES]:
            kind = entry_kind(entry)
            if kind and files.sizes[root + entry] <= FILE_LIMIT and is_of_kind(kind, files.read(root + entry)):
                return True
    return False


def _inside(folder: Path, name: str) -> Path | None:
    """What a folder holds under a name, without regard to case."""
    try:
        return next((place for place in folder.iterdir() if place.name.lower() == name.lower()), None)
    except OSError:
        return None


def _candidates(folder: Path | str, prefix: str, depth: int) -> Iterator[tuple[str, Path]]:
    """Files at and below a folder, those in it first; links are not followed."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.is_file(follow_symlinks=False):
            yield f"{prefix}{entry.name}", Path(entry.path)
    for entry in entries:
        if depth and entry.is_dir(follow_symlinks=False):
            yield from _candidates(entry.path, f"{prefix}{entry.name}/", depth - 1)


def _read(path: Path) -> bytes:
    """The bytes of a file; none of one that is too large, not there or no file."""
    try:
        return path.read_bytes() if path.is_file() and path.stat().st_size <= FILE_LIMIT else b""
    except OSError:
        return b""
