"""Archives and Data folders as sources: the same files are the same source, and nothing leaves its folder."""

from __future__ import annotations

import io
import resource
import shutil
import stat
import zipfile
from pathlib import Path

import pytest

from mids_assets.commands.realms import realms_to_import
from mids_assets.errors import MidsError, SourceError, UserError
from mids_assets.readers.patch import write_patch
from mids_assets.readers.patch_hash import write_hash
from mids_assets.readers.source import open_source
from mids_assets.readers.unpack import opened_source
from mids_assets.settings import Settings
from mids_assets.transform.ingest import store_release
from mids_assets.transform.store import Store
from mids_assets_tests.real import SAMPLE

FILES = sorted(path for path in SAMPLE.iterdir() if path.is_file() and path.name != "Mids.zip")


def patch(path: Path, directory: str = "Homecoming") -> Path:
    entries = [(directory, file.name, file.read_bytes()) for file in FILES]
    write_patch(path, entries)
    write_hash(path.with_suffix(".hash"), entries)
    return path


def archive(path: Path, prefix: str = "MidsReborn/Data/Homecoming/") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for file in FILES:
            out.writestr(prefix + file.name, file.read_bytes())
    return path


def folder(path: Path) -> Path:
    path.mkdir(parents=True)
    for file in FILES:
        shutil.copy(file, path)
    return path


def test_folder_patch_and_archive_of_the_same_files_are_one_release(tmp_path):
    store = Store(tmp_path / "releases")
    sources = [folder(tmp_path / "plain"), patch(tmp_path / "a.mru"), archive(tmp_path / "a.zip")]
    stored = [store_release(store, "homecoming", source) for source in sources]
    assert len({one.release for one in stored}) == 1
    assert [one.is_new for one in stored] == [True, False, False]


def test_a_mids_zip_stays_what_it_is():
    with opened_source(SAMPLE / "Mids.zip") as source:
        assert source.header.main == "mids_zip"


def test_a_missing_hash_file_is_a_warning_and_a_wrong_one_an_error(tmp_path):
    made = patch(tmp_path / "a.mru")
    with opened_source(made) as source:
        known = len(source.warnings)
    made.with_suffix(".hash").unlink()
    with opened_source(made) as source:
        assert len(source.warnings) == known + 1
    write_hash(made.with_suffix(".hash"), [("Homecoming", "I12.mhd", b"other")])
    with pytest.raises(MidsError), opened_source(made):
        pass


def test_the_realm_picks_among_several_databases(tmp_path):
    for realm in ("Homecoming", "Rebirth"):
        folder(tmp_path / "Data" / realm)
    with opened_source(tmp_path / "Data", "rebirth") as source:
        assert source.path.name == "Rebirth"
    with pytest.raises(SourceError, match="several databases"), opened_source(tmp_path / "Data"):
        pass
    both = Settings(realms=("homecoming", "rebirth"))
    assert realms_to_import(both, tmp_path / "Data") == ["homecoming", "rebirth"]
    with pytest.raises(UserError, match="MIDS_REALMS=homecoming,rebirth"):
        realms_to_import(Settings(), tmp_path / "Data")
    assert realms_to_import(both, tmp_path / "Data" / "Homecoming") == ["homecoming"]


def _link(out: zipfile.ZipFile) -> None:
    info = zipfile.ZipInfo("Homecoming/Recipe.mhd")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    out.writestr(info, "/etc/passwd")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda out: out.writestr("../outside", b"x"),
        lambda out: out.writestr("Homecoming/../../outside", b"x"),
        lambda out: out.writestr("/outside", b"x"),
        lambda out: out.writestr("C:/outside", b"x"),
        lambda out: out.writestr("Homecoming/i12.MHD", b"x"),
        lambda out: out.writestr("Homecoming/a\x01b", b"x"),
        _link,
    ],
    ids=["parent", "inner parent", "absolute", "drive", "equal but for case", "control character", "link"],
)
def test_an_entry_that_could_do_harm_refuses_the_whole_archive(tmp_path, spoil):
    made = archive(tmp_path / "a.zip", "Homecoming/")
    with zipfile.ZipFile(made, "a") as out:
        spoil(out)
    before = set(tmp_path.rglob("*"))
    with pytest.raises(MidsError, match=r"a\.zip"), opened_source(made):
        pass
    assert set(tmp_path.rglob("*")) == before


def test_an_archive_in_an_archive_is_not_followed(tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as out:
        out.writestr("Homecoming/I12.mhd", b"x")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
        out.writestr("inner.zip", inner.getvalue())
    with pytest.raises(MidsError), opened_source(tmp_path / "a.zip"):
        pass


def test_a_bomb_ends_in_an_error_with_memory_flat(tmp_path):
    made = tmp_path / "a.zip"
    block = bytes(1024 * 1024)
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out, out.open("Homecoming/I12.mhd", "w") as entry:
        for _ in range(64):
            entry.write(block)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(MidsError, match=r"a\.zip"), opened_source(made, limit=8 * 1024 * 1024):
        pass
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 32 * 1024


def test_what_is_unpacked_is_gone_afterwards_and_errors_name_the_archive(tmp_path):
    with opened_source(patch(tmp_path / "a.mru")) as source:
        inside = source.files["i12"].path
        assert inside.exists()
    assert not inside.exists()
    entries = [("Homecoming", file.name, file.read_bytes()) for file in FILES if file.name != "Salvage.mhd"]
    write_patch(tmp_path / "b.mru", entries)
    with pytest.raises(SourceError, match=r"b\.mru.*missing Salvage"), opened_source(tmp_path / "b.mru"):
        pass


def test_a_plain_folder_is_read_where_it_lies(tmp_path):
    with opened_source(SAMPLE) as source:
        assert source.content_hash == open_source(SAMPLE).content_hash
        assert source.path == SAMPLE


def test_a_database_inside_does_not_stand_in_for_the_main_file(tmp_path):
    """A person who lost I12.mhd must not get an older copy, or a lesser form of it, without a word."""
    folder(tmp_path / "db")
    (tmp_path / "db" / "I12.mhd").unlink()
    folder(tmp_path / "db" / "copy")
    with pytest.raises(SourceError, match=r"db: missing the main database \(I12\.mhd"), opened_source(tmp_path / "db"):
        pass
