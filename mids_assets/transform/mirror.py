"""Releases in an object store, of which the folder on this machine holds copies.

    <realm>/newest.json, plan.json                  pointers, always read from here
    <realm>/<release>/<build>/<path>                files; the hash of the content is a part of the name
    <realm>/<release>/<build>/index/<part>.json     files of a part: path, object, bytes, sha256
    <realm>/<release>/release/..                    the same of the release itself, of all its builds

A part is there when its index is, which is put last. No object is ever changed, so whatever an index names is what it
was, whoever puts the same part at the same time; and a copy is good when its bytes have the hash of the index.
Does not belong here: which files are a part (`transform.parts`), the store itself (`objects`).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from mids_assets.errors import StaleBuild
from mids_assets.objects.place import Place, open_place
from mids_assets.transform.parts import SOURCE, Part
from mids_assets.transform.store import BuildPaths, Ranges, read_range, replacing

SETTING = "MIDS_STORAGE"
AT_ONCE = 8
"""Files that are under way at a time, two parts of 8 MiB each at most."""
ASK_BYTES = 1024 * 1024
"""From here on it is asked whether an object is there already before it is sent."""
UNUSED_SECONDS = 24 * 3600.0
_OF_RELEASE = "release"
_DIGITS = 16
T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a part: path below the release's folder, object below the build, size, hash, time of its content."""

    path: str
    object: str
    bytes: int
    sha256: str
    modified: float


class Mirror:
    """The object store at `address`, and the copies of it that `BuildPaths` name.

    Every method raises `NetworkUnavailable` and `UserError` as `objects.place.Place` does.
    """

    def __init__(self, address: str) -> None:
        self.address = address

    @property
    def _place(self) -> Place:
        return open_place(self.address, SETTING)

    def point(self, realm: str, name: str, value: dict[str, Any]) -> None:
        self._put_json(f"{realm}/{name}.json", value)

    def pointed(self, realm: str, name: str) -> dict[str, Any] | None:
        return self._json(f"{realm}/{name}.json")

    def folders(self, realm: str) -> list[str]:
        """Releases of which anything is there, in order."""
        return self._place.folders(realm)

    def releases(self, realm: str) -> list[str]:
        """Releases that are there whole, in order."""
        indexes = (f"{_below(realm, release, _OF_RELEASE)}/index/{SOURCE.name}.json" for release in self.folders(realm))
        return [path.split("/")[1] for path in indexes if self._place.size(path) is not None]

    def builds(self, realm: str, release: str) -> list[str]:
        return [name for name in self._place.folders(f"{realm}/{release}") if name != _OF_RELEASE]

    def put(self, paths: BuildPaths, part: Part) -> None:
        """The part as it is on this machine goes to the store: files first, then the index that makes it be there."""
        names = part.files(paths.release_dir, paths.build)
        entries = _at_once(partial(self._put_file, paths, part), names)
        self._put_json(_index(paths, part), {"files": [asdict(entry) for entry in entries]})

    def fetch(self, paths: BuildPaths, parts: Sequence[Part]) -> list[Part]:
        """Bring the copies of these parts to what the store holds; returns the parts that it does not hold, whose
        files are left alone. Raises `StaleBuild` for an object that is gone or damaged."""
        indexes = _at_once(lambda part: self._entries(paths, part), parts)
        wanted: list[tuple[Part, Entry]] = []
        for part, entries in zip(parts, indexes, strict=True):
            if entries is None:
                continue
            known = {entry.path for entry in entries}
            for name in part.files(paths.release_dir, paths.build):
                if name not in known:  # Left by an earlier version of the part.
                    (paths.release_dir / name).unlink(missing_ok=True)
            wanted += [(part, entry) for entry in entries if part.holds(entry.path, paths.build)]
        _at_once(lambda pair: self._bring(paths, *pair), wanted)
        return [part for part, entries in zip(parts, indexes, strict=True) if entries is None]

    def ranges(self, paths: BuildPaths, part: Part, path: Path) -> Ranges:
        """Reads byte ranges of one file of a part: of the copy where that is good, else of the object."""
        name = path.relative_to(paths.release_dir).as_posix()
        entry = next((entry for entry in self._entries(paths, part) or () if entry.path == name), None)
        if entry is None:
            raise self.lacking(paths, part)
        if _is_good(path, entry):
            return partial(read_range, path)
        return partial(_read_object, self.address, f"{_group(paths, part)}/{entry.object}")

    def written(self, paths: BuildPaths, folder: str) -> dict[str, float]:
        """Parts of a build whose names begin with `folder`/, and when each was put (seconds since 1970)."""
        release = paths.release_dir
        below = f"{_below(release.parent.name, release.name, paths.build)}/index/{folder}"
        return {PurePosixPath(file.path).stem: file.at.timestamp() for file in self._place.files(below)}

    def remove(self, realm: str, release: str, build: str | None = None) -> None:
        """A build, or a release with all of them, leaves the store: indexes first, so that nothing counts as there
        that is not."""
        files = [file.path for file in self._place.files(_below(realm, release, build))]
        self._place.remove(sorted(files, key=lambda path: "/index/" not in path))

    def size(self, realm: str, release: str, build: str | None = None) -> int:
        """Bytes of a build, or of a release with all of them."""
        return sum(file.bytes for file in self._place.files(_below(realm, release, build)))

    def tidy(self, folder: Path, realm: str) -> None:
        """Copies of what the store gave up leave this machine, a day after they were last written."""
        stored = set(self.folders(realm))
        for release in (folder / realm).glob("[!.]*/"):
            if release.name not in stored:
                _remove_unused(release)
                continue
            builds = set(self.builds(realm, release.name))
            for copies in release.glob("*/[!.]*/"):
                if copies.name not in builds:
                    _remove_unused(copies)

    def lacking(self, paths: BuildPaths, part: Part) -> StaleBuild:
        """The error that says what has to be materialized first."""
        return StaleBuild(
            f"{self._place.name} does not hold {part.name} of release {paths.release_dir.name}, build {paths.build}:"
            f" materialize {part.made_by} of this build first"
        )

    def _put_file(self, paths: BuildPaths, part: Part, name: str) -> Entry:
        try:
            # Open to the end: another run may put another file in its place meanwhile.
            with (paths.release_dir / name).open("rb") as stream:
                sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
                facts = os.fstat(stream.fileno())
                entry = Entry(name, _object(name, paths.build, sha256), facts.st_size, sha256, facts.st_mtime)
                path = f"{_group(paths, part)}/{entry.object}"
                if entry.bytes < ASK_BYTES or self._place.size(path) != entry.bytes:
                    stream.seek(0)
                    self._place.put(path, stream)
                return entry
        except FileNotFoundError as error:
            raise StaleBuild(
                f"{error.filename} was removed while it was put into the store: materialize {part.made_by} again"
            ) from None

    def _bring(self, paths: BuildPaths, part: Part, entry: Entry) -> None:
        target = paths.release_dir / entry.path
        if _is_good(target, entry):
            return
        path = f"{_group(paths, part)}/{entry.object}"
        digest = hashlib.sha256()
        with replacing(target) as temporary:
            try:
                with temporary.open("wb") as file:
                    for piece in self._place.read(path):
                        digest.update(piece)
                        file.write(piece)
            except FileNotFoundError:
                raise self.lacking(paths, part) from None
            if digest.hexdigest() != entry.sha256:
                # Not removed here: what is wrong may be this machine.
                raise StaleBuild(
                    f"{self._place.name}/{path} is damaged: remove it, and materialize {part.made_by} of this build"
                    " again"
                )
            os.utime(temporary, (entry.modified, entry.modified))

    def _entries(self, paths: BuildPaths, part: Part) -> list[Entry] | None:
        value = self._json(_index(paths, part))
        return None if value is None else [Entry(**entry) for entry in value["files"]]

    def _put_json(self, path: str, value: dict[str, Any]) -> None:
        self._place.put(path, json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False).encode())

    def _json(self, path: str) -> dict[str, Any] | None:
        try:
            return json.loads(b"".join(self._place.read(path)))
        except FileNotFoundError:
            return None


def _below(realm: str, release: str, build: str | None) -> str:
    return "/".join(filter(None, (realm, release, build)))


def _group(paths: BuildPaths, part: Part) -> str:
    release = paths.release_dir
    return _below(release.parent.name, release.name, _OF_RELEASE if part.of_release else paths.build)


def _index(paths: BuildPaths, part: Part) -> str:
    return f"{_group(paths, part)}/index/{part.name}.json"


def _object(name: str, build: str, sha256: str) -> str:
    path = PurePosixPath(name.replace(f"/{build}/", "/"))
    return path.with_name(f"{path.stem}.{sha256[:_DIGITS]}{path.suffix}").as_posix()


def _is_good(path: Path, entry: Entry) -> bool:
    try:
        with path.open("rb") as file:
            return os.fstat(file.fileno()).st_size == entry.bytes and (
                hashlib.file_digest(file, "sha256").hexdigest() == entry.sha256
            )
    except FileNotFoundError:
        return False


def _read_object(address: str, path: str, start: int, end: int) -> bytes:
    """Of a module's top level, since it crosses process borders."""
    return open_place(address, SETTING).read_range(path, start, end)


def _remove_unused(folder: Path) -> None:
    if time.time() - max(path.stat().st_mtime for path in (folder, *folder.iterdir())) > UNUSED_SECONDS:
        shutil.rmtree(folder, ignore_errors=True)


def _at_once(function: Callable[[T], R], items: Sequence[T]) -> list[R]:
    """The results in order; the first error ends what has not begun."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            return list(pool.map(function, items))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
