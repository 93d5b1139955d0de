"""The files of a sample: the readers give back the same records, the same arguments the same bytes."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from dataclasses import asdict
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

from mids_assets.errors import UserError
from mids_assets.readers.binary import decode
from mids_assets.readers.binary_rows import row_to_dict
from mids_assets.readers.i12 import read_frames, read_header
from mids_assets.readers.items import read_compare, read_enhancements, read_globalmods, read_recipes, read_salvage
from mids_assets.readers.json_files import (
    read_attribute_modifiers,
    read_server_data,
    read_type_grades,
    stated_manifest,
)
from mids_assets.readers.json_records import decode_records
from mids_assets.readers.layouts.i12 import I12, MRB
from mids_assets.readers.mids_zip import MidsZip
from mids_assets.readers.source import open_source
from mids_assets.readers.text_power_names import declared_realm, read_cryptic_names, read_power_replacements
from mids_assets.readers.text_tables import read_enhancement_classes, read_levels, read_maths, read_origins
from mids_assets.sample import generate, tables, write_release, write_sample
from mids_assets.sample.draw import Draw
from mids_assets.sample.exporter import EXPORTER_FILES, POWERS_TEXT
from mids_assets.sample.files import DATABASE_FILES, EXPORTER_FOLDER, FORMATS, NOTICE

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("sample") / "new" / "folder"
    write_release(generate(300), out, FORMATS["all"])
    return out


def test_main_database_comes_back(folder):
    release = generate(300)
    decoded = decode((folder / "I12.mhd").read_bytes(), I12.layouts())
    value = row_to_dict(decoded.layout, "file", decoded.value)
    assert decoded.layout.id == "r3"
    assert value.pop("header") == release.header == {**release.header, "magic": MRB}
    for name, records in value.items():
        assert records == list(getattr(release, name)), name
    assert set(value) == {"archetypes", "powersets", "powers", "entities"}


def test_item_files_come_back(folder):
    release = generate(300)
    enhdb = read_enhancements(folder / "EnhDB.mhd").value
    assert (enhdb["enhancements"], enhdb["sets"]) == (release.enhdb["enhancements"], release.enhdb["sets"])
    recipes = read_recipes(folder / "Recipe.mhd").value
    assert recipes["recipes"] == release.recipes["recipes"]
    assert recipes["revision_date"] is None
    assert read_salvage(folder / "Salvage.mhd").value["items"] == release.salvage["items"]
    assert read_globalmods(folder / "GlobalMods.mhd").value["effect_ids"] == tables.effect_tags()
    assert read_compare(folder / "Compare.mhd").value["overrides"] == tables.comparison_overrides(release.plan)


def test_text_files_come_back(folder):
    def data(name: str) -> bytes:
        return (folder / name).read_bytes()

    assert read_enhancement_classes(data("EClasses.mhd")) == tables.enhancement_classes()
    assert read_origins(data("Origins.mhd")) == tables.origins()
    for kind in "NR":
        assert read_levels(data(f"{kind}Levels.mhd")) == tables.levels(kind)
    maths = read_maths(data("Maths.mhd"))
    assert maths == {"diversification_threshold": tables.thresholds(), "enhancement_strength": tables.strengths()}
    assert read_power_replacements(data("PowersReplTable.mhd")) == tables.power_replacements()
    assert read_cryptic_names(data("CrypticPowerNames.mhd")) == tables.cryptic_names(generate(300).plan)
    assert declared_realm(data("PowersReplTable.mhd")) == "Homecoming"


def test_json_files_come_back(folder):
    release = generate(300)
    key = (release.seed, release.realm_number)
    modifiers = read_attribute_modifiers((folder / "AttribMod.json").read_bytes())
    assert modifiers == tables.modifier_tables(*key)
    assert [table["name"] for table in modifiers] == list(tables.TABLES)
    grades = read_type_grades((folder / "TypeGrades.json").read_bytes())
    assert grades == tables.type_grades("homecoming")
    assert {table: len(records) for table, records in grades.items()} == {
        "set_type": 50,
        "enhancement_grade": 6,
        "special_enhancement_type": 5,
    }
    settings = (folder / "SData.json").read_bytes()
    written = tables.server_settings(Draw(*key, 1 << 45))
    assert [record for record in read_server_data(settings) if record in written] == written
    assert stated_manifest(settings) == ""


def test_archive_holds_the_same_records(folder):
    """Against the direct frames of I12.mhd, through the strict JSON decoder that real archives go through."""
    direct = read_frames(folder / "I12.mhd")
    archive = MidsZip(folder / "Mids.zip")
    assert archive.missing() == []
    assert asdict(archive.header()) == {
        name: value
        for name, value in asdict(read_header(folder / "I12.mhd")).items()
        if name not in ("layout", "magic")
    }
    for entity, name in (
        ("archetype", "Archetypes.json"),
        ("power", "Powers.json"),
        ("summoned_entity", "Entities.json"),
        ("powerset", "PowerSets.json"),
    ):
        batch = decode_records(b"".join(archive.blocks(name)), "mids_zip", entity)
        assert not batch.failures and not batch.unknown, entity
        frame = batch.frame.drop("source_offset", "extra")
        assert_frame_equal(frame.select(direct[entity].columns), direct[entity])


def test_same_arguments_same_bytes_whatever_the_hash_seed(folder, tmp_path):
    script = (
        "import sys; from pathlib import Path; from mids_assets.sample import write_sample;"
        "write_sample(Path(sys.argv[1]), powers=300, seed=1, realm='Homecoming', file_format='all')"
    )
    subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "again")],
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"},
        cwd=ROOT,
        check=True,
    )
    assert _digests(tmp_path / "again") == _digests(folder)
    write_sample(tmp_path / "other", seed=2)
    changed = {name for name, digest in _digests(tmp_path / "other").items() if digest != _digests(folder)[name]}
    assert {"I12.mhd", "EnhDB.mhd", "Recipe.mhd", "AttribMod.json", NOTICE} <= changed


def _files(folder: Path) -> dict[str, Path]:
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}


def _digests(folder: Path) -> dict[str, str]:
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in _files(folder).items()}


def _contents(folder: Path) -> dict[str, str]:
    """Like `_digests`, but of what an archive holds: builds of zlib compress in their own ways."""
    digests = _digests(folder)
    with zipfile.ZipFile(folder / "Mids.zip") as archive:
        held = b"".join(archive.read(name) for name in archive.namelist())
    return {**digests, "Mids.zip": hashlib.sha256(held).hexdigest()}


def test_committed_sample_is_what_the_generator_writes(folder):
    committed = ROOT / "data" / "sample"
    assert _contents(committed) == _contents(folder)
    assert sum(path.stat().st_size for path in _files(committed).values()) < 2_000_000


def test_the_folder_and_the_one_inside_say_that_they_are_a_sample(folder):
    exported = {f"{EXPORTER_FOLDER}/{name}" for name in EXPORTER_FILES - {POWERS_TEXT} | {NOTICE}}
    assert set(_files(folder)) == DATABASE_FILES | exported
    for notice in (folder / NOTICE, folder / EXPORTER_FOLDER / NOTICE):
        assert "MADE-UP SAMPLE" in notice.read_text("utf-8")


@pytest.mark.parametrize("file_format", ["mhd", "zip"])
def test_it_is_a_source_without_warnings(tmp_path, file_format):
    write_sample(tmp_path / "homecoming", powers=240, seed=9, file_format=file_format)
    source = open_source(tmp_path / "homecoming")
    assert source.is_sample
    assert source.warnings == []
    assert (source.header.version, source.header.page_volume_text) == ("0.1.9", "Sample")
    assert {evidence.realm for evidence in source.declared_realms} == {"homecoming"}


def test_formats_and_realms(tmp_path):
    write_sample(tmp_path / "a", powers=240, file_format="zip", realm="rebirth")
    names = {path.name for path in (tmp_path / "a").iterdir()}
    assert names == DATABASE_FILES - {"I12.mhd", "CrypticPowerNames.mhd"}
    (tmp_path / "a" / "Mids.zip.part").write_bytes(b"a killed run leaves this")
    paths = write_release(generate(240), tmp_path / "a", {"mhd"})
    assert {path.name for path in paths} == DATABASE_FILES - {"Mids.zip"}, "an earlier sample goes as a whole"


def test_wrong_format(tmp_path):
    with pytest.raises(UserError, match="mhd, zip, exporter"):
        write_sample(tmp_path / "a", file_format="xml")
    with pytest.raises(UserError, match="formats are"):
        write_release(generate(240), tmp_path / "a", set())
    assert not (tmp_path / "a").exists()


def test_nothing_but_a_sample_is_overwritten(tmp_path):
    real = tmp_path / "I12.mhd"
    real.write_bytes(b"real")
    with pytest.raises(UserError, match=NOTICE):
        write_sample(tmp_path)
    (tmp_path / NOTICE).write_text("x")
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UserError, match=r"notes\.txt"):
        write_sample(tmp_path)
    with pytest.raises(UserError, match="is a file"):
        write_sample(real)
    assert real.read_bytes() == b"real"


def test_many_powers_in_little_memory(tmp_path):
    """20,000 powers as I12.mhd: about 2 s and 34 MB on the machine this was written on."""
    script = (
        "import resource, sys; from pathlib import Path; from mids_assets.sample import write_sample;"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
        "write_sample(Path(sys.argv[1]), powers=20_000);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "big")], cwd=ROOT, check=True, capture_output=True, text=True
    )
    grown_kib = float(ran.stdout)
    size = (tmp_path / "big" / "I12.mhd").stat().st_size
    assert size > 25_000_000
    assert grown_kib * 1024 < size, "records must not be kept"
