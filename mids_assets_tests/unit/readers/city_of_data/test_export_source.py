"""An export as a source: found by what it holds, in a folder or an archive, and its realm."""

from __future__ import annotations

import gzip
import io
import lzma
import shutil
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from mids_assets.commands.realms import realms_to_import
from mids_assets.errors import SourceError, UserError
from mids_assets.readers.city_of_data.export import FILE_NAME, Export
from mids_assets.readers.city_of_data.pack import is_packed, pack
from mids_assets.readers.source import UNVERSIONED, open_source
from mids_assets.readers.unpack import database_folders, opened_source
from mids_assets.settings import Settings
from mids_assets.transform.ingest import check_realm, open_stored, store_release
from mids_assets.transform.store import Store
from mids_assets_tests.city import REVISION, Files, power, tag, write
from mids_assets_tests.city_world import city
from mids_assets_tests.real import CITY_OF_DATA, SAMPLE, city_of_data_folder, needs_city
from mids_assets_tests.unit.readers.source_support import database

REALM = "homecoming_cod"
BOTH = Settings(realms=("homecoming", REALM))


def archive(path: Path, folder: Path, prefix: str = "filtered_data/") -> Path:
    """The files of a folder as a ZIP or a tar, by the suffix of `path`; deflated or packed by gzip or xz."""
    files = [(prefix + place.relative_to(folder).as_posix(), place) for place in sorted(folder.rglob("*.json"))]
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
            for name, place in files:
                out.write(place, name)
        return path
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as out:
        for name, place in files:
            out.add(place, name)
    how: dict[str, Callable[[bytes], bytes]] = {
        ".tar": bytes,
        ".gz": gzip.compress,
        ".xz": lambda data: lzma.compress(data, preset=0),
    }
    path.write_bytes(how[path.suffix](tar.getvalue()))
    return path


def refused(path: Path, realm: str | None = None, *, words: str) -> None:
    with pytest.raises(SourceError, match=words), opened_source(path, realm):
        pass


@pytest.fixture
def folder(tmp_path) -> Path:
    return write(tmp_path / "homecoming-20240229", city())


def test_a_folder_is_an_export_whose_revision_is_its_version(folder):
    with opened_source(folder, REALM) as source:
        head = source.header
        assert (source.path, source.warnings, source.is_sample) == (folder, [], False)
        assert (head.version, str(head.date), head.main, head.layout) == (
            *(REVISION, "2024-02-29 00:00:00+00:00"),
            *("city_of_data", "json"),
        )
        assert (list(source.files), source.files["city_of_data"].name) == (["city_of_data"], FILE_NAME)
        with Export(source.files["city_of_data"].path) as export:
            assert export.revision == REVISION


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tar.gz", "a.tar.xz"])
def test_folder_and_archive_of_the_same_files_are_one_release(folder, tmp_path, name):
    store = Store(tmp_path / "releases")
    packed = archive(tmp_path / name, folder).rename(tmp_path / "download")  # No name tells what it is.
    stored = [store_release(store, REALM, place) for place in (folder, packed)]
    assert len({one.release for one in stored}) == 1
    assert [one.is_new for one in stored] == [True, False]
    assert stored[1].source.path.name == "source"
    kept = stored[0].source.files["city_of_data"].path
    again = store_release(store, REALM, kept)
    assert (again.release, again.is_new) == (stored[0].release, False)
    assert open_stored(store, REALM, stored[0].release).header == stored[0].header


def test_it_is_found_below_what_was_named(folder, tmp_path):
    outer = tmp_path / "outer" / "download"
    outer.mkdir(parents=True)
    folder.rename(outer / "filtered_data")
    assert database_folders(tmp_path / "outer") == [outer / "filtered_data"]
    with opened_source(tmp_path / "outer", REALM) as source:
        assert source.path == outer / "filtered_data"


@pytest.mark.parametrize(
    "part", ["powers", "archetypes", "boost_sets"], ids=["powers only", "archetypes only", "boost sets only"]
)
def test_a_part_is_enough(tmp_path, part):
    files = {name: content for name, content in city().items() if name.startswith(part)}
    with opened_source(write(tmp_path / "part", files), REALM) as source:
        assert source.header.version == (REVISION if part == "archetypes" else UNVERSIONED)
        assert (source.header.date is None) == (part != "archetypes")


def test_what_could_be_an_export_and_holds_nothing_of_use_is_refused(tmp_path):
    refused(
        write(tmp_path / "tags", tag("Burning")), REALM, words="holds tags of a City of Data export, and neither powers"
    )
    other: Files = {"powers/a/b/c.json": b'{"full_name": "something else"}', "archetypes/index.json": b"{}"}
    refused(write(tmp_path / "other", other), REALM, words="missing the main database")
    assert database_folders(tmp_path / "other") == []


def test_a_damaged_file_does_not_hide_the_export(tmp_path):
    files = city() | {"archetypes/a.json": b"\xff", "powers/cobbler_melee/index.json": b""}
    with opened_source(write(tmp_path / "export", files), REALM) as source:
        assert source.header.version == REVISION


def test_names_of_folders_in_another_case_are_the_same(folder):
    (folder / "archetypes" / "index.json").rename(folder / "archetypes" / "INDEX.JSON")
    for name in ("powers", "archetypes", "boost_sets"):
        (folder / name).rename(folder / name.title())
    for name in ("tables", "tags", "exclusion_groups", "recharge_groups"):
        shutil.rmtree(folder / name)
    assert realms_to_import(BOTH, folder.parent) == [REALM]
    with opened_source(folder, REALM) as source:
        assert source.header.version == REVISION


def test_an_archive_without_an_export_says_so(tmp_path):
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as out:
        out.addfile(tarfile.TarInfo("Homecoming/I12.mhd"), io.BytesIO())
    refused(tmp_path / "a.tar.gz", words=r"a\.tar\.gz: this archive holds no City of Data export")


def test_realms_of_exports_take_exports_alone(folder):
    with opened_source(folder, "homecoming") as source:
        check_realm(source, REALM)
        with pytest.raises(SourceError, match=r"--realm homecoming_cod, which has to be among MIDS_REALMS"):
            check_realm(source, "homecoming")
        with pytest.raises(SourceError, match=r"revision says 'homecoming-20240229_1234'.*--realm homecoming_cod"):
            check_realm(source, "rebirth_cod")
    with (
        opened_source(SAMPLE) as source,
        pytest.raises(SourceError, match=r"database of MidsReborn.*--realm homecoming"),
    ):
        check_realm(source, REALM)


def test_an_export_that_names_no_realm_goes_into_any_of_exports(tmp_path):
    with opened_source(write(tmp_path / "homecoming", power("Pool.Strolling.Saunter")), "rebirth_cod") as source:
        check_realm(source, "rebirth_cod")
        with pytest.raises(SourceError, match=r"--realm rebirth_cod"):
            check_realm(source, "rebirth")


def test_import_without_a_realm_goes_where_the_export_belongs(folder, tmp_path):
    for place in (folder, tmp_path, archive(tmp_path / "a.tar.xz", folder)):
        assert realms_to_import(BOTH, place) == [REALM]
        with pytest.raises(UserError, match=r"MIDS_REALMS=homecoming,homecoming_cod$"):
            realms_to_import(Settings(), place)


def test_the_realm_picks_between_an_export_and_a_database(folder, tmp_path):
    folder.rename(database(tmp_path / "Data" / "Any") / "export")
    (tmp_path / "Data" / "Any" / "export").rename(tmp_path / "Data" / "export")
    for realm, main in (("homecoming", "i12"), (REALM, "city_of_data")):
        with opened_source(tmp_path / "Data", realm) as source:
            assert source.header.main == main
    with pytest.raises(SourceError, match=r"several databases \(Any, export\)"), opened_source(tmp_path / "Data"):
        pass


def test_the_realm_picks_in_a_folder_that_holds_both(folder):
    database(folder)
    for realm, main in (("homecoming", "i12"), (None, "i12"), (REALM, "city_of_data")):
        with opened_source(folder, realm) as source:
            assert source.header.main == main


def test_the_realm_picks_among_exports(folder, tmp_path):
    other = city() | {"archetypes/index.json": {"revision": "rebirth-20240301"}}
    write(tmp_path / "other", other)
    for realm, version in ((REALM, REVISION), ("rebirth_cod", "rebirth-20240301")):
        with opened_source(tmp_path, realm) as source:
            assert source.header.version == version
    packed = tmp_path / "both.zip"
    with zipfile.ZipFile(packed, "w") as out:
        for name in ("other", folder.name):
            for place in (tmp_path / name).rglob("*.json"):
                out.write(place, place.relative_to(tmp_path))
    with opened_source(packed, "rebirth_cod") as source:
        assert source.header.version == "rebirth-20240301"
    with pytest.raises(SourceError, match=r"several databases"), opened_source(packed):
        pass


def test_a_copy_inside_of_an_export_is_no_second_one(folder, tmp_path):
    write(folder / "old", power("Pool.Strolling.Saunter"))
    packed = archive(tmp_path / "a.zip", folder)
    found = []
    for place in (folder, packed):
        with opened_source(place, REALM) as source:
            assert "left aside" in source.warnings[0] and "old/powers/pool/index.json" in source.warnings[0]
            found.append(source.content_hash)
    assert found[0] == found[1]


def test_an_archive_of_an_export_and_a_database_is_unpacked_by_a_person(folder, tmp_path):
    database(folder)
    packed = archive(tmp_path / "a.zip", folder)
    with zipfile.ZipFile(packed, "a") as out:
        out.write(folder / "I12.mhd", "Homecoming/I12.mhd")
    refused(packed, REALM, words=r"a database of MidsReborn \(Homecoming/I12\.mhd\); unpack it")


def test_a_file_that_only_has_the_name_of_a_packed_export_is_refused(folder, tmp_path):
    place = tmp_path / "place"
    place.mkdir()
    archive(tmp_path / "a.zip", folder, "").rename(place / FILE_NAME)
    refused(place, REALM, words="was not packed by this program; give the file itself")
    with opened_source(place / FILE_NAME, REALM) as source:
        assert source.header.version == REVISION


def test_a_bomb_under_the_name_of_a_packed_export_is_not_inflated(tmp_path):
    place = tmp_path / "place"
    place.mkdir()
    with (
        zipfile.ZipFile(place / FILE_NAME, "w", zipfile.ZIP_DEFLATED) as out,
        out.open("archetypes/index.json", "w") as entry,
    ):
        for _ in range(64):
            entry.write(bytes(1024 * 1024))
    tracemalloc.start()
    try:
        refused(tmp_path, REALM, words="was not packed by this program")
        assert realms_to_import(BOTH, tmp_path) == ["homecoming"]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * 1024 * 1024


def test_entries_that_share_bytes_are_not_taken_for_a_packed_export(folder, tmp_path):
    (tmp_path / "place").mkdir()
    pack(folder, tmp_path / "place" / FILE_NAME)
    assert is_packed(tmp_path / "place" / FILE_NAME)
    data = (tmp_path / "place" / FILE_NAME).read_bytes()
    with zipfile.ZipFile(tmp_path / "place" / FILE_NAME) as archive:
        second = archive.infolist()[1]
    at = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 4) + 42
    assert data[at : at + 4] == second.header_offset.to_bytes(4, "little")
    (tmp_path / "place" / FILE_NAME).write_bytes(data[:at] + bytes(4) + data[at + 4 :])
    assert not is_packed(tmp_path / "place" / FILE_NAME)


@needs_city
def test_folder_and_archive_of_the_real_export_are_one_release():
    with opened_source(CITY_OF_DATA, REALM) as archived, opened_source(city_of_data_folder(), REALM) as plain:
        assert archived.content_hash == plain.content_hash
        assert archived.path == CITY_OF_DATA
        assert open_source(archived.files["city_of_data"].path.parent).content_hash == plain.content_hash
