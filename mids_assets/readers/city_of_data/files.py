"""The files of an export where a person has them, each by its path: in a folder (`FolderFiles`).

Nothing is followed that leads elsewhere, and a file that changes while it is read is an error.
Does not belong here: archives (`archive_files`), which of the files belong to an export (`entries`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from mids_assets.errors import FormatError, SourceError, UserError

FILE_LIMIT = 64 * 1024 * 1024
"""Bytes of one file; the largest known one that the game's data has is 0.7 MB, the largest manifest 2 MB."""
FILES_LIMIT = 65_000
"""Files of one export, all kinds together: a full one has 43,233, and a plain ZIP archive can hold 65,535."""
NAME_BYTES = 1024
"""Bytes of a path: the longest known one has 84."""

_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f\\]")


class Files(Protocol):
    """Files by their path, separated by slashes. `sizes` has the bytes of each; `where` is named in errors."""

    where: Path
    sizes: dict[str, int]

    def read(self, name: str) -> bytes:
        """The bytes of one file. Raises `FormatError` or `SourceError` where they cannot be had whole."""
        ...

    def verify(self) -> None:
        """Raise `SourceError` when something changed since this was made."""
        ...


class FolderFiles:
    """The files at and below a folder, down to `depth` folders below it, as they were when this was made."""

    def __init__(self, folder: Path, depth: int) -> None:
        self.where = folder
        self._depth = depth
        self._facts = self._look()
        self.sizes = {name: size for name, (size, _) in self._facts.items()}

    def read(self, name: str) -> bytes:
        refuse_size(self.where, name, self.sizes[name])
        with _readable(self.where / name):
            data = (self.where / name).read_bytes()
        if len(data) != self.sizes[name]:
            raise changed(self.where / name)
        return data

    def verify(self) -> None:
        now, before = self._look(), self._facts
        if now != before:
            raise changed(self.where / min(name for name in {*now, *before} if now.get(name) != before.get(name)))

    def _look(self) -> dict[str, tuple[int, int]]:
        """Size and time of each file."""
        facts: dict[str, tuple[int, int]] = {}
        with _readable(self.where):
            for name, entry in _walk(self.where, "", self._depth):
                found = entry.stat(follow_symlinks=False)
                facts[name] = (found.st_size, found.st_mtime_ns)
                refuse_number(self.where, len(facts))
        return facts


def _walk(folder: Path | str, prefix: str, depth: int) -> Iterator[tuple[str, os.DirEntry[str]]]:
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        name = f"{prefix}{entry.name}"
        if entry.is_symlink():
            raise SourceError(f"{entry.path}: refused, it is a link; put a copy of what it leads to in its place")
        if entry.is_dir():
            if depth and not entry.name.startswith("."):
                yield from _walk(entry.path, f"{name}/", depth - 1)
        elif entry.is_file():
            yield name, entry


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as problem:
        raise changed(Path(problem.filename or path)) from None
    except OSError as problem:
        raise UserError(
            f"{problem.filename or path} cannot be read ({problem.strerror}); make it readable, and import again"
        ) from None


def changed(path: Path) -> SourceError:
    return SourceError(f"{path} was changed while it was being read; import again when the copy is complete")


def refuse_name(where: Path, name: str) -> None:
    """Raise `FormatError` for a path that leads elsewhere or cannot be a name in an archive.

    A point at the end or a colon does no harm, as no file is ever written under such a name; powers have colons.
    """
    problem = None
    parts = name.split("/")
    if not parts[0]:
        problem = "is absolute"
    elif not {"", ".", ".."}.isdisjoint(parts):
        problem = "leads outside of it"
    elif _FORBIDDEN.search(name):
        problem = "holds a control character or a backslash"
    else:
        try:
            if len(name.encode()) > NAME_BYTES:
                problem = f"is longer than {NAME_BYTES:,} bytes"
        except UnicodeEncodeError:
            problem = "is no UTF-8"
    if problem:
        raise FormatError(f"refused, the path {name[:NAME_BYTES]!r} {problem}", file=where)


def refuse_number(where: Path, number: int) -> None:
    """Raise `FormatError` for more files than an export can have."""
    if number > FILES_LIMIT:
        raise FormatError(f"refused, it holds more than {FILES_LIMIT:,} files", file=where)


def refuse_size(where: Path, name: str, size: int) -> None:
    """Raise `FormatError` for a file larger than any of an export can be."""
    if size > FILE_LIMIT:
        raise FormatError(
            f"refused, {name} has {size:,} bytes, and {FILE_LIMIT:,} are possible for a file of an export", file=where
        )
