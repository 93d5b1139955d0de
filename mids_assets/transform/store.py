"""Where releases and builds lie on disk, and how files get there whole.

    <releases>/<realm>/<release>/source/            the bytes as they came
                                 release.json       manifest of the source
                                 build-<build>.json immutable manifest of a build
                                 corrections-<build>.json    the corrections that are a part of it
                                 raw/<build>/       JSON per entity
                                 chunks/<build>/    Parquet per I12 chunk
                                 frames/<build>/    validated frames
                                 tables/<build>/    logical tables
    <releases>/<realm>/newest.json                  release that `release` saw last
    <releases>/<realm>/plan.json                    build that `i12_chunk_plan` planned last

Every file is written under a temporary name and renamed, so a reader sees it whole or not at all. Where the settings
name an object store, this folder holds copies: `fetch` and `require` bring them, `keep` puts what was written, and all
three do nothing where there is none.
Does not belong here: what is in the files, which files are a part (`transform.parts`), object stores
(`transform.mirror`).
"""

from __future__ import annotations

import errno
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mids_assets.errors import StaleBuild
from mids_assets.settings import Settings
from mids_assets.transform.leftovers import unfinished_name

if TYPE_CHECKING:
    from mids_assets.transform.mirror import Mirror
    from mids_assets.transform.parts import Part

Ranges = Callable[[int, int], bytes]
"""Gives bytes [start, end) of a file; it can be handed to another process."""


@dataclass(frozen=True, slots=True)
class BuildPaths:
    """The folders of one build. They exist only once something was written."""

    release_dir: Path
    build: str
    mirror: Mirror | None = None

    def fetch(self, *parts: Part) -> list[Part]:
        """Bring these parts to this machine; returns those that the object store does not hold."""
        return self.mirror.fetch(self, parts) if self.mirror else []

    def require(self, *parts: Part) -> None:
        """As `fetch`, but raises `StaleBuild` for a part that the object store does not hold."""
        if self.mirror and (lacking := self.mirror.fetch(self, parts)):
            raise self.mirror.lacking(self, lacking[0])

    def keep(self, *parts: Part) -> None:
        """Put parts that were written on this machine into the object store, where there is one."""
        if self.mirror:
            for part in parts:
                self.mirror.put(self, part)

    def ranges(self, part: Part, path: Path) -> Ranges:
        """Reads a file of a part in pieces, without bringing all of it to this machine."""
        if self.mirror:
            return self.mirror.ranges(self, part, path)
        return partial(read_range, existing(path, part.made_by))

    @property
    def manifest(self) -> Path:
        return self.release_dir / f"build-{self.build}.json"

    @property
    def corrections(self) -> Path:
        return self.release_dir / f"corrections-{self.build}.json"

    @property
    def source(self) -> Path:
        return self.release_dir / "source"

    @property
    def raw(self) -> Path:
        return self.release_dir / "raw" / self.build

    @property
    def chunks(self) -> Path:
        return self.release_dir / "chunks" / self.build

    @property
    def frames(self) -> Path:
        return self.release_dir / "frames" / self.build

    @property
    def tables(self) -> Path:
        return self.release_dir / "tables" / self.build


@dataclass(frozen=True, slots=True)
class Store:
    """The stored releases of all realms under one folder."""

    root: Path
    mirror: Mirror | None = None

    def realm_dir(self, realm: str) -> Path:
        return self.root / realm

    def release_dir(self, realm: str, release: str) -> Path:
        return self.root / realm / release

    def build(self, realm: str, release: str, build: str) -> BuildPaths:
        return BuildPaths(self.release_dir(realm, release), build, self.mirror)

    def of_release(self, realm: str, release: str) -> BuildPaths:
        """The release alone, for parts that belong to no build."""
        return self.build(realm, release, "")

    def releases(self, realm: str) -> list[str]:
        """Releases that are stored, in the order of their ids."""
        if self.mirror:
            return self.mirror.releases(realm)
        return sorted(path.parent.name for path in self.realm_dir(realm).glob("[!.]*/release.json"))

    def folders(self, realm: str) -> set[str]:
        """Releases of which anything is there, also what is half written or half removed."""
        if self.mirror:
            return set(self.mirror.folders(realm))
        return {path.name for path in self.realm_dir(realm).glob("[!.]*/")}

    def tidy(self, realm: str) -> None:
        """Copies of what the object store gave up leave this machine."""
        if self.mirror:
            self.mirror.tidy(self.root, realm)

    def builds(self, realm: str, release: str) -> list[str]:
        """Builds of a release of which something is there, in the order of their ids."""
        if self.mirror:
            return self.mirror.builds(realm, release)
        folder = self.release_dir(realm, release)
        planned = {path.stem.removeprefix("build-") for path in folder.glob("build-*.json")}
        return sorted(planned | {path.name for path in folder.glob("tables/[!.]*/")})

    def point(self, realm: str, name: str, value: dict[str, Any]) -> None:
        """Make `newest` or `plan` point at something else."""
        if self.mirror:
            self.mirror.point(realm, name, value)
        else:
            write_json(self.realm_dir(realm) / f"{name}.json", value)

    def pointed(self, realm: str, name: str) -> dict[str, Any] | None:
        if self.mirror:
            return self.mirror.pointed(realm, name)
        path = self.realm_dir(realm) / f"{name}.json"
        return read_json(path) if path.exists() else None


def open_store(settings: Settings) -> Store:
    """The store of releases that the settings name: a folder, or an object store with a folder of copies."""
    if settings.releases_address is None:
        return Store(settings.releases_dir)
    # Loads the client of object stores, which a folder needs not.
    from mids_assets.transform.mirror import Mirror

    return Store(settings.releases_dir, Mirror(settings.releases_address))


def read_range(path: Path, start: int, end: int) -> bytes:
    """Bytes [start, end) of a file."""
    with path.open("rb") as file:
        file.seek(start)
        return file.read(end - start)


def read_json(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text("utf-8"))


def write_json(path: Path, value: Any) -> None:
    """Indented, sorted UTF-8; the same value gives the same bytes."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")


def existing(path: Path, made_by: str) -> Path:
    """`path`, or the one clear error that says which asset has to be materialized first."""
    if not path.exists():
        raise StaleBuild(f"{path} is not there: materialize {made_by} of this build first")
    return path


def link_or_copy(source: Path, target: Path) -> None:
    """`target` with the bytes that `source` has now, and keeps, since files here are replaced and never changed."""
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` that takes its place when the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{unfinished_name(path)}part")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def replacing_dir(path: Path, *, first_wins: bool = False) -> Iterator[Path]:
    """A temporary folder that becomes `path` when the block ends well; an older one there is thrown away.

    Another run may be reading from the older one, or be about to put its own there: `path` is missing for no longer
    than two renames take, and files that are open stay readable. `first_wins`: what is there by then stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=unfinished_name(path), suffix=".part", dir=path.parent))
    temporary.chmod(0o755)
    try:
        yield temporary
        _put(temporary, path, first_wins)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _put(temporary: Path, path: Path, first_wins: bool) -> None:
    old = temporary.with_name(temporary.name.removesuffix(".part") + "-old.part")
    try:
        while True:
            try:
                temporary.rename(path)
                return
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
            if first_wins:
                return
            shutil.rmtree(old, ignore_errors=True)
            with suppress(FileNotFoundError):
                path.rename(old)
    finally:
        shutil.rmtree(old, ignore_errors=True)
