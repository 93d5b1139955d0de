"""City of Data exports: an archive of one, one of its files, and the raw JSON of an entity, damaged.

Damage hits an archive as bytes, its inflated tar, or one entry inside a sound archive. Whatever is made of it is a
packed export that could be stored, and its files come as JSON of every entity.
Does not belong here: archives of other forms (`targets_containers`).
"""

from __future__ import annotations

import gzip
import io
import lzma
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from random import Random
from unittest import mock

from mids_assets.model.enums import CODES
from mids_assets.readers.city_of_data.entries import entry_kind
from mids_assets.readers.city_of_data.export import Export
from mids_assets.readers.city_of_data.pack import pack
from mids_assets.readers.city_of_data.raw import wrapped_records
from mids_assets.readers.detect import detect
from mids_assets.readers.json_records import decode_records
from mids_assets.readers.raw import RAW_FILES, write_raw
from mids_assets.readers.shapes import CITY_OF_DATA
from mids_assets.readers.unpack import opened_source
from mids_assets_tests.city import encoded, indexes, write
from mids_assets_tests.city_world import city
from mids_assets_tests.fuzz.mutations import mutate
from mids_assets_tests.fuzz.target import Target, Wrong
from mids_assets_tests.fuzz.targets_containers import damage_zip
from mids_assets_tests.fuzz.targets_records import Records

LIMIT = 8 * 1024 * 1024
"""Bytes that an archive may inflate to here; the seed holds a tenth."""
_WRAPPERS = 4
"""Of an entity: a case is read six times over."""
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""With a method that is refused among some 30 entries, hardly a case would come further."""
_PACKS: dict[str, tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]] = {
    "city-tar": (bytes, bytes),
    "city-gzip": (lambda data: gzip.compress(data, 1), gzip.decompress),
    "city-xz": (lambda data: lzma.compress(data, preset=0), lzma.decompress),
}


def targets(folder: Path) -> Iterator[Target]:
    made = city()
    files = {name: encoded(content) for name, content in (indexes(made) | made).items() if not _is_large(name)}
    yield Target("city-zip", [_zipped(files)], _City(folder / "city-zip"), partial(damage_zip, methods=_METHODS))
    tar = _tarred(files)
    for name, (put, get) in _PACKS.items():
        yield Target(name, [put(tar)], _City(folder / name), _Damage(put, get))
    yield from _wrapped(folder)


def _wrapped(folder: Path) -> Iterator[Target]:
    """Raw JSON of each entity that an export has."""
    packed = folder / "wrapped.zip"
    with tempfile.TemporaryDirectory() as place:
        pack(write(Path(place), city()), packed)
    with Export(packed) as export:
        for entity in RAW_FILES:
            if found := list(islice(wrapped_records(export, entity), _WRAPPERS)):
                target = Records(folder / "records.json", CITY_OF_DATA.name, entity, CODES, once=False)
                yield Target(f"city-{entity}", [b"[\n" + b",\n".join(found) + b"\n]\n"], target)


def _is_large(name: str) -> bool:
    return name.startswith(("tables/", "archetypes/c", "archetypes/m"))


@dataclass
class _City:
    folder: Path

    def __call__(self, data: bytes) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        scratch = self.folder / "scratch"
        scratch.mkdir(parents=True)
        place = self.folder / "export"
        place.write_bytes(data)
        detect(place)
        with mock.patch.object(tempfile, "tempdir", str(scratch)):
            self._read(place)
        if left := sorted(scratch.rglob("*")):
            raise Wrong(f"left behind: {left}")

    def _read(self, place: Path) -> None:
        with opened_source(place, "homecoming_cod", limit=LIMIT) as source:
            if source.header.main != "city_of_data":
                return
            with Export(source.files["city_of_data"].path) as export:
                if other := [name for name in export.names() if entry_kind(name) is None]:
                    raise Wrong(f"packed although it is no file of an export: {other}")
                for each in (export.powersets, export.powers, export.archetypes, export.boost_sets, export.groups):
                    list(each())
            for entity in RAW_FILES:
                for file in write_raw(source, entity, self.folder / "raw"):
                    if entity != "reference":
                        decode_records(file.path.read_bytes().strip()[1:-1], "city_of_data", entity, codes=CODES)


@dataclass
class _Damage:
    """The archive as bytes, or the tar in it, which is packed again."""

    pack: Callable[[bytes], bytes]
    unpack: Callable[[bytes], bytes]

    def __call__(self, random: Random, data: bytes, others: Sequence[bytes]) -> bytes:
        if random.random() < 0.3:
            return mutate(random, data, others)
        tar = self.unpack(data)
        return self.pack(mutate(random, tar, [tar]))


def _zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return out.getvalue()


def _tarred(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(f"filtered_data/{name}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()
