"""The bytes of a tar, plain or packed by gzip or xz, as a stream that is read once and within bounds.

What a hostile archive states about itself is never believed: bytes are counted as they come, the memory of xz is
bounded, and the reader of the tar gets no more at a time than it was allowed.
Does not belong here: what the bytes mean (`archive_files`).
"""

from __future__ import annotations

import gzip
import io
import lzma
import zlib
from pathlib import Path
from typing import IO

from mids_assets.errors import FormatError

HEADER_LIMIT = 256 * 1024
"""Bytes of all that may stand before the content of one file: its header, and long names and the like."""
_XZ_MEMORY = 128 * 1024 * 1024
"""`xz -9` needs 65 MiB; a stream can demand 4 GiB."""
_BLOCK = 256 * 1024
_XZ_MAGIC = b"\xfd7zXZ\x00"
_GZIP_MAGIC = b"\x1f\x8b"
_TAR_MAGIC, _TAR_AT = b"ustar", 257


def is_tar(head: bytes) -> bool:
    """Whether a file that begins so is a tar, or is packed as one often is."""
    return head.startswith((_XZ_MAGIC, _GZIP_MAGIC)) or head[_TAR_AT : _TAR_AT + len(_TAR_MAGIC)] == _TAR_MAGIC


class Inflated:
    """A stream for `tarfile`, which seeks forward only. `allow` says how much may be read from now on.

    All methods raise `FormatError` for damaged data and for more than `limit` bytes in all.
    """

    def __init__(self, source: IO[bytes], path: Path, limit: int) -> None:
        head = source.read(len(_XZ_MAGIC))
        source.seek(0)
        self._stream: IO[bytes] | io.BufferedReader | gzip.GzipFile = source
        if head == _XZ_MAGIC:
            self._stream = io.BufferedReader(_Xz(source), _BLOCK)
        elif head.startswith(_GZIP_MAGIC):
            self._stream = gzip.GzipFile(fileobj=source)
        self._path = path
        self._limit = limit
        self._at = 0
        self._allowed = HEADER_LIMIT
        self._last = b""

    def allow(self, size: int) -> None:
        self._allowed = size

    def read(self, size: int) -> bytes:
        if size > self._allowed:
            raise FormatError(f"refused, it has a header of more than {HEADER_LIMIT:,} bytes", file=self._path)
        self._allowed -= size
        self._last = self._more(size)
        return self._last

    def seek(self, position: int) -> None:
        while self._at < position:
            if not self._more(min(_BLOCK, position - self._at)):
                break

    def tell(self) -> int:
        return self._at

    def finish(self) -> None:
        """Read the rest, so that sums are checked; the tar must have come to its end, which is a block of zeros."""
        if self._last != bytes(512):
            raise FormatError("is cut off or damaged; copy or download it again", file=self._path, offset=self._at)
        while self._more(_BLOCK):
            pass

    def _more(self, size: int) -> bytes:
        try:
            data = self._stream.read(size)
        except (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile) as error:
            raise FormatError(f"is cut off or damaged ({error})", file=self._path) from None
        self._at += len(data)
        if self._at > self._limit:
            raise FormatError(f"refused, it inflates to more than {self._limit:,} bytes", file=self._path)
        return data


class _Xz(io.RawIOBase):
    """What `lzma.LZMAFile` is, but that it takes no more memory than `_XZ_MEMORY`."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._decoder = _decoder()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        view = memoryview(buffer)
        data = b""
        while not data:
            if self._decoder.eof:
                rest = self._decoder.unused_data
                # Another stream may follow, after zeros that fill a block up.
                while not (rest := rest.lstrip(b"\0")):
                    if not (rest := self._source.read(_BLOCK)):
                        return 0
                self._decoder = _decoder()
                data = self._decoder.decompress(rest, len(view))
            else:
                packed = self._source.read(_BLOCK) if self._decoder.needs_input else b""
                if self._decoder.needs_input and not packed:
                    raise EOFError("the end of the stream is missing")
                data = self._decoder.decompress(packed, len(view))
        view[: len(data)] = data
        return len(data)


def _decoder() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)
