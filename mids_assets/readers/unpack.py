"""From what a person names to the one database folder that is read: archives are unpacked, a Data folder is searched.

`opened_source` is what callers use; the unpacked files live as long as its block. Whoever needs them longer copies
them, as the store does.
Does not belong here: the containers (`readers.patch`, `readers.archive`), what a folder holds (`readers.source`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from mids_assets.errors import FormatError, SourceError, UserError
from mids_assets.readers.archive import extract_archive, holds_database
from mids_assets.readers.city_of_data.export import FILE_NAME
from mids_assets.readers.city_of_data.find import export_realm, is_export, packed_in
from mids_assets.readers.city_of_data.opening import holds_export, packed_folder, unpacked_exports
from mids_assets.readers.city_of_data.revision import REALM_SUFFIX, is_of_exports
from mids_assets.readers.detect import Kind, detect
from mids_assets.readers.mids_zip import MIDS_ZIP_ENTRIES, MidsZip
from mids_assets.readers.packed import INFLATED_LIMIT
from mids_assets.readers.patch import extract_patch
from mids_assets.readers.patch_hash import verify_hashes
from mids_assets.readers.source import Source, open_source
from mids_assets.readers.source_parts import DEPTH, FORMS, MAIN, PARTS
from mids_assets.readers.source_realm import KNOWN_REALMS


@dataclass(frozen=True, slots=True)
class Unpacked:
    """`path` is looked through for databases. `origin` is what the person named, `warnings` is for them."""

    path: Path
    origin: Path
    warnings: list[str]

    def shown(self, path: Path) -> Path:
        """A place among the unpacked files as a place in the archive."""
        return self.origin / path.relative_to(self.path) if path.is_relative_to(self.path) else path


@contextmanager
def opened_source(path: Path, realm: str | None = None, *, limit: int = INFLATED_LIMIT) -> Iterator[Source]:
    """The source at `path`: a database folder, Mids.zip, patch or archive, a City of Data export, or something that
    holds several of these.

    Among several, `realm` picks by the name of the folder, or by what an export states. After the block, of an archive
    or an export only the facts remain, not the files. Raises `SourceError` where no database, or more than one, is
    meant; else as `open_source`.
    """
    with unpacked(path, limit=limit) as found, _opened(_pick(found, realm), realm) as source:
        yield replace(source, path=found.shown(source.path), warnings=[*found.warnings, *source.warnings])


@contextmanager
def _opened(place: Path, realm: str | None) -> Iterator[Source]:
    """Of a folder that holds both, the database is read, unless the realm is one of exports."""
    if not is_export(place) or (_is_database(place) and not is_of_exports(realm)):
        yield open_source(place)
        return
    with packed_folder(place) as (folder, warnings):
        source = open_source(folder)
        yield replace(source, path=place, warnings=[*warnings, *source.warnings])


@contextmanager
def unpacked(path: Path, *, limit: int = INFLATED_LIMIT) -> Iterator[Unpacked]:
    """`path` itself, or for a patch or an archive a folder with its files, which is removed after the block.

    Errors inside the block name the archive instead of that folder.
    """
    kind = detect(path) if path.is_file() else None
    is_patch = kind is Kind.PATCH or (path.suffix.lower() == ".mru" and kind is not Kind.ZIP)
    if kind in (Kind.HTML, Kind.EMPTY) and is_patch:
        what = "is empty" if kind is Kind.EMPTY else "is a web page, not data (was a download link saved?)"
        raise SourceError(f"{path} {what}; download it again")
    if kind is Kind.TAR or (kind is Kind.ZIP and not is_patch and holds_export(path)):
        with unpacked_exports(path, is_zip=kind is Kind.ZIP, limit=limit) as (folder, warnings), _naming(folder, path):
            yield Unpacked(folder, path, warnings)
        return
    if (
        kind is Kind.ZIP
        and not is_patch
        and not holds_database(path)
        and len(MidsZip(path).missing()) > len(MIDS_ZIP_ENTRIES)
    ):
        raise SourceError(
            f"{path}: this archive holds neither a database folder nor an export of one; an archive inside of it has to"
            " be unpacked first"
        )
    if kind is None or not (is_patch or (kind is Kind.ZIP and holds_database(path))):
        yield Unpacked(path, path, [])
        return
    with tempfile.TemporaryDirectory(prefix="mids-", ignore_cleanup_errors=True) as name:
        # Two levels that name no realm: `readers.source` looks at the two parents of a database folder.
        folder = Path(name).resolve() / "unpacked" / "archive"
        warnings = []
        try:
            folder.mkdir(parents=True)
            files = (extract_patch if is_patch else extract_archive)(path, folder, limit=limit)
        except OSError as problem:
            raise UserError(
                f"{path}: cannot be unpacked into {name}: {problem.strerror}; make room there or set TMPDIR"
            ) from None
        if is_patch and (warning := verify_hashes(path, files)):
            warnings.append(warning)
        with _naming(folder, path):
            yield Unpacked(folder, path, warnings)


@contextmanager
def _naming(folder: Path, archive: Path) -> Iterator[None]:
    try:
        yield
    except FormatError as error:
        file = None if error.file is None else error.file.replace(str(folder), str(archive))
        raise FormatError(
            error.message, file=file, offset=error.offset, record=error.record, field=error.field
        ) from error
    except SourceError as error:
        raise SourceError(str(error).replace(str(folder), str(archive))) from error


def database_folders(root: Path) -> list[Path]:
    """The databases and exports at or below a folder, told by a main file of the usual name or what their files hold;
    just `root` where it is one itself, lacks nothing but its main file, or is a file."""
    if not root.is_dir() or _is_database(root, by_content=True) or _holds_export(root):
        return [root]
    return list(_below(root, DEPTH))


def folder_realms(folder: Path) -> list[str]:
    """The realms that a folder stands for: Homecoming and Homecoming-2025 are homecoming, and an export is that of
    its revision, or else of a known name."""
    named = folder.name.lower().split("-", 1)[0]
    realms = [named] if _is_database(folder) else []
    if _holds_export(folder):
        stated = export_realm(folder) or (f"{named}{REALM_SUFFIX}" if named in KNOWN_REALMS else None)
        realms += [stated] if stated else []
    return realms


def _below(folder: Path, depth: int) -> Iterator[Path]:
    try:
        inner = sorted((place for place in folder.iterdir() if place.is_dir()), key=lambda p: (p.name.lower(), p.name))
    except PermissionError:
        return
    for place in inner:
        if place.name.startswith("."):
            continue
        if _is_database(place) or _holds_export(place):
            yield place
        elif depth > 1:
            yield from _below(place, depth - 1)


def _holds_export(folder: Path) -> bool:
    return packed_in(folder) is not None or is_export(folder)


def _is_database(folder: Path, *, by_content: bool = False) -> bool:
    try:
        files = [place for place in folder.iterdir() if place.is_file()]
    except (PermissionError, FileNotFoundError, NotADirectoryError):
        return False  # `open_source` says what is wrong with what was given.
    names = {place.name.lower(): place for place in files}
    if not names.keys().isdisjoint(set(MAIN.values()) - {FILE_NAME.lower()}):
        return True
    # A name that an unpacked Mids.zip has, too.
    powers = names.get(PARTS["exporter_powers"])
    if powers is not None and detect(powers) is Kind.EXPORTER_POWERS:
        return True
    if not by_content:
        return False
    if names.keys() >= {PARTS[kind].lower() for kind in FORMS[0].required}:
        # What lies in a folder inside must not be taken for the main file that is missing here.
        return True
    return any(detect(place) in (Kind.I12, Kind.EXPORTER_I12, Kind.I12_TEXT) for place in files)


def _pick(found: Unpacked, realm: str | None) -> Path:
    folders = database_folders(found.path)
    if len(folders) == 1:
        return folders[0]
    if realm:
        folders = [folder for folder in folders if _fits(folder, realm)] or folders
    named = [folder for folder in folders if realm in folder_realms(folder)]
    exact = [folder for folder in named if folder.name.lower() == realm]
    chosen = exact or named or folders
    if len(chosen) == 1:
        return chosen[0]
    if not folders:
        return found.path  # `open_source` says what is missing.
    names = ", ".join(str(folder.relative_to(found.path)) for folder in chosen)
    what = f"several databases, and which is realm {realm!r} is not told by a name" if realm else "several databases"
    raise SourceError(
        f"{found.origin}: holds {what} ({names}); unpack it where it is an archive, and give one of these folders"
    )


def _fits(folder: Path, realm: str) -> bool:
    return _holds_export(folder) if is_of_exports(realm) else _is_database(folder)
