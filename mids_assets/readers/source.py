"""A source as a whole: which file plays which part, what is missing, what identifies it.

Files are told by content, then by name, without regard to case. Nothing is parsed here but the header of the main
database and what a file says about its realm.
Does not belong here: reading records (`readers.raw` and the reader of each kind), copying, choosing a release.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from mids_assets.errors import SourceError
from mids_assets.readers.city_of_data.export import Export
from mids_assets.readers.city_of_data.pack import is_packed
from mids_assets.readers.city_of_data.revision import revision_date
from mids_assets.readers.detect import Kind, detect
from mids_assets.readers.i12 import read_header
from mids_assets.readers.mids_zip import MidsZip
from mids_assets.readers.source_parts import ACCEPTED, FORMS, MAIN, PARTS, STANDARD_NAMES, Form
from mids_assets.readers.source_realm import RealmEvidence, realm_evidence

SAMPLE_FILE = "sample.txt"
SAMPLE_MARK = "Sample"
"""`page_volume_text` of a made-up database."""
UNVERSIONED = "unversioned"
"""The version of a database that states none."""
_MAINS = tuple(kind for form in FORMS for kind in form.main)
_DAMAGE_IS_FATAL = {kind for form in FORMS[:2] for kind in (*form.main, *form.required)}


@dataclass(frozen=True, slots=True)
class SourceFile:
    kind: str
    path: Path
    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class SourceHeader:
    """The header of the main database. `main` is its form (a name in `source_parts.FORMS`), `layout` r3, h7, ..., json
    or text.

    A DataExporter folder states none of it: its version is `UNVERSIONED`, the rest is None. A City of Data export has
    a version, its revision, and the date in it.
    """

    version: str
    date: datetime | None
    issue: int | None
    page_volume: int | None
    page_volume_text: str | None
    main: str
    layout: str


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
    """Why this main database, where there were several."""
    is_ours: bool = False
    """Whether the files are the store's own copies, which nobody changes: links to them are as good as copies."""
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


def open_source(path: Path, known: Mapping[str, str] | None = None) -> Source:
    """Look at a folder of database files, or at one of its main files with the other files beside it.

    `known` are hashes (sha256) by file name that the caller has just taken of these very bytes. Raises `SourceError`
    naming what is missing or not what its name says, `FormatError` for a main database whose header cannot be read.
    """
    if path.is_file():
        folder, forced = path.parent, path
    elif path.is_dir():
        folder, forced = path, None
    else:
        raise SourceError(f"{path}: there is no such folder or file")
    found, warnings = _find(folder, forced)
    form, choice = _choose_form(found, forced, warnings)
    _require(folder, found, form, warnings)
    files = {kind: _fingerprint(kind, place, known or {}) for kind, place in sorted(found.items())}
    header = _header(files)
    for kind in files:
        # The header was read, and the folder may be written to while we look.
        if files[kind].path.stat().st_size != files[kind].size:
            raise changed(files[kind])
    warnings += [sentence for part in form.optional if (sentence := part.warning(found))]
    sample = header.page_volume_text == SAMPLE_MARK or any(p.name.lower() == SAMPLE_FILE for p in folder.iterdir())
    return Source(path, files, header, warnings, list(realm_evidence(folder, files, header.version)), sample, choice)


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
        if place == forced and content != Kind.ZIP and content not in _MAINS:
            raise SourceError(
                f"{place}: this is neither a Mids.zip nor an I12.mhd or I12_powers.json; give the database's folder"
            )
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
        if expected == "city_of_data":
            return expected
        return "mids_zip" if place == forced or not MidsZip(place).missing() or expected == "mids_zip" else None
    if content == Kind.LEVELS:
        return expected if expected in ("nlevels", "rlevels", "levels") else None
    if content in ACCEPTED:
        return str(content)
    if expected is None or content == Kind.MIDS_JSON:
        return None
    if content in (Kind.UNKNOWN, Kind.JSON) and expected not in ("i12", "mids_zip"):
        # Nothing but comments, or damaged: its reader says which.
        return expected
    what = {Kind.EMPTY: "is empty", Kind.HTML: "is a web page, not data (was a download link saved?)"}.get(
        content, f"holds something else ({content})"
    )
    if expected in _DAMAGE_IS_FATAL or content == Kind.HTML:
        raise SourceError(f"{place} {what}; copy it again from the database folder")
    warnings.append(f"{place.name} {what} and is treated as absent.")
    return None


def _choose_form(found: dict[str, Path], forced: Path | None, warnings: list[str]) -> tuple[Form, str | None]:
    """Leave in `found` what is read of the best form that is there, and say why that one."""
    mains = [kind for kind in _MAINS if kind in found and (forced is None or found[kind] == forced)]
    if mains:
        form = next(form for form in FORMS if mains[0] in form.main)
    else:
        # The one of which most is there, so that the error names what is missing of it.
        form = max(FORMS, key=lambda form: sum(kind in found for kind in form.required))
    left = [kind for kind in found if kind not in form.kinds or (kind in _MAINS and kind not in mains[:1])]
    places = {kind: found.pop(kind) for kind in left}
    choice = None
    if forced is None and len(mains) > 1:
        others = ", ".join(places[kind].name for kind in mains[1:])
        verb = "are" if len(mains) > 2 else "is"
        choice = f"{found[mains[0]].name} is read and {others} {verb} not: {form.reason}."
    if mains and (rest := sorted(place.name for kind, place in places.items() if kind not in _MAINS)):
        warnings.append(f"Left aside, as they belong to another form of the database: {', '.join(rest)}.")
    return form, choice


def _require(folder: Path, found: dict[str, Path], form: Form, warnings: list[str]) -> None:
    missing = [PARTS[kind] for kind in form.required if kind not in found]
    if not any(kind in found for kind in form.main):
        inside = [
            place.name
            for place in sorted(folder.iterdir())
            if place.is_dir() and any(inner.name.lower() in MAIN.values() for inner in place.iterdir())
        ]
        if inside and missing:
            raise SourceError(f"{folder}: holds no database itself; give one of its folders: {', '.join(inside)}")
        missing.insert(0, "the main database (I12.mhd, Mids.zip, or I12_powers.json of a DataExporter folder)")
    if missing:
        reasons = [warning.removesuffix(".") for warning in warnings if "treated as absent" in warning]
        reasons += _mistaken(folder, {*form.main, *form.required} - found.keys())
        because = "".join(f" ({reason})" for reason in reasons)
        raise SourceError(
            f"{folder}: missing {', '.join(missing)}{because}. A source is a complete database folder of the program"
            " (Data/NAME), or of the DataExporter: copy these files from there. A City of Data export is one, too"
        )


def _mistaken(folder: Path, kinds: set[str]) -> Iterator[str]:
    """What files hold that have the names of these kinds, where it is the content of another file."""
    for place in sorted(folder.iterdir()):
        if place.is_file() and STANDARD_NAMES.get(place.name.lower()) in kinds:
            content = detect(place)
            if content in ACCEPTED:
                yield f"{place.name} holds {content}, the content of a {PARTS[content]}"


def _fingerprint(kind: str, path: Path, known: Mapping[str, str]) -> SourceFile:
    size = path.stat().st_size
    return SourceFile(kind, path, path.name, size, known.get(path.name) or file_sha256(path))


def _header(files: dict[str, SourceFile]) -> SourceHeader:
    if "i12" in files:
        binary = read_header(files["i12"].path)
        parts = (binary.version, binary.date, binary.issue, binary.page_volume, binary.page_volume_text)
        return SourceHeader(*parts, main="i12", layout=binary.layout)
    if "city_of_data" in files:
        return _export_header(files["city_of_data"].path)
    if "mids_zip" not in files:
        layout = "text" if "i12_text" in files else "json"
        return SourceHeader(UNVERSIONED, None, None, None, None, main="data_exporter", layout=layout)
    archive = MidsZip(files["mids_zip"].path)
    if missing := archive.missing():
        raise SourceError(f"{archive.path}: missing in the archive: {', '.join(missing)}; export the database again")
    head = archive.header()
    parts = (head.version, head.date, head.issue, head.page_volume, head.page_volume_text)
    return SourceHeader(*parts, main="mids_zip", layout="json")


def _export_header(path: Path) -> SourceHeader:
    if not is_packed(path):
        raise SourceError(f"{path}: was not packed by this program; give the file itself, or the export's folder")
    with Export(path) as export:
        revision = export.revision
    header = (revision or UNVERSIONED, revision_date(revision), None, None, None)
    return SourceHeader(*header, main="city_of_data", layout="json")
