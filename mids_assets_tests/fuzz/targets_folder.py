"""A whole database folder or DataExporter folder, one file damaged, missing, renamed or in the place of another.

An input is the folder as the text of a dict: name -> bytes.
Does not belong here: folders inside of archives (`targets_containers`).
"""

from __future__ import annotations

import ast
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from mids_assets.commands.exporting import run_export
from mids_assets.readers.i12_text import power_records
from mids_assets.readers.json_records import decode_records
from mids_assets.readers.raw import RAW_FILES, write_raw
from mids_assets.readers.source import open_source
from mids_assets.settings import Settings
from mids_assets_tests.fuzz import json_seeds
from mids_assets_tests.fuzz.mutations import mutate
from mids_assets_tests.fuzz.seeds import folder_seed, zip_seed
from mids_assets_tests.fuzz.target import Target, Wrong
from mids_assets_tests.unit.readers.exporter_support import POWER_FILES, TEXT, exporter_folder


def targets(folder: Path) -> Iterator[Target]:
    files = folder_seed()
    zipped = {**files, "Mids.zip": zip_seed()}
    del zipped["I12.mhd"]
    seeds = [pack(files), pack(zipped)]
    yield Target("source", seeds, _Source(folder / "source" / "db"), _damage)
    yield Target("export", seeds, _Export(folder / "export" / "db"), _damage)
    exported = [pack(_files(exporter_folder(folder / "made" / name, name))) for name in POWER_FILES]
    yield Target("exporter", exported, _Source(folder / "exporter" / "db"), _damage)
    yield Target("exporter-export", exported, _Export(folder / "exporter-export" / "db"), _damage)
    yield Target("i12-text", [TEXT.encode()], _Text(folder / "I12_extracted.txt"))


def _files(folder: Path) -> dict[str, bytes]:
    return {place.name: place.read_bytes() for place in sorted(folder.iterdir())}


def pack(files: Mapping[str, bytes]) -> bytes:
    return repr(dict(files)).encode()


def unpack(data: bytes, folder: Path) -> None:
    shutil.rmtree(folder.parent, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, content in ast.literal_eval(data.decode()).items():
        (folder / name).write_bytes(content)


def _damage(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    files = ast.literal_eval(data.decode())
    name, other = random.sample(sorted(files), 2)
    action = random.random()
    if action < 0.7:
        files[name] = mutate(random, files[name], [files[other]])
    elif action < 0.8:
        del files[name]
    elif action < 0.9:
        files[name], files[other] = files[other], files[name]
    else:
        files[random.choice((name.upper(), "copy of " + name, other.lower() + ".bak"))] = files[name]
    return pack(files)


@dataclass
class _Source:
    """The readers' share of an import: look at the folder, write the JSON of every entity."""

    folder: Path

    def __call__(self, data: bytes) -> None:
        unpack(data, self.folder)
        source = open_source(self.folder)
        for entity in RAW_FILES:
            write_raw(source, entity, self.folder.with_name("raw"))


@dataclass
class _Text:
    """The powers as indented text: as many records as lines that begin one, each a row or a failure."""

    path: Path

    def __call__(self, data: bytes) -> None:
        self.path.write_bytes(data)
        records = list(power_records(self.path, {"willpower"}))
        batch = decode_records(
            b",".join(records), "data_exporter_i12", "power", codes=json_seeds.codes("data_exporter_i12")
        )
        refused = {failure.position for failure in batch.failures}
        if batch.records != len(records) or batch.frame.height + len(refused) != len(records):
            raise Wrong(f"{len(records)} powers, {batch.frame.height} rows, {batch.failures}")


@dataclass
class _Export:
    """The whole way from a folder to frames and tables, without a database."""

    folder: Path

    def __call__(self, data: bytes) -> None:
        unpack(data, self.folder)
        run_export(Settings(workers=1), self.folder, self.folder.with_name("out"), "parquet")
