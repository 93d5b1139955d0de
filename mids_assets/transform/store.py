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

Every file is written under a temporary name and renamed, so a reader sees it whole or not at all.
Does not belong here: what is in the files.
"""

from __future__ import annotations

import errno
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mids_assets.errors import StaleBuild
from mids_assets.transform.leftovers import unfinished_name


@dataclass(frozen=True, slots=True)
class BuildPaths:
    """The folders of one build. They exist only once something was written."""

    release_dir: Path
    build: str

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

    def realm_dir(self, realm: str) -> Path:
        return self.root / realm

    def release_dir(self, realm: str, release: str) -> Path:
        return self.root / realm / release

    def build(self, realm: str, release: str, build: str) -> BuildPaths:
        return BuildPaths(self.release_dir(realm, release), build)

    def point(self, realm: str, name: str, value: dict[str, Any]) -> None:
        """Make `newest` or `plan` point at something else."""
        write_json(self.realm_dir(realm) / f"{name}.json", value)

    def pointed(self, realm: str, name: str) -> dict[str, Any] | None:
        path = self.realm_dir(realm) / f"{name}.json"
        return read_json(path) if path.exists() else None


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
