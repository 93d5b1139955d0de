"""Files that come out of an archive: which names may be written, how much, and where.

A name that an archive chose is written only after it passed `Target.place`, and nothing is ever written twice.
Does not belong here: the containers themselves (`readers.patch`, `readers.archive`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mids_assets.errors import FormatError

INFLATED_LIMIT = 2 * 1024**3
"""Bytes that one archive may inflate to: ten times the largest known database folder."""
FILES_LIMIT = 20_000
_NAME_BYTES = 255
_PATH_BYTES = 1024
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f:*?"<>|]')


@dataclass(frozen=True, slots=True)
class PackedFile:
    """A file as it was written: directory and name as the archive spells them, the hash of its bytes."""

    directory: str
    file_name: str
    sha256: str


class Target:
    """The empty folder that an archive is unpacked into. `archive` is named in errors."""

    def __init__(self, folder: Path, archive: Path) -> None:
        self.folder = folder
        self.archive = archive
        self.files: list[PackedFile] = []
        self._taken: set[str] = set()
        self._directories: dict[str, str] = {}

    def place(self, directory: str, file_name: str, **where) -> Path:
        """Where a file may be written, its folder made. Raises `FormatError` (at `where`) for a name that must not be
        trusted, or that another file has already, case ignored."""
        parts = [*_split(directory), file_name]
        for part in parts:
            if problem := _problem(part):
                raise self._refused(f"refused, {problem}: {directory!r}, {file_name!r}", where)
        if len("/".join(parts).encode()) > _PATH_BYTES:
            raise self._refused(f"refused, the path is longer than {_PATH_BYTES} bytes", where)
        shown = "/".join(parts)
        folded = shown.casefold()
        if folded in self._taken or folded in self._directories:
            raise self._refused(f"refused, two files have the path {shown!r} (case ignored)", where)
        if len(self._taken) >= FILES_LIMIT:
            raise self._refused(f"refused, it holds more than {FILES_LIMIT:,} files", where)
        folder = self.folder / self._spelling(parts[:-1], where)
        self._taken.add(folded)
        folder.mkdir(parents=True, exist_ok=True)
        return folder / file_name

    def write(self, place: Path, directory: str, file_name: str, blocks: Iterable[bytes]) -> None:
        digest = hashlib.sha256()
        with place.open("xb") as out:
            for block in blocks:
                digest.update(block)
                out.write(block)
        self.files.append(PackedFile(directory, file_name, digest.hexdigest()))

    def _spelling(self, parts: list[str], where: dict) -> str:
        """The folder under the spelling in which it came first: to Windows, Images and images are one."""
        spelled = ""
        for part in parts:
            path = f"{spelled}/{part}" if spelled else part
            if path.casefold() in self._taken:
                raise self._refused(f"refused, {path!r} is a file and a folder", where)
            spelled = self._directories.setdefault(path.casefold(), path)
        return spelled

    def _refused(self, message: str, where: dict) -> FormatError:
        return FormatError(message, file=self.archive, **where)


def _split(directory: str) -> list[str]:
    return directory.replace("\\", "/").split("/") if directory else []


def _problem(part: str) -> str | None:
    if part in ("", ".", ".."):
        return "the path leads outside of the archive" if part else "the path is absolute or a part of it is empty"
    if "/" in part or "\\" in part:
        return "the file name holds a separator"
    if found := _FORBIDDEN.search(part):
        return f"the path holds {found.group()!r}"
    if part.endswith((" ", ".")):
        return "a part of the path ends with a blank or a point"
    if len(part.encode("utf-8", "surrogatepass")) > _NAME_BYTES:
        return f"a part of the path is longer than {_NAME_BYTES} bytes"
    return None
