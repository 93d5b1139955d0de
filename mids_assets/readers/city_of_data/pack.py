"""From the files of an export to the one file that is stored, CityOfData.zip.

Its bytes depend on the kept files alone: entries sorted by name in lower case, not deflated, of one date. So a folder
and an archive of the same files are one release.
Does not belong here: where the files come from (`files`, `archive_files`), reading the result (`export`).
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mids_assets.errors import FormatError, SourceError, UserError
from mids_assets.readers.city_of_data.entries import FOLDERS, MAIN_FOLDERS, EntryKind, entry_kind
from mids_assets.readers.city_of_data.export import ENTRY_HEADER
from mids_assets.readers.city_of_data.files import FILE_LIMIT, Files, FolderFiles, refuse_name, refuse_size
from mids_assets.readers.city_of_data.manifests import manifest_warnings, some
from mids_assets.readers.packed import INFLATED_LIMIT

_DEPTH = 3
"""Folders above a power: powers/CATEGORY/POWERSET."""
_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Packed:
    """What was packed: `entries` in their order, `warnings` for the person who named it."""

    entries: list[str]
    warnings: list[str] = field(default_factory=list)


def pack(folder: Path, target: Path) -> Packed:
    """Pack the export that lies in `folder` itself into `target`, which appears only when it is complete.

    Raises `SourceError` where it is no export or changes meanwhile, `FormatError` for what cannot be trusted.
    """
    return pack_files(FolderFiles(folder, _DEPTH), "", target)


def pack_files(files: Files, root: str, target: Path) -> Packed:
    """Pack the export at `root` ('' or a path with its slash) among some files. Raises as `pack`."""
    inside = {name.removeprefix(root): name for name in files.sizes if name.startswith(root)}
    places: dict[str, str] = {}
    for entry, name in inside.items():
        refuse_name(files.where, name)
        if entry_kind(entry) is None:
            continue
        if entry.lower() in places:
            other = places[entry.lower()]
            raise FormatError(f"refused, two files have the path {name!r} (case ignored): {other!r}", file=files.where)
        refuse_size(files.where, name, files.sizes[name])
        places[entry.lower()] = name
    _require_main(files.where, places)
    if sum(files.sizes[name] for name in places.values()) > INFLATED_LIMIT:
        raise FormatError(f"refused, it holds more than {INFLATED_LIMIT:,} bytes", file=files.where)
    part = target.with_name(f"{target.name}.part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as out:
            for entry in sorted(places):
                out.writestr(_info(entry), files.read(places[entry]))
        files.verify()
        part.replace(target)
    except OSError as problem:
        raise UserError(
            f"{files.where}: cannot be packed into {target.parent}: {problem.strerror}; make room there or set TMPDIR"
        ) from None
    finally:
        part.unlink(missing_ok=True)
    manifests = [(entry, files.read(name)) for entry, name in places.items() if entry_kind(entry) is EntryKind.MANIFEST]
    sizes = {entry.lower(): files.sizes[name] for entry, name in inside.items()}
    left = [entry for entry in inside if entry.lower() not in places]
    return Packed(sorted(places), [*_left_aside(left), *manifest_warnings(manifests, sizes)])


def is_packed(path: Path) -> bool:
    """Whether a file is what `pack` makes, so that its entries can be read as they are: told by its directory, by
    which they lie one behind the other."""
    try:
        with zipfile.ZipFile(path) as packed:
            infos = packed.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
    names = [info.filename for info in infos]
    return (
        names == sorted({name.lower() for name in names})
        and all(entry_kind(name) for name in names)
        and all(info.file_size == info.compress_size <= FILE_LIMIT for info in infos)
        and all((info.compress_type, info.date_time) == (zipfile.ZIP_STORED, _DATE) for info in infos)
        and all(info.header_offset == start for info, start in zip(infos, _starts(infos), strict=True))
    )


def _starts(infos: list[zipfile.ZipInfo]) -> Iterator[int]:
    at = 0
    for info in infos:
        yield at
        at += ENTRY_HEADER + len(info.filename.encode()) + info.file_size


def _require_main(where: Path, places: dict[str, str]) -> None:
    there = [folder for folder in FOLDERS if any(entry.startswith(f"{folder}/") for entry in places)]
    if not set(there) & set(MAIN_FOLDERS):
        what = f"holds {', '.join(there)} of a City of Data export" if there else "holds no City of Data export"
        raise SourceError(
            f"{where}: {what}, and neither powers, archetypes nor boost_sets; give the folder in which at least one of"
            " these three lies"
        )


def _left_aside(entries: list[str]) -> Iterator[str]:
    # Names that begin with a point are those of other programs, and nobody misses what they hold.
    names = sorted(entry for entry in entries if not any(part.startswith(".") for part in entry.split("/")))
    if names:
        verb = "files were" if len(names) > 1 else "file was"
        yield f"{len(names):,} {verb} left aside, as no kind of file of an export has such a name: {some(names)}."


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _DATE)
    info.create_system = 3
    info.external_attr = 0o644 << 16
    return info
