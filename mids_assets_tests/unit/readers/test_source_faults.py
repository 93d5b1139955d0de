"""A database folder with one file taken away, exchanged or grown: what is required is said, the rest is a warning."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mids_assets.errors import MidsError, SourceError
from mids_assets.readers.raw import RAW_FILES, write_raw
from mids_assets.readers.source import open_source
from mids_assets_tests.real import SAMPLE

REQUIRED = ("I12.mhd", "EnhDB.mhd", "Recipe.mhd", "Salvage.mhd", "EClasses.mhd")
EMPTY_WITHOUT = {
    "TypeGrades.json": "set_type",
    "SData.json": "server_setting",
    "AttribMod.json": "attribute_modifier",
    "GlobalMods.mhd": "effect_tag",
    "Origins.mhd": "origin",
    "NLevels.mhd": "level_schedule",
    "RLevels.mhd": "level_schedule",
    "Maths.mhd": "diversification_threshold",
    "PowersReplTable.mhd": "power_replacement",
    "CrypticPowerNames.mhd": "power_replacement",
    "Compare.mhd": "comparison_override",
}
"""Optional file -> a table that its warning names."""
ENTITY = {
    "I12.mhd": "power",
    "EnhDB.mhd": "enhancement_set",
    "Recipe.mhd": "recipe",
    "Salvage.mhd": "salvage",
    "Mids.zip": "power",
}


@pytest.fixture
def folder(tmp_path) -> Path:
    shutil.copytree(SAMPLE, tmp_path / "db", ignore=shutil.ignore_patterns("Mids.zip"))
    return tmp_path / "db"


def test_every_file_of_the_sample_is_taken_away_once():
    names = {path.name for path in SAMPLE.iterdir() if path.is_file()} - {"Mids.zip", "SAMPLE.txt"}
    assert names == {*REQUIRED, *EMPTY_WITHOUT}


@pytest.mark.parametrize("name", REQUIRED)
def test_without_a_required_file(folder, name):
    (folder / name).unlink()
    with pytest.raises(SourceError, match=f"missing .*{name}.*copy these files") as caught:
        open_source(folder)
    assert str(folder) in str(caught.value)


@pytest.mark.parametrize("name", EMPTY_WITHOUT)
def test_without_an_optional_file(folder, tmp_path, name):
    assert open_source(folder).warnings == []
    (folder / name).unlink()
    source = open_source(folder)
    (warning,) = source.warnings
    assert name in warning
    assert EMPTY_WITHOUT[name] in warning
    for entity in RAW_FILES:
        assert write_raw(source, entity, tmp_path / "raw")


def grown(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def exchanged(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.with_name("new").write_bytes(data)
    path.with_name("new").replace(path)


def cut(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


@pytest.mark.parametrize("change", [grown, exchanged, cut], ids=lambda change: change.__name__)
@pytest.mark.parametrize("name", sorted({*REQUIRED, *EMPTY_WITHOUT, "Mids.zip"}))
def test_what_was_looked_at_is_what_is_parsed(tmp_path, name, change):
    """After a folder was looked at, a file of other bytes gives an error and leaves no raw file under its name."""
    left_out = "I12.mhd" if name == "Mids.zip" else "Mids.zip"
    shutil.copytree(SAMPLE, tmp_path / "db", ignore=shutil.ignore_patterns(left_out))
    source = open_source(tmp_path / "db")
    change(tmp_path / "db" / name)
    entity = ENTITY.get(name, "reference")
    with pytest.raises(MidsError, match=name.replace(".", r"\.")):
        write_raw(source, entity, tmp_path / "raw")
    assert [path.name for path in (tmp_path / "raw").iterdir()] == []
