"""Release ids, build ids and the manifests that pin them down.

A *release* is the content of the source files of a realm. A *build* is a release as one version of our code makes
it: readers, transform and model, the corrections that hold for it, and the settings that change what is written.
"Nothing to do" holds for a build; the same release under another build is published again and called a rebuild.
Does not belong here: where manifests lie (`transform.store`), how sources are read (`readers`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import mids_assets
from mids_assets.errors import StaleBuild
from mids_assets.readers.shapes import CITY_OF_DATA
from mids_assets.transform.parts import MANIFEST
from mids_assets.transform.store import BuildPaths, Store, existing, read_json, write_json

ID_DIGITS = 16
_CODE = ("readers", "transform", "model")
_COMPARING = ("transform/diff", "transform/crosscheck")
"""What compares builds makes no rows."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """One byte range [start, end) of raw/i12.json that begins at a record; `first` is its first record's position."""

    key: str
    start: int
    end: int
    first: int
    records: int


@dataclass(frozen=True, slots=True)
class BuildManifest:
    """Everything that the steps after the plan need to know; written once, never changed."""

    realm: str
    release: str
    build: str
    i12_shape: str
    i12_sha256: str
    chunks: tuple[Chunk, ...]
    raw: dict[str, dict[str, Any]]
    """Raw file name -> {shape, records, bytes, source_file}."""

    @property
    def whole(self) -> bool:
        return is_whole(self.i12_shape)

    def chunk(self, key: str) -> Chunk | None:
        return next((chunk for chunk in self.chunks if chunk.key == key), None)


def is_whole(i12_shape: str) -> bool:
    """Whether a release whose powers have this shape is a whole database.

    What is given away of the game's own data is a part of it, and names powers and classes that are not in there.
    """
    return i12_shape != CITY_OF_DATA.name


def release_id(realm: str, content_hash: str) -> str:
    """Identity of a release: realm and content of its files."""
    return _digest(["release", realm, content_hash])


def build_id(release: str, *, chunk_bytes: int, corrections: str = "") -> str:
    """Identity of a build; see the module's docstring for what goes in. `corrections`: their hash, "" for none."""
    return _digest(["build", release, code_fingerprint(), chunk_bytes, *filter(None, [corrections])])


@cache
def code_fingerprint() -> str:
    """Hash over the source of the layers that decide what the rows are.

    Over the text of the modules, not a number kept by hand: a forgotten increment would leave wrong rows published.
    """
    return _fingerprint(_CODE, but=_COMPARING)


@cache
def comparing_fingerprint() -> str:
    """The same of the modules that decide what two builds differ in."""
    return _fingerprint(_COMPARING)


def chunk_key(file_sha256: str, start: int, end: int) -> str:
    """Partition key: head of the file's hash and zero-padded byte offsets, so that text order is file order."""
    return f"{file_sha256[:8]}.{start:012d}-{end:012d}"


def write_manifest(paths: BuildPaths, manifest: BuildManifest) -> None:
    """Keep the manifest. Raises `StaleBuild` where another one of that build exists."""
    value = json.loads(json.dumps(asdict(manifest)))
    paths.fetch(MANIFEST)
    if paths.manifest.exists() and read_json(paths.manifest) != value:
        raise StaleBuild(
            f"{paths.manifest} describes other chunks than the ones planned now; remove that file and import again"
        )
    write_json(paths.manifest, value)
    paths.keep(MANIFEST)


def read_manifest(store: Store, realm: str, release: str, build: str) -> tuple[BuildPaths, BuildManifest]:
    paths = store.build(realm, release, build)
    paths.require(MANIFEST)
    value = read_json(existing(paths.manifest, f"{realm}/i12_chunk_plan"))
    value["chunks"] = tuple(Chunk(**chunk) for chunk in value["chunks"])
    return paths, BuildManifest(**value)


def _fingerprint(packages: Iterable[str], but: Iterable[str] = ()) -> str:
    root = Path(mids_assets.__file__).parent
    digest = hashlib.sha256()
    for package in packages:
        for path in sorted((root / package).rglob("*.py")):
            if not any(path.is_relative_to(root / other) for other in but):
                digest.update(path.relative_to(root).as_posix().encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:ID_DIGITS]


def _digest(parts: list[Any]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:ID_DIGITS]
