"""Archives of an export that are damaged or mean harm: an error that names them, nothing left behind, memory flat."""

from __future__ import annotations

import gzip
import io
import lzma
import os
import stat
import struct
import tarfile
import tempfile
import tracemalloc
import warnings
import zipfile
import zlib
from collections.abc import Callable, Mapping
from itertools import count

import pytest

from mids_assets.errors import FormatError, MidsError
from mids_assets.readers.city_of_data import archive_files, files, inflating
from mids_assets.readers.packed import INFLATED_LIMIT
from mids_assets.readers.unpack import opened_source
from mids_assets_tests.city import encoded, indexes
from mids_assets_tests.city_world import city

MIB = 1024 * 1024
REALM = "homecoming_cod"


@pytest.fixture(scope="module")
def export() -> dict[str, bytes]:
    made = city()
    small = {name: content for name, content in (indexes(made) | made).items() if not name.startswith("table")}
    return {f"export/{name}": encoded(content) for name, content in small.items() if "archetypes/c" not in name}


def zipped(contents: dict[str, bytes], *more: tuple[zipfile.ZipInfo | str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # Two entries of one name.
        for name, data in [*contents.items(), *more]:
            archive.writestr(name, data)
    return out.getvalue()


def tarred(contents: dict[str, bytes], *more: tuple[tarfile.TarInfo, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for info, data in [*((member(name), data) for name, data in contents.items()), *more]:
            info.size = len(data) if info.isreg() else 0
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def open_ended(tar: bytes) -> bytes:
    """A tar without the zeros at its end, to which headers can be added."""
    return tar[: -(-len(tar.rstrip(b"\0")) // 512) * 512]


def member(name: str, kind: bytes = tarfile.REGTYPE, pax: Mapping[str, str] | None = None) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type = kind
    made.pax_headers = dict(pax or {})
    return made


SPARSE = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "y", "GNU.sparse.realsize": "1"}


@pytest.fixture
def refused(tmp_path, monkeypatch) -> Callable[..., None]:
    """The archive is refused with these words and its name, leaves nothing in the temporary folder, and takes no more
    than `memory` MiB beyond its own bytes."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))

    def check(data: bytes, words: str, *, limit: int = INFLATED_LIMIT, memory: int = 24) -> None:
        path = tmp_path / "download"
        path.write_bytes(data)
        tracemalloc.start()
        try:
            with pytest.raises(MidsError, match=words) as caught, opened_source(path, REALM, limit=limit):
                pass
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert str(path) in str(caught.value)
        assert list(scratch.iterdir()) == []
        assert peak < memory * MIB, peak

    return check


NAMES = {
    "absolute": ("/etc/x.json", "absolute"),
    "parent": ("export/../../x.json", "leads outside"),
    "point": ("export/./x.json", "leads outside"),
    "control character": ("export/tags/a\x01.json", "control character"),
    "the same but for case": ("export/tags/BURNING.json", "two files have the path"),
    "too long": ("export/tags/" + "x" * 1100 + ".json", "longer than 1,024 bytes"),
}


@pytest.mark.parametrize("pack", ["zip", "tar"])
@pytest.mark.parametrize(("name", "words"), NAMES.values(), ids=NAMES)
def test_names(refused, export, pack, name, words):
    data = zipped(export, (name, b"{}")) if pack == "zip" else tarred(export, (member(name), b"{}"))
    refused(data, words)


@pytest.mark.parametrize("pack", ["zip", "tar"])
def test_one_path_twice(refused, export, pack):
    name = "export/tags/burning.json"
    data = zipped(export, (name, b"{}")) if pack == "zip" else tarred(export, (member(name), b"{}"))
    refused(data, "two entries have the (same )?path")


@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE],
    ids=["link", "hard link", "device", "block device", "pipe"],
)
def test_special_members_of_a_tar(refused, export, kind):
    special = member("export/tags/x.json", kind)
    special.linkname = "/etc/passwd"
    refused(tarred(export, (special, b"")), "link or another special file")


def test_a_link_in_a_zip(refused, export):
    info = zipfile.ZipInfo("export/tags/x.json")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    refused(zipped(export, (info, b"/etc/passwd")), "link or another special file")


def test_a_sparse_member_whose_map_never_ends(refused, export):
    """The map of a sparse file is numbers that the reader of tars would collect for as long as there are some."""
    made = member("export/tags/x.json", pax=SPARSE)
    numbers = b"99999999\n" + b"0\n" * MIB
    refused(tarred(export, (made, numbers)), "header of more than")


def test_a_sparse_member(refused, export):
    made = member("export/tags/x.json", pax=SPARSE)
    refused(tarred(export, (made, b"1\n0\n1\n".ljust(512, b"\0") + b"x")), "special file")


@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE], ids=["long name", "pax header"])
def test_a_header_that_is_as_large_as_memory(refused, export, kind):
    header = member("export/tags/x.json", kind)
    header.size = 512 * MIB
    data = open_ended(tarred(export)) + header.tobuf() + b"x" * 2048
    refused(data, "header of more than 262,144 bytes")


def test_headers_without_end_in_one_another(refused, export):
    header = member("export/tags/x.json", tarfile.GNUTYPE_LONGNAME)
    header.size = 2
    one = header.tobuf(tarfile.GNU_FORMAT) + b"x\0".ljust(512, b"\0")
    refused(open_ended(tarred(export)) + one * 3000, "recursion depth|header of more than")


def test_bombs_of_gzip_and_xz(refused, export):
    start = open_ended(tarred(export))
    header = member("export/notes.bin")
    header.size = 256 * MIB
    blanks = bytes(64 * MIB)
    for pack in (gzip.compress, lambda data: lzma.compress(data, preset=0)):
        data = pack(start + header.tobuf()) + pack(blanks) * 4
        assert len(data) < 2 * MIB
        refused(data, "inflates to more than 33,554,432 bytes", limit=32 * MIB)


def test_a_bomb_of_zip(refused, export):
    data = zipped(export, ("export/notes.bin", bytes(64 * MIB)))
    refused(data, "inflates to more than 33,554,432 bytes", limit=32 * MIB, memory=16)


def test_xz_that_demands_memory(refused, export):
    data = bytearray(lzma.compress(tarred(export), filters=[{"id": lzma.FILTER_LZMA2, "dict_size": MIB}]))
    # The header of the block at 12: its length, flags, the filter with its properties, zeros, a sum over all of it.
    assert (data[12], data[14:16]) == (2, b"\x21\x01")
    data[16] = 38  # A dictionary of 2 GiB.
    struct.pack_into("<I", data, 20, zlib.crc32(data[12:20]))
    refused(bytes(data), "cut off or damaged .*[Mm]emory")


@pytest.mark.parametrize("pack", ["zip", "tar"])
def test_a_file_that_is_too_large(refused, monkeypatch, export, pack):
    monkeypatch.setattr(files, "FILE_LIMIT", MIB)
    name, data = "export/tags/x.json", bytes(MIB + 1)
    made = zipped(export, (name, data)) if pack == "zip" else tarred(export, (member(name), data))
    refused(made, "export/tags/x.json has 1,048,577 bytes")


@pytest.mark.parametrize("pack", ["zip", "tar"])
def test_too_many_files(refused, monkeypatch, export, pack):
    monkeypatch.setattr(files, "FILES_LIMIT", len(export) - 1)
    refused(zipped(export) if pack == "zip" else tarred(export), "it holds more than")


@pytest.mark.parametrize("pack", ["zip", "tar"])
def test_names_that_are_no_utf_8(refused, export, pack):
    if pack == "tar":
        data = tarred(export, (member("export/tags/caf\udce9.json"), b"{}"))
    else:
        data = zipped(export, ("export/tags/caf_.json", b"{}")).replace(b"caf_.json", b"caf\xe9.json")
    refused(data, "no UTF-8")


def test_a_name_in_utf_8_that_a_zip_does_not_state_to_be_so(tmp_path, export):
    stated = zipped(export, ("export/tags/caf\xe9.json", b'{"tag": "x"}'))
    silent = zipped(export, ("export/tags/caf__.json", b'{"tag": "x"}')).replace(b"caf__", "caf\xe9".encode())
    found = []
    for number, data in enumerate((stated, silent)):
        (tmp_path / f"{number}").write_bytes(data)
        with opened_source(tmp_path / f"{number}", REALM) as source:
            found.append(source.content_hash)
    assert found[0] == found[1]


def test_an_encrypted_entry(refused, export):
    data = bytearray(zipped(export))
    struct.pack_into("<H", data, data.index(b"PK\x01\x02") + 8, 1)
    refused(bytes(data), "encrypted")


@pytest.mark.parametrize("pack", ["zip", "tar", "tar.gz", "tar.xz"])
def test_an_archive_that_is_cut_off_anywhere(tmp_path, export, pack):
    few = dict(list(export.items())[:12])
    data = zipped(few) if pack == "zip" else tarred(few)
    data = {"tar.gz": gzip.compress, "tar.xz": lzma.compress}.get(pack, bytes)(data)
    (tmp_path / "whole").write_bytes(data)
    with opened_source(tmp_path / "whole", REALM):
        pass
    # A tar ends with two blocks of zeros and is then filled up; the first of them is its end.
    end = len(data.rstrip(b"\0")) if pack == "tar" else len(data)
    for number in range(1, 30):
        (tmp_path / "part").write_bytes(data[: end * number // 30])
        with pytest.raises(MidsError, match=r"cut off|no usable (zip|tar)"), opened_source(tmp_path / "part", REALM):
            pass


def test_a_tar_whose_middle_is_damaged(refused, export):
    data = bytearray(tarred(export))
    at = data.index(b"export/tags/burning.json")
    data[at : at + 512] = b"\x01" * 512
    refused(bytes(data), "cut off or damaged")


def test_a_zip_entry_that_is_damaged(refused, export):
    data = bytearray(zipped(export))
    at = data.index(b"export/tags/burning.json") + 60
    data[at : at + 8] = bytes(8)
    refused(bytes(data), "tags/burning.json' is damaged")


def test_names_of_other_programs_are_no_files_of_an_export(tmp_path, export):
    more = {"./export/tags/._burning.json": b"\0\5\x16\7", "__MACOSX/export/tags/._burning.json": b"\0"}
    (tmp_path / "a").write_bytes(tarred(export))
    (tmp_path / "b").write_bytes(tarred({f"./{name}": data for name, data in export.items()} | more))
    found = []
    for name in "ab":
        with opened_source(tmp_path / name, REALM) as source:
            found.append((source.content_hash, source.warnings))
    assert found[0] == found[1] == (found[0][0], [])


def test_several_streams_of_xz_with_zeros_between_are_one_tar(tmp_path, export):
    data = tarred(export)
    (tmp_path / "a").write_bytes(lzma.compress(data[:5000]) + bytes(8) + lzma.compress(data[5000:]) + bytes(4))
    (tmp_path / "b").write_bytes(data)
    found = []
    for name in "ab":
        with opened_source(tmp_path / name, REALM) as source:
            found.append(source.content_hash)
    assert found[0] == found[1]


@pytest.mark.parametrize("pack", ["zip", "tar"])
def test_an_archive_that_changes_while_it_is_read(tmp_path, monkeypatch, export, pack):
    path = tmp_path / "download"
    path.write_bytes(zipped(export) if pack == "zip" else tarred(export))
    reader = archive_files.ZipFiles if pack == "zip" else archive_files.TarFiles
    read, moments = reader.read, count()

    def reading(self, name: str) -> bytes:
        os.utime(path, ns=(1, next(moments)))
        return read(self, name)

    monkeypatch.setattr(reader, "read", reading)
    with pytest.raises(MidsError, match="download was changed while it was being read"), opened_source(path, REALM):
        pass


def test_a_full_disk_says_where_room_is_needed(tmp_path, monkeypatch, export):
    (tmp_path / "a.tar").write_bytes(tarred(export))

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archive_files.shutil, "copyfileobj", full)
    words = r"a\.tar: cannot be unpacked into .*No space left.*TMPDIR"
    with pytest.raises(MidsError, match=words), opened_source(tmp_path / "a.tar", REALM):
        pass


def test_reading_a_tar_goes_forward_only(tmp_path):
    with (tmp_path / "x").open("wb") as out:
        out.write(bytes(4096))
    with (tmp_path / "x").open("rb") as source:
        stream = inflating.Inflated(source, tmp_path / "x", 4096)
        assert (stream.read(10), stream.tell()) == (bytes(10), 10)
        stream.seek(100)
        assert stream.tell() == 100
        with pytest.raises(FormatError, match="header of more than"):
            stream.read(inflating.HEADER_LIMIT + 1)
