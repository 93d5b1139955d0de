"""Archives: Mids.zip, update patches with their hash file, packed database folders.

Damage hits the container as bytes, or one entry, name or length inside a container that is otherwise sound. Whatever
comes out of an archive must lie inside the folder it is unpacked into, with the hash that was reported.
Does not belong here: folders of files (`targets_folder`).
"""

from __future__ import annotations

import hashlib
import io
import shutil
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from mids_assets.readers.archive import extract_archive, holds_database
from mids_assets.readers.detect import detect
from mids_assets.readers.json_records import decode_records
from mids_assets.readers.mids_zip import MidsZip
from mids_assets.readers.packed import PackedFile
from mids_assets.readers.patch import extract_patch, write_patch
from mids_assets.readers.patch_hash import write_hash
from mids_assets.readers.shapes import MIDS_ZIP_ENTRIES
from mids_assets.readers.unpack import opened_source
from mids_assets_tests.fuzz.mutations import mutate
from mids_assets_tests.fuzz.seeds import folder_seed, zip_seed
from mids_assets_tests.fuzz.target import Target, Wrong

LIMIT = 4 * 1024 * 1024
"""Bytes that an archive may inflate to here; the seeds hold a tenth."""


def targets(folder: Path) -> Iterator[Target]:
    files = folder_seed()
    yield Target("mids-zip", [zip_seed()], _MidsZip(folder / "zip" / "Mids.zip"), damage_zip)
    yield Target("archive", [_zipped(files)], _Archive(folder / "archive"), damage_zip)
    listed = [("Homecoming", name, data) for name, data in files.items()]
    made = folder / "made.mru"
    for name, compressed in (("patch", True), ("patch-plain", False)):
        write_patch(made, listed, compressed=compressed)
        yield Target(name, [made.read_bytes()], _Patch(folder / name), _damage_patch)
    write_hash(made, listed)
    write_patch(folder / "sound.mru", listed)
    yield Target("patch-hash", [made.read_bytes()], _Hash(folder / "sound.mru"))


class _MidsZip:
    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path

    def __call__(self, data: bytes) -> None:
        self.path.write_bytes(data)
        detect(self.path)
        archive = MidsZip(self.path)
        archive.header()
        for entity, name in MIDS_ZIP_ENTRIES.items():
            decode_records(b"".join(archive.blocks(name)), "mids_zip", entity)


@dataclass
class _Archive:
    folder: Path

    def __call__(self, data: bytes) -> None:
        place = self.folder / "release.zip"
        out = _fresh(self.folder)
        place.write_bytes(data)
        holds_database(place)
        check_unpacked(out, extract_archive(place, out, limit=LIMIT))
        with opened_source(place, limit=LIMIT) as source:
            for kind in source.files:
                source.read(kind)


@dataclass
class _Patch:
    folder: Path

    def __call__(self, data: bytes) -> None:
        place = self.folder / "release.mru"
        out = _fresh(self.folder)
        place.write_bytes(data)
        check_unpacked(out, extract_patch(place, out, limit=LIMIT))
        with opened_source(place, limit=LIMIT) as source:
            for kind in source.files:
                source.read(kind)


@dataclass
class _Hash:
    """The hash file alone is damaged; the patch beside it is sound."""

    patch: Path

    def __call__(self, data: bytes) -> None:
        self.patch.with_suffix(".hash").write_bytes(data)
        with opened_source(self.patch, limit=LIMIT):
            pass


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    out = folder / "deep" / "out"
    out.mkdir(parents=True)
    return out


def check_unpacked(out: Path, files: Sequence[PackedFile]) -> None:
    """Exactly what was reported lies beneath `out`, and nothing beside it."""
    if [*out.parent.iterdir()] != [out]:
        raise Wrong(f"files beside the folder: {sorted(place.name for place in out.parent.iterdir())}")
    written = sorted(hashlib.sha256(place.read_bytes()).hexdigest() for place in out.rglob("*") if place.is_file())
    if written != sorted(file.sha256 for file in files):
        raise Wrong("the files are not those that were reported")


def _zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(f"Homecoming/{name}"), data)
    return out.getvalue()


_ENTRY_NAMES = ("../{}", "/{}", "./{}", "a/b/{}", "C:\\{}", "{}\0x", "Powers.json", "powers.JSON", "İ{}", "{}/")
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)


def damage_zip(random: Random, data: bytes, others: Sequence[bytes], methods: Sequence[int] = _METHODS) -> bytes:
    """The container as bytes, or one entry inside a sound container: left out, renamed, or its content."""
    if random.random() < 0.5:
        return mutate(random, data, others)
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        warnings.simplefilter("ignore", UserWarning)  # Two entries of one name are meant.
        hit = random.choice(old.namelist())
        for name in old.namelist():
            content, entry = old.read(name), name
            action = random.random()
            if name == hit and action < 0.1:
                continue
            if name == hit and action < 0.25:
                entry = random.choice(_ENTRY_NAMES).format(name)
            if name == hit:
                content = mutate(random, content, [content])
            new.writestr(zipfile.ZipInfo(entry), content, random.choice(methods))
    return out.getvalue()


_PATCH_NAMES = (b"..", b"/abs", b"a/b", b"A\0", b"CON", b"x" * 300, b"\xff\xfe", b"i12.mhd", b"", b"C:\\x")


def _damage_patch(random: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """The file as bytes, or its inflated content, which is packed again; there also names of files."""
    compressed = not data.startswith(b"\x16Mids")
    if compressed and random.random() < 0.3:
        return mutate(random, data, others)
    content = zlib.decompress(data) if compressed else data
    if random.random() < 0.3:
        name = random.choice((b"Homecoming", b"I12.mhd", b"EnhDB.mhd", b"SData.json"))
        new = random.choice(_PATCH_NAMES)
        length = bytes([len(new)]) if len(new) < 128 else bytes([len(new) & 0x7F | 0x80, len(new) >> 7])
        content = content.replace(bytes([len(name)]) + name, length + new, 1)
    elif random.random() < 0.2:
        at = content.index(b"\x0aHomecoming")  # The number of files stands between the magic and the first length.
        content = content[:23] + struct.pack("<i", random.choice((-1, 0, 2**31 - 1, 3, at))) + content[27:]
    else:
        content = mutate(random, content, [content])
    return zlib.compress(content) if compressed else content
