"""From a folder to CityOfData.zip: the same files give the same bytes, and what must not be trusted is refused."""

from __future__ import annotations

import hashlib
import os
import zipfile
from pathlib import Path

import pytest

from mids_assets.errors import FormatError, SourceError, UserError
from mids_assets.readers.city_of_data import files as files_module
from mids_assets.readers.city_of_data.export import FILE_NAME, Export
from mids_assets.readers.city_of_data.pack import pack
from mids_assets_tests.city import tag, write
from mids_assets_tests.city_world import city


@pytest.fixture
def folder(tmp_path) -> Path:
    return write(tmp_path / "export", city())


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_bytes_depend_on_the_kept_files_alone(tmp_path):
    first = write(tmp_path / "a", city())
    second = write(tmp_path / "B", dict(reversed(city().items())) | {"powers/pool/index.json": {}})
    (second / "powers/pool/index.json").write_bytes((first / "powers/pool/index.json").read_bytes())
    os.utime(second / "tags/burning.json", (0, 0))
    (second / "powers/POOL").mkdir()
    for place in (second / "powers/pool/strolling", second / "powers/pool/index.json"):
        place.rename(second / "powers/POOL" / place.name.upper())
    (second / "notes.txt").write_text("mine")
    for name in ("archetypes", "boost_sets"):
        (second / name / "index.json").write_bytes((first / name / "index.json").read_bytes())
    for index in (first / "powers").rglob("index.json"):
        if "pool" not in index.parts:
            (second / index.relative_to(first)).write_bytes(index.read_bytes())
    (second / "powers/POOL/STROLLING/index.json").write_bytes((first / "powers/pool/strolling/index.json").read_bytes())
    pack(first, tmp_path / "a.zip")
    pack(second, tmp_path / "b.zip")
    assert sha256(tmp_path / "a.zip") == sha256(tmp_path / "b.zip")


def test_the_bytes_are_those_of_every_version_of_python(tmp_path):
    """The id of a release is made of them: another Python must not make another release of the same files."""
    files = {"powers/a/b/c.json": b'{"full_name": "A.B.C"}', "tags/überfall 5%.json": b"{}", "manifest.json": b""}
    pack(write(tmp_path / "export", files), tmp_path / FILE_NAME)
    assert sha256(tmp_path / FILE_NAME) == "c4ec6bddca0ad1df8b13f1e9d8b08170a77fc6d9a3dea324fe29af2fde801a5b"
    with zipfile.ZipFile(tmp_path / FILE_NAME) as packed:
        assert {info.compress_type for info in packed.infolist()} == {zipfile.ZIP_STORED}
        assert packed.namelist() == sorted(packed.namelist())


def test_what_is_no_file_of_an_export_is_left_aside_and_counted(folder, tmp_path):
    (folder / "powers" / "pool" / "notes.json").write_text("{}")
    (folder / "entities").mkdir()
    (folder / "entities" / "x.json").write_text("{}")
    (folder / ".DS_Store").write_bytes(b"x")
    packed = pack(folder, tmp_path / FILE_NAME)
    assert packed.warnings == [
        "2 files were left aside, as no kind of file of an export has such a name: entities/x.json,"
        " powers/pool/notes.json."
    ]
    with Export(tmp_path / FILE_NAME) as export:
        assert export.names() == packed.entries
        assert not {"entities/x.json", ".DS_Store"} & set(packed.entries)


def test_an_export_without_powers_archetypes_and_boost_sets_says_what_is_missing(tmp_path):
    with pytest.raises(SourceError, match="holds tags of a City of Data export, and neither powers, archetypes nor"):
        pack(write(tmp_path / "export", tag("Burning")), tmp_path / FILE_NAME)
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match="holds no City of Data export"):
        pack(tmp_path / "empty", tmp_path / FILE_NAME)
    assert not (tmp_path / FILE_NAME).exists()


def test_a_link_is_refused_wherever_it_leads(folder, tmp_path):
    (tmp_path / "secret.json").write_text("{}")
    (folder / "tags" / "secret.json").symlink_to(tmp_path / "secret.json")
    with pytest.raises(SourceError, match=r"tags/secret\.json: refused, it is a link"):
        pack(folder, tmp_path / FILE_NAME)
    (folder / "tags" / "secret.json").unlink()
    (folder / "powers" / "loop").symlink_to(folder / "powers", target_is_directory=True)
    with pytest.raises(SourceError, match=r"powers/loop: refused, it is a link"):
        pack(folder, tmp_path / FILE_NAME)


def test_a_pipe_is_no_file_and_nobody_waits_for_it(folder, tmp_path):
    os.mkfifo(folder / "tags" / "pipe.json")
    pack(folder, tmp_path / FILE_NAME)
    with Export(tmp_path / FILE_NAME) as export:
        assert "tags/pipe.json" not in export.names()


def test_two_names_that_differ_by_case_are_refused(folder, tmp_path):
    (folder / "tags" / "BURNING.json").write_text("{}")
    with pytest.raises(FormatError, match="two files have the path"):
        pack(folder, tmp_path / FILE_NAME)


def test_a_file_that_is_too_large_is_refused_unread(folder, tmp_path):
    with (folder / "tags" / "burning.json").open("wb") as out:
        out.truncate(files_module.FILE_LIMIT + 1)
    with pytest.raises(FormatError, match=r"tags/burning\.json has 67,108,865 bytes"):
        pack(folder, tmp_path / FILE_NAME)


def test_too_many_files_are_refused(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(files_module, "FILES_LIMIT", 10)
    with pytest.raises(FormatError, match="more than 10 files"):
        pack(folder, tmp_path / FILE_NAME)


@pytest.mark.parametrize("change", ["grows", "vanishes", "comes", "is written anew"])
def test_a_file_that_changes_meanwhile_is_an_error(folder, tmp_path, monkeypatch, change):
    read = files_module.FolderFiles.read
    place = folder / "tags" / "soot_smoke.json"

    def reading(self, name):
        if name.endswith("burning.json"):
            if change == "grows":
                place.write_bytes(place.read_bytes() + b" ")
            elif change == "vanishes":
                place.unlink()
            elif change == "comes":
                (folder / "tags" / "new.json").write_text("{}")
            else:
                data = place.read_bytes()
                place.write_bytes(data)
                os.utime(place, ns=(1, 1))
        return read(self, name)

    monkeypatch.setattr(files_module.FolderFiles, "read", reading)
    with pytest.raises(SourceError, match="was changed while it was being read"):
        pack(folder, tmp_path / FILE_NAME)


def test_a_file_that_cannot_be_read_is_named(folder, tmp_path, monkeypatch):
    def denied(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", denied)
    with pytest.raises(UserError, match=r"\.json cannot be read \(Permission denied\); make it readable"):
        pack(folder, tmp_path / FILE_NAME)
    assert list(tmp_path.iterdir()) == [folder]


def test_a_name_that_is_no_utf_8_is_refused(folder, tmp_path):
    (folder / "tags" / os.fsdecode(b"\xff.json")).write_text("{}")
    with pytest.raises(FormatError, match="no UTF-8"):
        pack(folder, tmp_path / FILE_NAME)


def test_a_target_that_cannot_be_written_names_the_place(folder, tmp_path):
    with pytest.raises(UserError, match="make room there or set TMPDIR"):
        pack(folder, tmp_path / "nowhere" / FILE_NAME)
