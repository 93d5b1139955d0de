"""A source as a whole: which file plays which part, what is missing, what identifies it.

Files are told by content, then by name, without regard to case. Nothing is parsed here but the header of the main
database and what a file says about its realm.
Does not belong here: reading records (`readers.raw` and the reader of each kind), copying, choosing a release.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from mids_assets.errors import FormatError, SourceError
from mids_assets.readers.detect import Kind, detect
from mids_assets.readers.i12 import read_header
from mids_assets.readers.items import read_sdata
from mids_assets.readers.json_files import stated_manifest
from mids_assets.readers.mids_zip import MidsZip
from mids_assets.readers.source_parts import ACCEPTED, MAIN, OPTIONAL, PARTS, REQUIRED, STANDARD_NAMES
from mids_assets.readers.text_power_names import declared_realm

SAMPLE_FILE = "sample.txt"
SAMPLE_MARK = "Sample"
"""`page_volume_text` of a made-up database."""
KNOWN_REALMS = ("homecoming", "rebirth", "generic")
_MANIFEST_REALMS = {"cityofheroesrebirth": "rebirth", "midsreborn": "homecoming"}


@dataclass(frozen=True, slots=True)
class SourceFile:
    kind: str
    path: Path
    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class SourceHeader:
    """The header of the main database. `main` is i12 or mids_zip, `layout` r3, h7, ... or json."""

    version: str
    date: datetime | None
    issue: int
    page_volume: int
    page_volume_text: str
    main: str
    layout: str


@dataclass(frozen=True, slots=True)
class RealmEvidence:
    """`realm` in lower case, `where` = folder, powers_replacement or manifest_uri, `text` as it stands there."""

    realm: str
    where: str
    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """One release as it lies in a folder. `files` holds, by kind, the files that are read, and no others."""

    path: Path
    files: dict[str, SourceFile]
    header: SourceHeader
    warnings: list[str]
    declared_realms: list[RealmEvidence]
    is_sample: bool
    choice: str | None = None
    """Why this main database, where there were two."""
    content_hash: str = field(init=False, default="")
    """sha256 over (name in lower case, sha256) of all files; what kind a file is taken for does not matter."""

    def __post_init__(self) -> None:
        digest = hashlib.sha256()
        for name, sha256 in sorted((file.name.lower(), file.sha256) for file in self.files.values()):
            digest.update(f"{name}\0{sha256}\n".encode())
        object.__setattr__(self, "content_hash", digest.hexdigest())

    def read(self, kind: str) -> bytes:
        """The bytes of a file, which are those that were hashed. Raises `SourceError` when they changed since."""
        file = self.files[kind]
        data = file.path.read_bytes()
        if hashlib.sha256(data).hexdigest() != file.sha256:
            raise changed(file)
        return data

    def verify(self, kind: str) -> None:
        """Raise `SourceError` when the file no longer has the bytes that were hashed."""
        file = self.files[kind]
        if file_sha256(file.path) != file.sha256:
            raise changed(file)


def changed(file: SourceFile) -> SourceError:
    return SourceError(f"{file.path} was changed while it was being read; import again when the copy is complete")


def file_sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def open_source(path: Path) -> Source:
    """Look at a folder of database files, or at a Mids.zip with the item files beside it.

    Raises `SourceError` naming what is missing or not what its name says, `FormatError` for a main database whose
    header cannot be read.
    """
    if path.is_file():
        folder, forced = path.parent, path
    elif path.is_dir():
        folder, forced = path, None
    else:
        raise SourceError(f"{path}: there is no such folder or file")
    found, warnings = _find(folder, forced)
    choice = _choose_main(found, forced)
    _require(folder, found)
    files = {kind: _fingerprint(kind, place) for kind, place in sorted(found.items())}
    header = _header(files)
    for kind in files:
        # The header was read, and the folder may be written to while we look.
        if files[kind].path.stat().st_size != files[kind].size:
            raise changed(files[kind])
    warnings += [sentence for part in OPTIONAL if (sentence := part.warning(found))]
    sample = header.page_volume_text == SAMPLE_MARK or any(p.name.lower() == SAMPLE_FILE for p in folder.iterdir())
    return Source(path, files, header, warnings, list(_realms(folder, files)), sample, choice)


def _find(folder: Path, forced: Path | None) -> tuple[dict[str, Path], list[str]]:
    """Kind -> path; names decide among several files of one kind, and where a content says nothing."""
    candidates: dict[str, list[Path]] = {}
    warnings: list[str] = []
    for place in sorted(folder.iterdir(), key=lambda p: (p.name.lower(), p.name)):
        name = place.name.lower()
        if not place.is_file() or name.startswith(".") or (forced and name in MAIN.values() and place != forced):
            continue
        expected = STANDARD_NAMES.get(name)
        content = detect(place)
        if place == forced and content not in (Kind.ZIP, Kind.I12):
            raise SourceError(f"{place}: this is neither a Mids.zip nor an I12.mhd; give the folder of the database")
        kind = _kind(place, expected, content, forced, warnings)
        if kind:
            candidates.setdefault(kind, []).append(place)
    found = {}
    for kind, places in candidates.items():
        named = [place for place in places if STANDARD_NAMES.get(place.name.lower()) == kind]
        if len(named) > 1 or (not named and len(places) > 1):
            names = ", ".join(place.name for place in (named or places))
            raise SourceError(f"{folder}: {names} are files of one kind; leave only one of them here")
        found[kind] = (named or places)[0]
        if len(places) > 1:
            others = ", ".join(place.name for place in places if place != found[kind])
            warnings.append(f"{others} was left aside: {found[kind].name} is the file of that kind.")
    return found, warnings


def _kind(place: Path, expected: str | None, content: Kind, forced: Path | None, warnings: list[str]) -> str | None:
    if content == Kind.ZIP:
        return "mids_zip" if place == forced or not MidsZip(place).missing() or expected == "mids_zip" else None
    if content == Kind.LEVELS:
        return expected if expected in ("nlevels", "rlevels", "levels") else None
    if content in ACCEPTED:
        return str(content)
    if expected is None:
        return None
    if content in (Kind.UNKNOWN, Kind.JSON) and expected not in MAIN:
        # Nothing but comments, or damaged: its reader says which.
        return expected
    what = {Kind.EMPTY: "is empty", Kind.HTML: "is a web page, not data (was a download link saved?)"}.get(
        content, f"holds something else ({content})"
    )
    if expected in REQUIRED or expected in MAIN or content == Kind.HTML:
        raise SourceError(f"{place} {what}; copy it again from the database folder")
    warnings.append(f"{place.name} {what} and is treated as absent.")
    return None


def _choose_main(found: dict[str, Path], forced: Path | None) -> str | None:
    if forced is not None:
        return None
    if "i12" in found and "mids_zip" in found:
        archive = found.pop("mids_zip")
        return f"{found['i12'].name} is read and {archive.name} is not: the binary file is the database itself."
    return None


def _require(folder: Path, found: dict[str, Path]) -> None:
    missing = [PARTS[kind] for kind in REQUIRED if kind not in found]
    if not any(kind in found for kind in MAIN):
        inside = [
            place.name
            for place in sorted(folder.iterdir())
            if place.is_dir() and any(inner.name.lower() in MAIN.values() for inner in place.iterdir())
        ]
        if inside:
            raise SourceError(f"{folder}: holds no database itself; give one of its folders: {', '.join(inside)}")
        missing.insert(0, "the main database (I12.mhd or Mids.zip)")
    if missing:
        raise SourceError(
            f"{folder}: missing {', '.join(missing)}. A source is a complete database folder of the program"
            " (Data/NAME): copy these files from there"
        )


def _fingerprint(kind: str, path: Path) -> SourceFile:
    size = path.stat().st_size
    return SourceFile(kind, path, path.name, size, file_sha256(path))


def _header(files: dict[str, SourceFile]) -> SourceHeader:
    if "i12" in files:
        binary = read_header(files["i12"].path)
        parts = (binary.version, binary.date, binary.issue, binary.page_volume, binary.page_volume_text)
        return SourceHeader(*parts, main="i12", layout=binary.layout)
    archive = MidsZip(files["mids_zip"].path)
    if missing := archive.missing():
        raise SourceError(f"{archive.path}: missing in the archive: {', '.join(missing)}; export the database again")
    head = archive.header()
    parts = (head.version, head.date, head.issue, head.page_volume, head.page_volume_text)
    return SourceHeader(*parts, main="mids_zip", layout="json")


def _realms(folder: Path, files: dict[str, SourceFile]) -> Iterator[RealmEvidence]:
    """What the source itself says about its realm; an innermost folder name counts, or one of its two parents."""
    for name in reversed(folder.resolve().parts[-3:]):
        realm = name.lower().split("-", 1)[0]
        if realm in KNOWN_REALMS:
            yield RealmEvidence(realm, "folder", name)
            break
    if "powers_replacement" in files:
        stated = declared_realm(files["powers_replacement"].path.read_bytes())
        if stated:
            yield RealmEvidence(stated.lower(), "powers_replacement", stated)
    uri = _manifest(files)
    for part, realm in _MANIFEST_REALMS.items():
        if part in uri.lower():
            yield RealmEvidence(realm, "manifest_uri", uri)


def _manifest(files: dict[str, SourceFile]) -> str:
    """The stated address of updates; a file that cannot be read is its reader's matter."""
    try:
        if "sdata_json" in files:
            return stated_manifest(files["sdata_json"].path.read_bytes())
        if "sdata" in files:
            return str(read_sdata(files["sdata"].path).head.get("manifest_uri", ""))
    except FormatError:
        pass
    return ""
