"""The update patch of the source program, `.mru`: a zlib stream of complete files, read and written in one pass.

Its uncompressed variant of June 2023 is read too; the older plain ZIP is an archive like any other
(`readers.archive`). Memory stays flat whatever the file claims. Source: formats updates.md 5.1 and 5.2.
Does not belong here: which paths are allowed (`readers.packed`), the hashes beside the patch (`readers.patch_hash`).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from mids_assets.errors import FormatError
from mids_assets.readers.packed import FILES_LIMIT, INFLATED_LIMIT, PackedFile, Target

MAGIC = "Mids Reborn Patch Data"
PREFIX = bytes([len(MAGIC)]) + MAGIC.encode()
_BLOCK = 256 * 1024
_NAME_LIMIT = 65_536
_BUG_TAIL = b"\x78\xda\x03\x00\x00\x00\x00\x01"
"""The empty stream after the content that was not compressed."""


def is_patch(head: bytes) -> bool:
    """Whether a file that begins with `head` is a patch, compressed or not."""
    if head.startswith(PREFIX):
        return True
    if not _is_zlib(head):
        return False
    try:
        return zlib.decompressobj().decompress(head, len(PREFIX)) == PREFIX
    except zlib.error:
        return False


def extract_patch(path: Path, folder: Path, *, limit: int = INFLATED_LIMIT) -> list[PackedFile]:
    """Write the files of a patch beneath the empty `folder`, in its order.

    `limit` bounds all inflated bytes. Raises `FormatError` with the offset in the inflated content; what was written
    by then is the caller's to remove.
    """
    target = Target(folder, path)
    with path.open("rb") as file:
        content = _Content(file, path, limit)
        if content.text("magic", "head") != MAGIC:
            raise FormatError(f"this is no patch, it does not begin with {MAGIC!r}", file=path, offset=0)
        at = content.offset
        count = content.i32("count", "head")
        if not 0 <= count <= FILES_LIMIT:
            raise FormatError(
                f"{count:,} files, and 0 to {FILES_LIMIT:,} are possible", file=path, offset=at, field="count"
            )
        for number in range(count):
            _extract_one(content, target, f"file {number}")
        content.finish()
    return target.files


def _extract_one(content: _Content, target: Target, record: str) -> None:
    at = content.offset
    size = content.i32("data_length", record)
    if size < 0:
        raise FormatError(f"{size:,} is no length", file=content.path, offset=at, record=record, field="data_length")
    at = content.offset
    file_name = content.text("file_name", record)
    directory = content.text("directory", record)
    place = target.place(directory, file_name, offset=at, record=record)
    content.allow(size, record)
    target.write(place, directory, file_name, content.blocks(size, "data", record))


class _Content:
    """The inflated bytes as a bounded stream. `offset` counts from the beginning of the inflated content."""

    def __init__(self, file: IO[bytes], path: Path, limit: int) -> None:
        self.path = path
        self.offset = 0
        self._file = file
        self._limit = limit
        self._buffer = b""
        head = file.read(2)
        file.seek(0)
        self._inflater = zlib.decompressobj() if _is_zlib(head) else None

    def text(self, field: str, record: str) -> str:
        at = self.offset
        size = 0
        for shift in range(0, 35, 7):
            byte = self._take(1, field, record)[0]
            size |= (byte & 0x7F) << shift
            if byte < 0x80:
                break
        else:
            raise self._error("the length of the text takes more than five bytes", at, record, field)
        if size > _NAME_LIMIT:
            raise self._error(f"a text of {size:,} bytes, and {_NAME_LIMIT:,} are possible", at, record, field)
        try:
            return self._take(size, field, record).decode()
        except UnicodeDecodeError:
            raise self._error("the text is not UTF-8", at, record, field) from None

    def i32(self, field: str, record: str) -> int:
        return struct.unpack("<i", self._take(4, field, record))[0]

    def blocks(self, size: int, field: str, record: str) -> Iterator[bytes]:
        while size:
            block = self._take(min(size, _BLOCK), field, record)
            size -= len(block)
            yield block

    def allow(self, size: int, record: str) -> None:
        """Refuse a claimed length before its first byte is written."""
        if self.offset + size > self._limit:
            raise self._too_much(record)

    def finish(self) -> None:
        """Read on to the checksum at the end. What stands behind the last file is ignored."""
        if self._inflater is None:
            return
        self._buffer = b""
        while block := self._more("end"):
            self.offset += len(block)
        if not self._inflater.eof:
            raise self._error("the file ends inside of its compressed data; download it again", None, None, None)

    def _take(self, size: int, field: str, record: str) -> bytes:
        parts = []
        missing = size
        while missing:
            if not self._buffer:
                self._buffer = self._more(record)
                if not self._buffer:
                    raise self._error("the file ends here; download it again", self.offset, record, field)
            part, self._buffer = self._buffer[:missing], self._buffer[missing:]
            parts.append(part)
            missing -= len(part)
            self.offset += len(part)
        return b"".join(parts)

    def _more(self, record: str) -> bytes:
        """The next bytes of the content, empty at its end. Raises `FormatError` beyond the limit."""
        if self.offset > self._limit:
            raise self._too_much(record)
        if self._inflater is None:
            return self._file.read(_BLOCK)
        while not self._inflater.eof:
            packed = self._inflater.unconsumed_tail or self._file.read(_BLOCK)
            try:
                block = self._inflater.decompress(packed, _BLOCK)
            except zlib.error as error:
                raise self._error(
                    f"the compressed data is damaged ({error}); download it again", self.offset, record, None
                ) from None
            if block or not packed:
                return block
        return b""

    def _too_much(self, record: str) -> FormatError:
        return self._error(f"refused, it inflates to more than {self._limit:,} bytes", self.offset, record, None)

    def _error(self, message: str, offset: int | None, record: str | None, field: str | None) -> FormatError:
        return FormatError(message, file=self.path, offset=offset, record=record, field=field)


def _is_zlib(head: bytes) -> bool:
    return len(head) >= 2 and head[0] & 0x0F == 8 and head[0] >> 4 <= 7 and int.from_bytes(head[:2], "big") % 31 == 0


def write_patch(path: Path, files: Iterable[tuple[str, str, bytes]], *, compressed: bool = True) -> None:
    """Write (directory, file name, data) as a patch. Names are written as they are: the reader judges them."""
    entries = list(files)
    parts = [PREFIX, struct.pack("<i", len(entries))]
    for directory, file_name, data in entries:
        parts += [struct.pack("<i", len(data)), _text(file_name), _text(directory), data]
    content = b"".join(parts)
    path.write_bytes(zlib.compress(content, 9) if compressed else content + _BUG_TAIL)


def _text(text: str) -> bytes:
    raw = text.encode("utf-8", "surrogatepass")
    size, prefix = len(raw), bytearray()
    while size >= 0x80:
        prefix.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes([*prefix, size]) + raw
