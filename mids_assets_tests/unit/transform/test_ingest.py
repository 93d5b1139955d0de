"""A source is copied whole and verified; a damaged store and a wrong realm are told."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from mids_assets.errors import SourceError, UserError
from mids_assets.readers.layout import layout_fingerprint
from mids_assets.readers.layouts import FAMILIES
from mids_assets.readers.source import open_source
from mids_assets.readers.source_realm import RealmEvidence
from mids_assets.transform import ingest
from mids_assets.transform.ingest import check_realm, open_stored, require_space, store_release
from mids_assets.transform.store import Store, read_json, write_json

SAMPLE = Path(__file__).resolve().parents[3] / "data" / "sample"


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "releases")


def test_a_release_is_stored_once(store):
    first = store_release(store, "homecoming", SAMPLE)
    again = store_release(store, "homecoming", SAMPLE)
    assert first.is_new and not again.is_new
    assert first.release == again.release
    copied = {p.name: p.read_bytes() for p in (first.folder / "source").iterdir() if p.name != "SAMPLE.txt"}
    assert copied and all((SAMPLE / name).read_bytes() == data for name, data in copied.items())
    manifest = read_json(first.folder / "release.json")
    assert manifest["is_sample"] and {file["name"] for file in manifest["files"]} == set(copied)
    assert manifest["choice"].startswith("I12.mhd is read")


def test_the_manifest_names_the_layout_of_every_binary_file(store, tmp_path):
    stored = store_release(store, "homecoming", SAMPLE)
    manifest = read_json(stored.folder / "release.json")
    newest = {kind: (family.newest.id, layout_fingerprint(family.newest)) for kind, family in FAMILIES.items()}
    found = {file["kind"]: (file["layout"], file["fingerprint"]) for file in manifest["files"] if "layout" in file}
    assert {"i12", "enhdb", "recipe", "salvage"} <= found.keys()
    assert found == {kind: newest[kind] for kind in found}
    assert (manifest["header"]["layout"], manifest["header"]["layout_fingerprint"]) == newest["i12"]
    assert stored.layouts["EnhDB.mhd"] == " ".join(newest["enhdb"])
    # One that is damaged is stored without.
    shutil.copytree(SAMPLE, tmp_path / "damaged")
    (tmp_path / "damaged" / "EnhDB.mhd").write_bytes((SAMPLE / "EnhDB.mhd").read_bytes()[:100])
    damaged = store_release(store, "homecoming", tmp_path / "damaged")
    assert damaged.layouts == {name: text for name, text in stored.layouts.items() if name != "EnhDB.mhd"}
    # So is every file of a release that an earlier version stored.
    for file in manifest["files"]:
        file.pop("layout", None)
    write_json(stored.folder / "release.json", manifest)
    assert open_stored(store, "homecoming", stored.release).layouts == {}


def test_the_same_bytes_elsewhere_are_the_same_release(store, tmp_path):
    copy = tmp_path / "elsewhere"
    shutil.copytree(SAMPLE, copy)
    for path in copy.iterdir():
        os.utime(path, (0, 0))
    assert store_release(store, "homecoming", SAMPLE).release == store_release(store, "homecoming", copy).release


def test_a_file_damaged_in_the_store_is_told(store):
    stored = store_release(store, "homecoming", SAMPLE)
    path = stored.folder / "source" / "Salvage.mhd"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(SourceError, match=r"Salvage\.mhd differs from what was stored"):
        open_stored(store, "homecoming", stored.release)


def test_a_file_that_changes_while_it_is_copied_is_refused(store, tmp_path, monkeypatch):
    copy = tmp_path / "copy"
    shutil.copytree(SAMPLE, copy)
    original = ingest._copy

    def grown(source, target):
        if source.name == "Salvage.mhd":
            source.write_bytes(source.read_bytes() + b"x")
        return original(source, target)

    monkeypatch.setattr(ingest, "_copy", grown)
    with pytest.raises(SourceError, match="was changed while it was being read"):
        store_release(store, "homecoming", copy)
    assert not any(store.root.rglob("release.json"))


def test_declared_evidence_of_another_realm_is_refused():
    source = open_source(SAMPLE)
    stated = RealmEvidence("rebirth", "powers_replacement", "Rebirth")
    real = replace(source, is_sample=False, declared_realms=[stated])
    with pytest.raises(SourceError, match="--realm rebirth"):
        check_realm(real, "homecoming")
    check_realm(real, "rebirth")
    # The program's default address stood in every database for years, and a sample may lie anywhere.
    check_realm(replace(real, declared_realms=[RealmEvidence("rebirth", "manifest_uri", "x")]), "homecoming")
    check_realm(replace(real, is_sample=True), "homecoming")


def test_an_unknown_release_is_a_user_error(store):
    with pytest.raises(UserError, match="is not stored"):
        open_stored(store, "homecoming", "0" * 16)


@pytest.mark.parametrize(("main", "needed"), [("i12", "10,000,000,000,000"), ("city_of_data", "4,000,000,000,000")])
def test_too_little_disk_is_said_before_anything_is_written(tmp_path, main, needed):
    sample = open_source(SAMPLE)
    files = {main: replace(sample.files["i12"], size=10**18)}
    source = replace(sample, files=files, header=replace(sample.header, main=main))
    with pytest.raises(UserError, match=f"MB are free, and this import needs about {needed} MB"):
        require_space(tmp_path, source)
