"""MIDS_DATABASE_URL: the same import against a server that is not ours (the system's PostgreSQL, 14 or newer)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from mids_assets.errors import UserError
from mids_assets.settings import Settings
from mids_assets.warehouse import client_programs
from mids_assets.warehouse.backup.place import open_place
from mids_assets.warehouse.backup.restoring import restore
from mids_assets.warehouse.backup.taking import back_up
from mids_assets_tests.conftest import World, make_world
from mids_assets_tests.external import PROGRAMS, external_server, needs_postgresql
from mids_assets_tests.real import SAMPLE
from mids_assets_tests.servers import open_folder, temporary_settings

pytestmark = needs_postgresql


@pytest.fixture(scope="module")
def external() -> Iterator[World]:
    with open_folder() as folder, external_server(folder) as server:
        yield make_world(replace(Settings(data_dir=folder / "data"), database_url=server.url()), folder)


def test_import_into_an_external_server(external):
    url = external.settings.database_url
    first = external.mids_json("import", str(SAMPLE), MIDS_DATABASE_URL=url)
    assert first["action"] == "published"
    assert external.query("select count(*) from homecoming.power") == [(300,)]
    assert not (external.settings.data_dir / "postgres").exists(), "the embedded server was started beside it"
    again = external.mids_json("import", str(SAMPLE), MIDS_DATABASE_URL=url)
    assert again["action"] == "nothing_to_do"


def test_its_backup_goes_to_a_newer_server_and_not_to_an_older_one(external, monkeypatch):
    settings = replace(external.settings, backup_url=f"{external.settings.data_dir}/backups")
    before = external.contents()
    place = open_place(settings)
    taken = back_up(settings, "homecoming", "asked").manifest
    assert taken.dumped_by.split(".")[0] == PROGRAMS[-1].parent.parent.name, "its own programs are installed"
    restore(settings, place, [taken])
    assert external.contents() == before

    with temporary_settings() as embedded:
        theirs = replace(embedded, backup_url=settings.backup_url)
        restore(theirs, place, [taken])
        assert World(theirs, external.home).contents() == before
        newer = back_up(theirs, "homecoming", "asked").manifest
    if newer.server_major > taken.server_major:
        with pytest.raises(UserError, match=rf"made on PostgreSQL {newer.server_major}, and this server is"):
            restore(settings, place, [newer])

    # Programs of the wheel set what an older server does not know.
    monkeypatch.setattr(client_programs, "SYSTEM_BIN_PARENTS", ())
    monkeypatch.setenv("PATH", "")
    by_wheel = back_up(settings, "homecoming", "asked").manifest
    assert by_wheel.dumped_by == newer.dumped_by
    restore(settings, place, [by_wheel])
    assert external.contents() == before


def test_starting_and_stopping_it_is_not_ours(external):
    told = external.mids("db", "stop", code=2, MIDS_DATABASE_URL=external.settings.database_url)
    assert "MIDS_DATABASE_URL is set" in told.stderr


def test_a_wrong_password_is_one_sentence_without_it(external):
    url = external.settings.database_url.replace("owner:", "owner:wrong%20secret")
    told = external.mids("status", code=2, MIDS_DATABASE_URL=url)
    assert "password" in told.stderr and "wrong" not in told.stderr and "Traceback" not in told.stderr


def test_no_server_is_one_sentence(external):
    told = external.mids("status", code=1, MIDS_DATABASE_URL="postgresql://owner:secret@127.0.0.1:1/postgres")
    assert "127.0.0.1" in told.stderr and "secret" not in told.stderr and "Traceback" not in told.stderr
