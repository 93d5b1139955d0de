"""A secret comes from a variable or from a file, never from both, and no message shows it."""

from __future__ import annotations

import pytest

from mids_assets.errors import UserError
from mids_assets.health.machine import secret_files
from mids_assets.settings import Settings

URL = "postgresql://planner:of-the-file@db.example.org/mids"
NAMES = ("MIDS_DATABASE_URL", "MIDS_DAGSTER_DATABASE_URL", "MIDS_NOTIFY_URLS")


@pytest.mark.parametrize("content", [URL, f"{URL}\n", f"{URL}\r\n", f"\ufeff{URL}\n"])
def test_the_content_without_its_line_end_is_the_setting(tmp_path, content):
    env = {}
    for name in NAMES:
        path = tmp_path / name
        path.write_bytes(content.encode())
        env[f"{name}_FILE"] = str(path)
    found = Settings.from_env(env)
    assert (found.database_url, found.dagster_database_url, found.notify_urls) == (URL, URL, (URL,))
    assert len(found.secret_files) == 3
    assert "of-the-file" not in repr(found)


def test_several_receivers_stand_on_lines_of_their_own(tmp_path):
    path = tmp_path / "receivers"
    path.write_text("json://one.example.org/a\njson://two.example.org/b\n")
    found = Settings.from_env({"MIDS_NOTIFY_URLS_FILE": str(path)})
    assert found.notify_urls == ("json://one.example.org/a", "json://two.example.org/b")


@pytest.mark.parametrize("name", NAMES)
def test_a_variable_and_a_file_at_once_are_a_mistake(tmp_path, name):
    path = tmp_path / "secret"
    path.write_text(URL)
    with pytest.raises(UserError) as caught:
        Settings.from_env({name: URL.replace("file", "variable"), f"{name}_FILE": str(path)})
    assert str(caught.value) == f"{name} and {name}_FILE are both set: unset one of them"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"of-the-file \xff", "is no UTF-8 text"),
        (b"of-the-file" * 7000, "is larger than 64 KiB, so it is no secret"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_and_not_shown(tmp_path, content, told):
    path = tmp_path / "secret"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError) as caught:
        Settings.from_env({"MIDS_DATABASE_URL_FILE": str(path)})
    assert str(caught.value) == f"MIDS_DATABASE_URL_FILE: {path} {told}"


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(UserError, match="Is a directory"):
        Settings.from_env({"MIDS_DATABASE_URL_FILE": str(tmp_path)})


@pytest.mark.parametrize(("mode", "state"), [(0o600, "ok"), (0o640, "ok"), (0o644, "warn"), (0o604, "warn")])
def test_the_doctor_warns_of_a_file_that_everybody_can_read(tmp_path, mode, state):
    path = tmp_path / "secret"
    path.write_text(URL)
    path.chmod(mode)
    (found,) = secret_files(Settings.from_env({"MIDS_DATABASE_URL_FILE": str(path)}))
    assert found.state == state and str(path) in found.what
    assert bool(found.what_to_do) == (state == "warn")
