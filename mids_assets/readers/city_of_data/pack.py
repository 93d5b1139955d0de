"""From the files of an export to the one file that is stored, CityOfData.zip.

Its bytes depend on the kept files alone: entries sorted by name in lower case, not deflated, of one date. So a folder
and an archive of the same files are one release.
Does not belong here: where the files come from (`files`, `archive_files`), reading the result (`export`).
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from mids_assets.errors import FormatError, SourceError, UserError
from mids_assets.readers.city_of_data.entries import FOLDERS, MAIN_FOLDERS, entry_kind
from mids_assets.readers.city_of_data.files import BYTES_LIMIT, FILE_LIMIT, Files, FolderFiles, refuse_name, refuse_size

_DEPTH = 3
"""Folders above a power: powers/CATEGORY/POWERSET."""
_SHOWN = 3
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
    files = FolderFiles(folder, _DEPTH)
    packed = pack_files(files, "", target)
    files.verify()
    return packed


def pack_files(files: Files, root: str, target: Path) -> Packed:
    """Pack the export at `root` ('' or a path with its slash) of some files. Raises as `pack`."""
    places: dict[str, str] = {}
    aside: list[str] = []
    for name in files.sizes:
        if not name.startswith(root):
            continue
        entry = name.removeprefix(root)
        if entry_kind(entry) is None:
            aside.append(entry)
            continue
        if entry.lower() in places:
            other = places[entry.lower()]
            raise FormatError(f"refused, two files have the path {name!r} (case ignored): {other!r}", file=files.where)
        refuse_name(files.where, name)
        refuse_size(files.where, name, files.sizes[name])
        places[entry.lower()] = name
    _require_main(files.where, places)
    if sum(files.sizes[name] for name in places.values()) > BYTES_LIMIT:
        raise FormatError(f"refused, it holds more than {BYTES_LIMIT:,} bytes", file=files.where)
    part = target.with_name(f"{target.name}.part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as out:
            for entry in sorted(places):
                out.writestr(_info(entry), files.read(places[entry]))
        part.replace(target)
    except OSError as problem:
        raise UserError(
            f"{files.where}: cannot be packed into {target.parent}: {problem.strerror}; make room there or set TMPDIR"
        ) from None
    finally:
        part.unlink(missing_ok=True)
    return Packed(sorted(places), list(_left_aside(aside)))


def is_packed(path: Path) -> bool:
    """Whether a file is what `pack` makes, so that its entries can be read as they are. Told by its directory."""
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
        and sum(info.file_size for info in infos) <= path.stat().st_size
    )


def _require_main(where: Path, places: dict[str, str]) -> None:
    there = [folder for folder in FOLDERS if any(entry.startswith(f"{folder}/") for entry in places)]
    if not set(there) & set(MAIN_FOLDERS):
        what = f"holds {', '.join(there)} of a City of Data export" if there else "holds no City of Data export"
        raise SourceError(
            f"{where}: {what}, and neither powers, archetypes nor boost_sets; give the folder in which at least one of"
            " these three lies"
        )


def _left_aside(names: list[str]):
    if names:
        shown = ", ".join(sorted(names)[:_SHOWN])
        more = ", ..." if len(names) > _SHOWN else ""
        verb = "files were" if len(names) > 1 else "file was"
        yield f"{len(names):,} {verb} left aside, as no kind of file of an export has such a name: {shown}{more}."


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _DATE)
    info.create_system = 3
    info.external_attr = 0o644 << 16
    return info
