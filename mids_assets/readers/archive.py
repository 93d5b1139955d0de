"""A plain ZIP archive of a database folder, unpacked with the same care as a patch.

Patches from before April 2022 are such archives. An archive inside of the archive is a file like any other.
Does not belong here: Mids.zip, which is read where it lies (`readers.mids_zip`).
"""

from __future__ import annotations

import errno
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from mids_assets.errors import FormatError, SourceError
from mids_assets.readers.mids_zip import HEADER_ENTRY, MIDS_ZIP_ENTRIES
from mids_assets.readers.packed import FILES_LIMIT, INFLATED_LIMIT, PackedFile, Target
from mids_assets.readers.source_parts import MAIN, STANDARD_NAMES

_BLOCK = 256 * 1024
_SHARED_NAMES = {"archetypes.json", "powersets.json", "powers.json"}
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""bzip2 turns 10 KB into gigabytes, and the source program writes neither it nor LZMA."""


def holds_database(path: Path) -> bool:
    """Whether a ZIP archive is a packed database folder, and not a Mids.zip."""
    with opened(path) as archive:
        names = {info.filename.replace("\\", "/").rsplit("/", 1)[-1].lower() for info in archive.infolist()}
    if names & set(MAIN.values()):
        return True
    exported = {name.lower() for name in (HEADER_ENTRY, *MIDS_ZIP_ENTRIES.values())}
    if exported <= names:
        return False
    # Three files of a DataExporter folder have names of entries of a Mids.zip; they come without the other two.
    return bool(names & (STANDARD_NAMES.keys() - exported)) or names & exported == _SHARED_NAMES


def extract_archive(path: Path, folder: Path, *, limit: int = INFLATED_LIMIT) -> list[PackedFile]:
    """Write the files of an archive beneath the empty `folder`.

    Raises `FormatError` for an entry that must not be trusted or is damaged, `SourceError` where it is no archive.
    """
    target = Target(folder, path)
    with opened(path) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        if len(infos) > FILES_LIMIT:
            raise FormatError(f"refused, it holds {len(infos):,} files, and {FILES_LIMIT:,} are possible", file=path)
        if sum(info.file_size for info in infos) > limit:
            raise FormatError(f"refused, it inflates to more than {limit:,} bytes", file=path)
        for number, info in enumerate(infos):
            _extract_one(archive, info, target, f"file {number}")
    return target.files


def _extract_one(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Target, record: str) -> None:
    # `orig_filename` is the name before Python cuts it at a NUL.
    name = info.orig_filename.replace("\\", "/")
    directory, _, file_name = name.rpartition("/")
    if problem := entry_problem(info):
        raise FormatError(f"refused, the entry {name!r} {problem}", file=target.archive, record=record)
    place = target.place(directory, file_name, record=record)
    try:
        with archive.open(info) as stream:
            target.write(place, directory, file_name, _blocks(stream))
    except (zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError) as error:
        raise FormatError(f"the entry {name!r} is damaged ({error})", file=target.archive, record=record) from None
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        # A place outside of the file, as a damaged directory gives it.
        raise FormatError(f"the entry {name!r} lies outside of it", file=target.archive, record=record) from None


def entry_problem(info: zipfile.ZipInfo) -> str | None:
    """Why an entry is not read, apart from its name inside of the archive; None where nothing is wrong with it."""
    if info.orig_filename.startswith(("/", "\\")):
        return "is absolute"
    if info.flag_bits & 0x1:
        return "is encrypted"
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
        return "is a link or another special file"
    if info.compress_type not in _METHODS:
        return f"is packed by method {info.compress_type}, which the source program does not use"
    return None


def _blocks(stream: IO[bytes]) -> Iterator[bytes]:
    while block := stream.read(_BLOCK):
        yield block


def opened(path: Path) -> zipfile.ZipFile:
    """The archive at `path`. Raises `SourceError` where it is none."""
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError) as error:
        raise SourceError(f"{path}: this is no usable zip archive ({error}); copy or download it again") from None
