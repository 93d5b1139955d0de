"""The place of backups as a folder and as a bucket of a real S3-compatible server: one behaviour, typed errors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mids_assets.errors import BackupUnusable, NetworkUnavailable, UserError
from mids_assets.objects.place import PART_BYTES
from mids_assets.settings import Settings
from mids_assets.warehouse.backup.manifest import backups, find_backup
from mids_assets.warehouse.backup.place import open_place
from mids_assets.warehouse.backup.restoring import restore
from mids_assets.warehouse.backup.taking import DUMP, back_up
from mids_assets_tests.made_up import made_up
from mids_assets_tests.published import REALM, contents, expected, forget, go
from mids_assets_tests.s3_server import SECRET

BUCKET = "s3://mids/backups/of/it"


@pytest.fixture(params=["folder", "s3"])
def settings(request, tmp_path) -> Settings:
    if request.param == "s3":
        request.getfixturevalue("s3")
        return Settings(data_dir=tmp_path, backup_url=f"{BUCKET}/{tmp_path.name}")
    return Settings(data_dir=tmp_path, backup_url=f"file://{tmp_path}/made/new")


def test_files_are_there_whole_or_not_at_all(settings):
    place = open_place(settings)
    assert place.files() == []
    big = [bytes([n]) * (PART_BYTES // 2) for n in range(5)]
    place.write("a/big", big)
    place.write("a/b/small", [b"x", b"y"])
    place.write("ab/other", [])

    def breaks_off() -> Iterator[bytes]:
        yield b"z" * (PART_BYTES + 1)
        raise BackupUnusable("pg_dump broke off")

    with pytest.raises(BackupUnusable, match="broke off"):
        place.write("a/cut", breaks_off())
    assert [(file.path, file.bytes) for file in place.files("a")] == [("a/b/small", 2), ("a/big", len(big[0]) * 5)]
    assert [file.path for file in place.files()] == ["a/b/small", "a/big", "ab/other"]
    assert b"".join(place.read("a/big")) == b"".join(big)
    assert b"".join(place.read("ab/other")) == b""
    with pytest.raises(FileNotFoundError):
        list(place.read("a/cut"))
    assert all(abs(file.at - datetime.now(UTC)) < timedelta(minutes=5) for file in place.files())
    place.write("a/b/small", [b"again"])
    assert b"".join(place.read("a/b/small")) == b"again"
    place.remove(["a/big", "ab/other"])
    assert [file.path for file in place.files()] == ["a/b/small"]


def test_a_realm_goes_to_a_bucket_and_comes_back(server, empty, s3, tmp_path):
    settings = replace(server, backup_url=f"{BUCKET}/cycle", backup_keep_daily=1)
    build = made_up(1, share=1.0)
    go(empty, settings, build.write(tmp_path / "1"))
    taken = back_up(settings, REALM, "asked").manifest
    place = open_place(settings)
    assert backups(place) == [find_backup(place, REALM, "latest")] == [taken]
    forget(empty)
    restore(settings, place, [taken])
    assert contents(empty) == expected(empty, build)

    path = taken.path(DUMP)
    dump = b"".join(place.read(path))
    place.write(path, [dump[:-1], bytes([dump[-1] ^ 1])])
    with pytest.raises(BackupUnusable, match=f"{DUMP} is damaged"):
        restore(settings, place, [taken])
    # An older one is thinned out there as well.
    old = replace(taken, name="homecoming-old", created_at=taken.created_at - timedelta(days=1))
    place.write(old.path("manifest.json"), [json.dumps(old.as_json()).encode()])
    assert back_up(replace(settings, backup_keep_weekly=0, backup_keep_monthly=0), REALM, "asked").removed == [old.name]


def test_a_store_that_refuses_is_the_users_to_mend(s3, monkeypatch):
    place = open_place(Settings(backup_url=BUCKET))
    place.write("there", [b"x"])
    with pytest.raises(UserError, match="NoSuchBucket"):
        open_place(Settings(backup_url="s3://never-made")).files()
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another-secret")
    place = open_place(Settings(backup_url=BUCKET))
    for ask in (lambda: place.write("a", [b"x"]), place.files, lambda: list(place.read("there"))):
        with pytest.raises(UserError, match="MIDS_BACKUP_URL names the place") as told:
            ask()
        said = str(told.value)
        assert "SignatureDoesNotMatch" in said and "another-secret" not in said and SECRET not in said
        assert "\n" not in said and "<" not in said


def test_a_store_that_does_not_answer_may_come_back(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "some-secret")
    with pytest.raises(NetworkUnavailable, match="does not answer") as told:
        open_place(Settings(backup_url=BUCKET)).files()
    assert "some-secret" not in str(told.value) and "\n" not in str(told.value)


@pytest.mark.parametrize("url", ["ftp://host/backups", "s3://", "backups/here"])
def test_an_address_that_no_store_has_is_named(url):
    with pytest.raises(UserError, match="MIDS_BACKUP_URL"):
        open_place(Settings(backup_url=url))


def test_a_folder_that_cannot_be_is_named_and_a_new_one_is_its_owners(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=f"{tmp_path}/file/below cannot be made"):
        open_place(Settings(backup_url=str(tmp_path / "file" / "below")))
    open_place(Settings(data_dir=tmp_path))
    assert (tmp_path / "backups").stat().st_mode & 0o777 == 0o700
    # A folder that was taken away meanwhile.
    place = open_place(Settings(backup_url=str(tmp_path / "gone")))
    Path(tmp_path / "gone").rmdir()
    (tmp_path / "gone").touch()
    with pytest.raises(UserError, match="does not take or give files"):
        place.write("a", [b"x"])
