"""Whether an export holds what the manifests in it say was kept."""

from __future__ import annotations

import pytest

from mids_assets.readers.city_of_data.export import FILE_NAME
from mids_assets.readers.city_of_data.pack import pack
from mids_assets_tests.city import Files, encoded, write
from mids_assets_tests.city_world import city
from mids_assets_tests.real import city_of_data_folder, needs_city


def manifest(key: str, files: Files) -> Files:
    kept = [{"copied_to": name, "size_bytes": len(encoded(content)), "layer": 3} for name, content in files.items()]
    return {"directory": "tags", "total_files": len(kept), key: kept}


def warnings(tmp_path, files: Files) -> list[str]:
    return pack(write(tmp_path / "export", files), tmp_path / FILE_NAME).warnings


@pytest.mark.parametrize(("name", "key"), [("manifest.json", "kept_files"), ("tags_manifest.json", "entries")])
def test_what_is_missing_or_changed_is_one_warning(tmp_path, name, key):
    made = city()
    lost = {f"tags/Lost{number}.json": {} for number in range(4)}
    stated = manifest(key, made | lost)
    stated[key][0]["size_bytes"] += 1
    first = next(iter(made))
    assert warnings(tmp_path, made | {name: stated}) == [
        f"Of {len(made) + 4} files that the manifests say were kept, 4 are missing (tags/lost0.json, tags/lost1.json,"
        f" tags/lost2.json, ...) and 1 has another size ({first})."
    ]


def test_nothing_is_said_where_all_is_there(tmp_path):
    made = city()
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / ".DS_Store").write_bytes(encoded({}))
    files = manifest("entries", made | {".DS_Store": {}})
    assert warnings(tmp_path, made | {"manifest.json": files, "tags_manifest.json": manifest("entries", {})}) == []


@pytest.mark.parametrize("damaged", [b"{", b"[]", b'{"entries": [{"copied_to": 1}]}', b"\xff"])
def test_a_manifest_that_cannot_be_read_is_named(tmp_path, damaged):
    assert warnings(tmp_path, city() | {"tags_manifest.json": damaged}) == [
        "tags_manifest.json could not be read as a manifest, so the files were not checked against it."
    ]


@needs_city
def test_the_real_export_lacks_117_files_of_its_manifests(tmp_path):
    (warning,) = pack(city_of_data_folder(), tmp_path / FILE_NAME).warnings
    assert warning.startswith("Of 6,479 files that the manifests say were kept, 117 are missing (archetypes/boss_arch")
    assert "another size" not in warning
