"""Which client programs are taken: a set of one version, new enough, told by asking it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mids_assets.errors import UserError
from mids_assets.warehouse import client_programs
from mids_assets.warehouse.client_programs import client_environment, dump_programs
from mids_assets.warehouse.embedded_programs import wheel_bin_dir


def install(folder: Path, version: str, programs: tuple[str, ...] = ("psql", "pg_dump", "pg_restore")) -> Path:
    folder.mkdir(parents=True)
    for program in programs:
        (folder / program).write_text(f"#!/bin/sh\necho '{program} (PostgreSQL) {version} (Debian)'\n")
        (folder / program).chmod(0o755)
    return folder


@pytest.fixture
def machine(tmp_path, monkeypatch) -> Path:
    """One with nothing but what a test installs, and the wheel."""
    monkeypatch.setattr(client_programs, "SYSTEM_BIN_PARENTS", (str(tmp_path / "lib"),))
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    return tmp_path


def test_the_embedded_server_is_dumped_by_the_programs_of_its_wheel(machine):
    install(machine / "lib" / "99" / "bin", "99.1")
    found = dump_programs(18, elsewhere=False)
    assert found.bin_dir == wheel_bin_dir() and found.major >= 18


def test_a_server_elsewhere_is_dumped_by_installed_programs_of_its_version_or_newer(machine):
    install(machine / "path", "15.4")
    install(machine / "lib" / "16" / "bin", "16.2", ("psql", "pg_restore"))
    install(machine / "lib" / "17" / "bin", "17.0")
    assert dump_programs(15, elsewhere=True).version == "15.4"
    assert dump_programs(16, elsewhere=True).version == "17.0", "a set without pg_dump is none"
    assert dump_programs(18, elsewhere=True).bin_dir == wheel_bin_dir()


def test_what_is_missing_is_named_with_what_to_install(machine):
    install(machine / "path", "15.4")
    with pytest.raises(
        UserError, match=r"PostgreSQL 77 or newer \(only 15\.4, .* found\): install postgresql-client-77"
    ):
        dump_programs(77, elsewhere=True)


def test_the_password_goes_by_environment_and_no_variable_of_the_caller_redirects(monkeypatch):
    monkeypatch.setenv("PGHOST", "elsewhere")
    found = client_environment("postgresql://u:p%40w@h:5/d?options=-c%20x%3Dy", "me")
    assert (found["PGHOST"], found["PGPASSWORD"], found["PGOPTIONS"]) == ("h", "p@w", "-c x=y")
    assert found["PGAPPNAME"] == "me" and "PGAPPNAM" not in found


def test_encryption_goes_along_under_the_names_that_the_programs_know():
    found = client_environment(
        "postgresql://u@h/d?sslmode=verify-full&sslrootcert=/ca.pem&sslcert=/c.pem&sslkey=/k.pem"
        "&ssl_min_protocol_version=TLSv1.3",
        "me",
    )
    assert (found["PGSSLMODE"], found["PGSSLROOTCERT"], found["PGSSLCERT"], found["PGSSLKEY"]) == (
        "verify-full",
        "/ca.pem",
        "/c.pem",
        "/k.pem",
    )
    assert found["PGSSLMINPROTOCOLVERSION"] == "TLSv1.3"


def test_the_password_of_a_key_is_refused_and_not_shown():
    with pytest.raises(UserError, match="mode 0600") as caught:
        client_environment("postgresql://u@h/d?sslkey=/k.pem&sslpassword=of-the-key", "me")
    assert "of-the-key" not in str(caught.value)
