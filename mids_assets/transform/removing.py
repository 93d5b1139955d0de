"""Releases and builds leave the store, and this machine: how, and what that frees.

Does not belong here: which of them (`warehouse.retention`).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from mids_assets.transform.store import BuildPaths, Store


def remove_release(store: Store, realm: str, release: str) -> None:
    """What is half removed when the process is killed is found, and removed, the next time."""
    if store.mirror:
        store.mirror.remove(realm, release)
    _remove([store.release_dir(realm, release)])


def remove_build(paths: BuildPaths) -> None:
    """What was made of a release as one build; the release stays."""
    if paths.mirror:
        paths.mirror.remove(paths.release_dir.parent.name, paths.release_dir.name, paths.build)
    _remove(_derived(paths))


def stored_bytes(store: Store, realm: str, releases: Iterable[str], builds: Iterable[BuildPaths]) -> int:
    """What they take up where releases are stored, hard links counted once."""
    if store.mirror:
        of_releases = sum(store.mirror.size(realm, release) for release in releases)
        return of_releases + sum(store.mirror.size(realm, paths.release_dir.name, paths.build) for paths in builds)
    folders = [store.release_dir(realm, release) for release in releases]
    return _size([*folders, *(path for paths in builds for path in _derived(paths))])


def _derived(paths: BuildPaths) -> list[Path]:
    """The manifest last: while it is there, the build is found again and the rest removed."""
    return [paths.raw, paths.chunks, paths.frames, paths.tables, paths.corrections, paths.manifest]


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        if path.is_dir():
            # Out of the way first: whoever looks finds the whole folder or none.
            going = path.with_name(f".{path.name}.gone")
            shutil.rmtree(going, ignore_errors=True)
            path.rename(going)
            shutil.rmtree(going)
        else:
            path.unlink(missing_ok=True)


def _size(paths: Iterable[Path]) -> int:
    seen: dict[tuple[int, int], int] = {}
    for path in paths:
        for file in [path] if path.is_file() else path.rglob("*"):
            if file.is_file():
                facts = file.stat()
                seen[facts.st_dev, facts.st_ino] = facts.st_size
    return sum(seen.values())
