"""A file of which only a window is in memory: from the record that is being read onwards.

Every byte is read once and in order, so what a digest saw is what was parsed. Not mapped into memory: a mapped file
that shrinks kills the process, and its pages count as memory of the process.
Does not belong here: what the bytes mean.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol, overload

from mids_assets.errors import SourceError

BLOCK = 1024 * 1024
"""Bytes that are read at a time; the largest record of a real file has 400 KB."""

Source = bytes | memoryview | Path
"""What a binary file may be given as: its bytes, or where it lies."""


class Digest(Protocol):
    """What `hashlib` gives."""

    def update(self, data: bytes, /) -> None: ...


class Window:
    """`data` holds the bytes from `start` on; indexes and slices count from the beginning of the file.

    A slice beyond the window loads what it needs; bytes before `start` are gone. `digest` is fed with every byte.
    """

    def __init__(self, source: Source, digest: Digest | None = None, block: int = BLOCK) -> None:
        self.start = 0
        self._digest = digest
        self._block = block
        self._path = source if isinstance(source, Path) else None
        if isinstance(source, Path):
            self._file = source.open("rb", buffering=0)
            self._stat = os.fstat(self._file.fileno())
            self.size = self._stat.st_size
            self.data = b""
            self.data = self._next(block)
        else:
            self._file = None
            self.data = bytes(source)
            self.size = len(self.data)
            if digest is not None:
                digest.update(self.data)

    def __enter__(self) -> Window:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def __len__(self) -> int:
        return self.size

    @overload
    def __getitem__(self, at: int) -> int: ...
    @overload
    def __getitem__(self, at: slice) -> bytes: ...
    def __getitem__(self, at: int | slice) -> int | bytes:
        if isinstance(at, int):
            self._reach(at + 1)
            return self.data[at - self.start]
        self._reach(min(at.stop, self.size))
        return self.data[at.start - self.start : at.stop - self.start]

    @property
    def end(self) -> int:
        """The offset behind the last byte that is loaded."""
        return self.start + len(self.data)

    def forward(self, pos: int) -> None:
        """Let go of everything before `pos`, and have a block from there on, or all that is left."""
        if pos > self.end and self._file is not None:
            if self._digest is not None:
                raise ValueError("bytes that are skipped are not hashed")
            self._file.seek(pos)
            self.data = b""
        else:
            self.data = self.data[pos - self.start :]
        self.start = pos
        self._reach(min(pos + self._block, self.size))

    def finish(self) -> None:
        """Raise `SourceError` if the file was written to since it was opened."""
        if self._file is not None:
            now = os.fstat(self._file.fileno())
            if (now.st_size, now.st_mtime_ns) != (self._stat.st_size, self._stat.st_mtime_ns):
                raise self._changed()

    def _reach(self, end: int) -> None:
        missing = end - self.end
        if missing > 0:
            self.data += self._next(max(missing, self._block))

    def _next(self, size: int) -> bytes:
        if self._file is None:
            raise IndexError("beyond the end")
        pieces = []
        left = min(size, self.size - self.end)
        while left > 0:
            piece = self._file.read(left)
            if not piece:
                raise self._changed()
            left -= len(piece)
            pieces.append(piece)
            if self._digest is not None:
                self._digest.update(piece)
        return b"".join(pieces)

    def _changed(self) -> SourceError:
        return SourceError(f"{self._path} was changed while it was being read; import again when it is complete")
