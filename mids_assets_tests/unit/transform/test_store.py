"""Files appear whole or not at all, and pointers, manifests and ids say what they should."""

import json
import shutil

import pytest

from mids_assets.errors import StaleBuild
from mids_assets.transform import build
from mids_assets.transform.build import (
    BuildManifest,
    Chunk,
    build_id,
    chunk_key,
    read_manifest,
    release_id,
    write_manifest,
)
from mids_assets.transform.store import Store, existing, read_json, replacing, replacing_dir, write_json
from mids_assets_tests.real import PROJECT

_COMPILED = shutil.ignore_patterns("__pycache__")


def test_a_failed_write_leaves_the_old_file_and_no_rest(tmp_path):
    path = tmp_path / "a.json"
    write_json(path, {"old": 1})
    with pytest.raises(RuntimeError), replacing(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert read_json(path) == {"old": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_a_folder_takes_the_place_of_the_old_one_only_when_complete(tmp_path):
    target = tmp_path / "raw"
    with replacing_dir(target) as folder:
        (folder / "one").write_text("1")
    with pytest.raises(RuntimeError), replacing_dir(target) as folder:
        (folder / "two").write_text("2")
        raise RuntimeError
    assert [p.name for p in target.iterdir()] == ["one"]
    with replacing_dir(target) as folder:
        (folder / "three").write_text("3")
    assert [p.name for p in target.iterdir()] == ["three"]
    assert [p.name for p in tmp_path.iterdir()] == ["raw"]


def test_pointer_moves_as_a_whole(tmp_path):
    store = Store(tmp_path)
    assert store.pointed("homecoming", "plan") is None
    store.point("homecoming", "plan", {"release": "r", "build": "b"})
    assert store.pointed("homecoming", "plan") == {"release": "r", "build": "b"}


def test_a_missing_input_names_the_asset_to_materialize(tmp_path):
    with pytest.raises(StaleBuild, match="materialize frames/power"):
        existing(tmp_path / "power.parquet", "frames/power")


def test_ids_depend_on_realm_content_code_and_chunk_size(monkeypatch):
    release = release_id("homecoming", "abc")
    assert release != release_id("rebirth", "abc") != release_id("rebirth", "abd")
    one = build_id(release, chunk_bytes=1024)
    assert one == build_id(release, chunk_bytes=1024) != build_id(release, chunk_bytes=2048)
    monkeypatch.setattr(build, "code_fingerprint", lambda: "another")
    assert build_id(release, chunk_bytes=1024) != one


@pytest.mark.parametrize(
    ("changed", "rows", "comparing"),
    [
        ("transform/frames.py", True, False),
        ("model/tables/powers.py", True, False),
        ("readers/city_of_data/words.py", True, False),
        ("transform/diff/compare.py", False, True),
        ("transform/crosscheck/fields.py", False, True),
        ("warehouse/publish.py", False, False),
    ],
)
def test_what_compares_makes_no_new_builds_and_is_known_by_itself(tmp_path, monkeypatch, changed, rows, comparing):
    for package in ("readers", "transform", "model", "warehouse"):
        shutil.copytree(PROJECT / "mids_assets" / package, tmp_path / package, ignore=_COMPILED)
    monkeypatch.setattr(build.mids_assets, "__file__", str(tmp_path / "__init__.py"))
    fingerprints = [one.__wrapped__ for one in (build.code_fingerprint, build.comparing_fingerprint)]
    before = [one() for one in fingerprints]
    with (tmp_path / changed).open("a") as file:
        file.write("# changed\n")
    assert [one() != was for one, was in zip(fingerprints, before, strict=True)] == [rows, comparing]


def test_partition_keys_sort_like_the_file():
    keys = [chunk_key("0123456789abcdef", start, start + 9) for start in (0, 9, 99, 1_000_000, 900_000_000)]
    assert keys == sorted(keys)
    assert all(c in "0123456789abcdefghijklmnopqrstuvwxyz_.-" for key in keys for c in key)


def test_manifest_survives_and_does_not_change(tmp_path):
    store = Store(tmp_path)
    chunks = (Chunk("k", 0, 10, 0, 1), Chunk("l", 10, 20, 1, 1))
    manifest = BuildManifest("homecoming", "r", "b", "canonical", "sha", chunks, {"i12.json": {"records": 2}})
    paths = store.build("homecoming", "r", "b")
    write_manifest(paths, manifest)
    write_manifest(paths, manifest)
    assert read_manifest(store, "homecoming", "r", "b") == (paths, manifest)
    assert manifest.chunk("l") == chunks[1] and manifest.chunk("m") is None
    other = BuildManifest("homecoming", "r", "b", "canonical", "other", chunks, {})
    with pytest.raises(StaleBuild, match="other chunks"):
        write_manifest(paths, other)
    assert json.loads(paths.manifest.read_text())["i12_sha256"] == "sha"


@pytest.mark.parametrize("first_wins", [False, True])
def test_a_folder_that_two_write_at_once_is_whole_and_nothing_else_is_left(tmp_path, first_wins):
    path = tmp_path / "folder"
    with replacing_dir(path, first_wins=first_wins) as slow:
        (slow / "slow").touch()
        with replacing_dir(path) as quick:
            (quick / "quick").touch()
        with (path / "quick").open() as reader:
            assert reader.read() == ""
    assert [file.name for file in path.iterdir()] == ["quick" if first_wins else "slow"]
    assert [place.name for place in tmp_path.iterdir()] == ["folder"]
