"""The DataExporter form of a sample: the same bytes, references that resolve, sizes that grow with the powers."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from mids_assets.errors import UserError
from mids_assets.model.enums import EFFECT_TYPE
from mids_assets.readers.i12_text import power_records
from mids_assets.readers.source import open_source
from mids_assets.readers.unpack import database_folders
from mids_assets.sample import generate, write_release, write_sample
from mids_assets.sample.exporter import EXPORTER_FILES, POWERS, POWERS_TEXT
from mids_assets.sample.exporter_powers import OPTIONAL
from mids_assets.sample.files import NOTICE

ROOT = Path(__file__).resolve().parents[3]
COUNT = 3000
REQUIRED = {
    "archetypes.json": "id name display_name hit_points_base primary_category secondary_category",
    "powersets.json": "id name set_type archetype_id",
    "enhancements.json": "id name type_class",
    "recipes.json": "id enhancement_id rarity",
    "salvage.json": "id name rarity origin",
    POWERS: "Name InternalName PowersetName Level",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("exporter") / "new" / "folder"
    write_sample(out, powers=COUNT, file_format="exporter")
    return out


@pytest.fixture(scope="module")
def held(folder) -> dict[str, list[dict[str, Any]]]:
    return _load(folder)


def _load(folder: Path) -> dict[str, list[dict[str, Any]]]:
    return {path.name: json.loads(path.read_bytes()) for path in folder.glob("*.json")}


def _digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_files_counts_and_required_keys(folder, held):
    assert {path.name for path in folder.iterdir()} == EXPORTER_FILES - {POWERS_TEXT} | {NOTICE}
    plan = generate(COUNT).plan
    assert [record["InternalName"] for record in held[POWERS]] == [plan.power_at(n) for n in range(COUNT)]
    assert [record["name"] for record in held["powersets.json"]] == [entry.full_name for entry in plan.sets]
    assert [record["name"] for record in held["enhancements.json"]] == [piece.uid for piece in plan.pieces]
    for name, keys in REQUIRED.items():
        assert all(record.keys() >= set(keys.split()) for record in held[name]), name


def test_every_reference_resolves(held):
    ids = {name: {record["id"]: record for record in held[name]} for name in held if name != POWERS}
    for name, found in ids.items():
        assert len(found) == len(held[name]), f"{name}: an id occurs twice"
        assert len({record["name"] for record in held[name]}) == len(held[name]), name
    sets = {record["name"] for record in held["powersets.json"]}
    for record in held[POWERS]:
        assert record["PowersetName"] in sets
        assert record["InternalName"] == f"{record['PowersetName']}.{record['Name']}"
    owners = [record["archetype_id"] for record in held["powersets.json"]]
    assert None in owners
    assert set(owners) - {None} <= ids["archetypes.json"].keys()
    for kind in ("primary", "secondary"):
        for archetype in held["archetypes.json"]:
            for number in archetype.get(f"{kind}_powersets", []):
                powerset = ids["powersets.json"][number]
                assert (powerset["set_type"].lower(), powerset["archetype_id"]) == (kind, archetype["id"])
    made = [record["recipe_id"] for record in held["enhancements.json"] if record["recipe_id"] is not None]
    assert made
    assert set(made) <= ids["recipes.json"].keys()
    for recipe in held["recipes.json"]:
        assert ids["enhancements.json"][recipe["enhancement_id"]]["recipe_id"] == recipe["id"]
        assert {place["salvage_id"] for place in recipe["salvage_required"]} <= ids["salvage.json"].keys()
    for record in held["enhancements.json"]:
        assert set(record.get("salvage_required", [])) <= ids["salvage.json"].keys()


def test_what_the_powers_hold(held):
    powers = held[POWERS]
    effects = [effect for record in powers for effect in record.get("Effects") or ()]
    assert {effect["EffectType"] for effect in effects} <= {name for _, name in EFFECT_TYPE.members}
    assert {tuple(effect) for effect in effects} == {("EffectType", "Scale", "Duration", "Chance")}
    assert len(effects) / COUNT == pytest.approx(4.258, rel=0.05)
    assert all(1 <= record["Level"] <= 50 for record in powers)
    absent, null = Counter(), Counter()
    for record in powers:
        absent.update(key for key in OPTIONAL if key not in record)
        null.update(key for key in OPTIONAL if key in record and record[key] is None)
    assert set(absent) == set(null) == set(OPTIONAL)
    assert sum(absent.values()) + sum(null.values()) < COUNT / 10
    modes = [record["Requirements"] for record in powers if record.get("Requirements")]
    assert {type(value) for mode in modes for value in mode.values()} == {str, type(None)}
    text = "".join(record.get("Description") or "" for record in powers)
    assert set('"\\{}[]\n\r\tü炎🔥') <= set(text)


def test_escapes_and_plain_characters_both_occur(folder):
    data = (folder / POWERS).read_bytes()
    assert rb"\ud83d\udd25" in data
    assert "🔥".encode() in data


def test_pretty_holds_the_same_values(held, folder, tmp_path):
    write_sample(tmp_path / "pretty", powers=COUNT, file_format="exporter", pretty=True)
    assert _load(tmp_path / "pretty") == held
    data = (tmp_path / "pretty" / POWERS).read_bytes()
    assert data.startswith(b'[\n  {\n    "Name": ')
    assert data.endswith(b"\n  }\n]\n")
    lines = data.split(b"\n")
    assert lines.count(b"  {") == lines.count(b"  },") + 1 == COUNT
    assert 1.2 < len(data) / (folder / POWERS).stat().st_size < 1.6


def test_same_arguments_same_bytes(folder, tmp_path):
    script = (
        "import sys; from pathlib import Path; from mids_assets.sample import write_sample;"
        f"write_sample(Path(sys.argv[1]), powers={COUNT}, file_format='exporter')"
    )
    subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "again")],
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONUTF8": "0"},
        cwd=ROOT,
        check=True,
    )
    assert _digests(tmp_path / "again") == _digests(folder)
    write_sample(tmp_path / "other", powers=COUNT, seed=2, file_format="exporter")
    assert _digests(tmp_path / "other")[POWERS] != _digests(folder)[POWERS]


def test_bytes_are_these(tmp_path):
    """On any machine, with any version of Python: a change here is a change of what everybody generates."""
    write_sample(tmp_path, powers=240, seed=3, realm="rebirth", file_format="exporter")
    assert _digests(tmp_path)[POWERS] == "8130e0b05d06fbaa683e7aa2b8339589fefc53a839563a4bc764b54bc0ef1f84"


def test_size_grows_with_the_powers(folder, tmp_path):
    small = (folder / POWERS).stat().st_size / COUNT
    write_sample(tmp_path, powers=COUNT * 4, file_format="exporter")
    assert (tmp_path / POWERS).stat().st_size / (COUNT * 4) == pytest.approx(small, rel=0.06)


def test_powers_as_text(held, tmp_path):
    write_sample(tmp_path, powers=COUNT, file_format="exporter-text")
    assert {path.name for path in tmp_path.iterdir()} == EXPORTER_FILES - {POWERS} | {NOTICE}
    sets = {record["name"].lower() for record in held["powersets.json"]}
    read = [json.loads(record) for record in power_records(tmp_path / POWERS_TEXT, sets)]
    keys = ("Name", "InternalName", "PowersetName", "DisplayName", "Level")
    assert [[r[k] for k in keys] for r in read] == [[r[k] for k in keys] for r in held[POWERS]]
    for spoken, written in zip(read, held[POWERS], strict=True):
        if written.get("Effects") is not None:
            pairs = [(effect["EffectType"], effect["Magnitude"]) for effect in spoken.get("Effects", [])]
            assert pairs == [(effect["EffectType"], effect["Scale"]) for effect in written["Effects"]]
    assert not any("Lines" in record for record in read)


@pytest.mark.parametrize("file_format", ["exporter", "exporter-text"])
def test_it_is_a_source_without_warnings(tmp_path, file_format):
    write_sample(tmp_path / "homecoming", powers=240, file_format=file_format)
    source = open_source(tmp_path / "homecoming")
    assert source.is_sample
    assert source.warnings == []
    assert source.header.main == "data_exporter"


def test_beside_other_forms_it_has_its_own_folder(tmp_path):
    write_sample(tmp_path, powers=240, file_format="all")
    paths = [path for path in tmp_path.rglob("*") if path.is_file()]
    inner = {path.name for path in paths if path.parent == tmp_path / "exporter"}
    assert inner == EXPORTER_FILES - {POWERS_TEXT} | {NOTICE}
    outer, within = open_source(tmp_path), open_source(tmp_path / "exporter")
    assert (outer.header.main, outer.warnings) == ("i12", [])
    assert database_folders(tmp_path) == [tmp_path]
    assert (within.header.main, within.is_sample) == ("data_exporter", True)
    (tmp_path / "exporter" / f"{POWERS}.part").write_bytes(b"a killed run leaves this")
    write_sample(tmp_path, powers=240, file_format="exporter")
    assert not (tmp_path / "exporter").exists(), "an earlier sample goes as a whole"
    assert {path.name for path in tmp_path.iterdir()} == EXPORTER_FILES - {POWERS_TEXT} | {NOTICE}


@pytest.mark.parametrize("foreign", ["exporter/mine.json", "exporter/I12.mhd", "mine/archetypes.json"])
def test_nothing_but_a_sample_is_overwritten(tmp_path, foreign):
    write_release(generate(240), tmp_path, {"mhd", "exporter"})
    (tmp_path / foreign).parent.mkdir(exist_ok=True)
    (tmp_path / foreign).write_bytes(b"mine")
    with pytest.raises(UserError, match=r"mine|I12"):
        write_sample(tmp_path, file_format="exporter")
    assert (tmp_path / foreign).read_bytes() == b"mine"
    assert (tmp_path / "I12.mhd").is_file()


def test_a_real_folder_of_the_exporter_is_refused(tmp_path):
    (tmp_path / "archetypes.json").write_bytes(b"[]")
    with pytest.raises(UserError, match=NOTICE):
        write_sample(tmp_path, file_format="exporter")
    assert (tmp_path / "archetypes.json").read_bytes() == b"[]"


def test_pretty_needs_the_exporter(tmp_path):
    with pytest.raises(UserError, match="--format exporter"):
        write_sample(tmp_path / "a", file_format="mhd", pretty=True)
    assert not (tmp_path / "a").exists()


def test_many_powers_in_little_memory(tmp_path):
    script = (
        "import resource, sys; from pathlib import Path; from mids_assets.sample import write_sample;"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
        "write_sample(Path(sys.argv[1]), powers=60_000, file_format='exporter');"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, check=True, capture_output=True, text=True
    )
    size = (tmp_path / POWERS).stat().st_size
    assert size > 60_000_000
    assert float(ran.stdout) * 1024 < size, "records must not be kept"
