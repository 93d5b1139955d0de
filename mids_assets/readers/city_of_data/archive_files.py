"""The files of an export in an archive: ZIP (`ZipFiles`), or tar, plain or packed by gzip or xz (`TarFiles`).

A tar has to be read from its beginning to its end, so the files of an export are put by in one temporary file, under
no name of their own. An archive inside of the archive is a file like any other.
Does not belong here: inflating (`inflating`), which files belong to an export (`entries`), packing them (`pack`).
"""

from __future__ import annotations

import errno
import shutil
import tarfile
import tempfile
import zipfile
import zlib
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import IO, cast

from mids_assets.errors import FormatError
from mids_assets.readers.archive import entry_problem, opened
from mids_assets.readers.city_of_data.entries import split_root
from mids_assets.readers.city_of_data.files import changed, refuse_name, refuse_number, refuse_size
from mids_assets.readers.city_of_data.inflating import HEADER_LIMIT, Inflated

_BLOCK = 256 * 1024
_IS_UTF8 = 0x800


class ZipFiles(AbstractContextManager["ZipFiles"]):
    """The files of a ZIP archive. Raises `SourceError` where it is none.

    With a `limit`, `FormatError` for entries that must not be trusted, or that inflate to more than so many bytes;
    without, for a look at what it is, only such an entry is refused that is read.
    """

    def __init__(self, path: Path, limit: int | None = None) -> None:
        self.where = path
        self._stamp = _stamp(path)
        self._zip = opened(path)
        infos = [info for info in self._zip.infolist() if not info.is_dir()]
        self._infos = {_zip_name(info): info for info in infos}
        self.sizes = {name: info.file_size for name, info in self._infos.items()}
        if limit is not None:
            try:
                self._check(infos, limit)
            except FormatError:
                self._zip.close()
                raise

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def verify(self) -> None:
        if _stamp(self.where) != self._stamp:
            raise changed(self.where)

    def _check(self, infos: list[zipfile.ZipInfo], limit: int) -> None:
        refuse_number(self.where, len(infos))
        if sum(info.file_size for info in infos) > limit:
            raise FormatError(f"refused, it inflates to more than {limit:,} bytes", file=self.where)
        for name, info in self._infos.items():
            if problem := entry_problem(info):
                raise FormatError(f"refused, the entry {name!r} {problem}", file=self.where)
            refuse_name(self.where, name)
        if len(infos) != len(self._infos):
            raise FormatError("refused, two entries have the same path", file=self.where)

    def read(self, name: str) -> bytes:
        info = self._infos[name]
        refuse_size(self.where, name, info.file_size)
        if problem := entry_problem(info):
            raise FormatError(f"refused, the entry {name!r} {problem}", file=self.where)
        try:
            with self._zip.open(info) as stream:
                data = stream.read(info.file_size + 1)
        except (zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError) as error:
            raise FormatError(f"the entry {name!r} is damaged ({error})", file=self.where) from None
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            # A place outside of the file, as a damaged directory gives it.
            raise FormatError(f"the entry {name!r} lies outside of it", file=self.where) from None
        if len(data) != info.file_size:
            raise FormatError(f"the entry {name!r} is damaged (it has not the size that is stated)", file=self.where)
        return data


class TarFiles(AbstractContextManager["TarFiles"]):
    """The files of a tar, of which only what could be a file of an export is put by; `read` gives no others.

    Raises `FormatError` for an archive that is damaged, must not be trusted or inflates to more than `limit` bytes.
    """

    def __init__(self, path: Path, limit: int) -> None:
        self.where = path
        self._stamp = _stamp(path)
        self.sizes: dict[str, int] = {}
        self._starts: dict[str, int] = {}
        with ExitStack() as stack:
            self._spool = stack.enter_context(tempfile.TemporaryFile(prefix="mids-"))
            with path.open("rb") as source:
                self._read_all(Inflated(source, path, limit))
            self._close = stack.pop_all().close

    def __exit__(self, *_: object) -> None:
        self._close()

    def verify(self) -> None:
        if _stamp(self.where) != self._stamp:
            raise changed(self.where)

    def read(self, name: str) -> bytes:
        self._spool.seek(self._starts[name])
        return self._spool.read(self.sizes[name])

    def _read_all(self, stream: Inflated) -> None:
        source = cast("IO[bytes]", stream)  # It has all that reading a tar takes.
        try:
            with tarfile.open(fileobj=source, mode="r:", encoding="utf-8", errors="surrogateescape") as archive:
                while (member := archive.next()) is not None:
                    self._take(archive, member, stream)
                    stream.allow(HEADER_LIMIT)
            stream.finish()
        except (tarfile.TarError, ValueError, OverflowError, RecursionError) as error:
            raise FormatError(f"is no usable tar ({error})", file=self.where) from None

    def _take(self, archive: tarfile.TarFile, member: tarfile.TarInfo, stream: Inflated) -> None:
        if member.isdir():
            return
        name = member.name.removeprefix("./")
        if not member.isreg() or member.issparse():
            raise FormatError(f"refused, the entry {name!r} is a link or another special file", file=self.where)
        refuse_name(self.where, name)
        if name in self.sizes:
            raise FormatError(f"refused, two entries have the path {name!r}", file=self.where)
        refuse_number(self.where, len(self.sizes) + 1)
        self.sizes[name] = member.size
        if split_root(name) is None:
            return
        refuse_size(self.where, name, member.size)
        self._starts[name] = self._spool.tell()
        stream.allow(member.size)
        content = archive.extractfile(member)
        if content:
            shutil.copyfileobj(content, self._spool, _BLOCK)


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def _zip_name(info: zipfile.ZipInfo) -> str:
    # `orig_filename` is the name before Python cuts it at a NUL.
    name = info.orig_filename
    if not info.flag_bits & _IS_UTF8:
        # Python takes it for the first code page of a PC; programs of Linux write UTF-8 without saying so.
        name = name.encode("cp437").decode("utf-8", "surrogateescape")
    return name.replace("\\", "/").removeprefix("./")
