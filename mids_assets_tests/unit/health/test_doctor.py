"""Probes of the machine: what they find at their limits, and one that fails itself."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mids_assets.errors import UserError
from mids_assets.health import machine
from mids_assets.health.finding import Finding, probe
from mids_assets.settings import Settings


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (UserError("set MIDS_DATA_DIR"), "set MIDS_DATA_DIR"),
        (RuntimeError("at postgresql://me:secret-word@host/x\nline 2"), "RuntimeError: at postgresql://me:****@host/x"),
    ],
)
def test_a_probe_that_fails_is_a_finding_beside_what_it_found(error, words):
    def look() -> Iterator[Finding]:
        yield Finding("area", "ok", "Fine so far.")
        raise error

    fine, broken = probe("area", look, "Mend it.")
    assert (fine.state, broken.state, broken.what_to_do) == ("ok", "broken", "Mend it.")
    assert words in broken.what and "\n" not in broken.what


@pytest.mark.parametrize(("free", "state"), [(0, "broken"), (1, "warn"), (5, "ok")])
def test_room_on_the_disk(free, state, tmp_path, monkeypatch):
    total, used, _ = shutil.disk_usage(tmp_path)
    usage = type(shutil.disk_usage(tmp_path))(total, used, free * machine.GIB)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    # One disk is told once; a folder that is not there yet counts for the one above it.
    (found,) = machine.room(Settings(data_dir=tmp_path / "not" / "there"), tmp_path)
    assert found.state == state and str(tmp_path / "not" / "there") in found.what


def test_packages_are_held_against_the_lines_that_are_for_this_system(tmp_path: Path):
    lock = tmp_path / "requirements.lock"
    installed = machine._version("pytest")
    lock.write_text(
        f"pytest=={installed} \\\n    --hash=sha256:00\n"
        "no-such-package==1.0 ; sys_platform == 'plan9' \\\n    --hash=sha256:00\n"
        f"pluggy==0.0.1 ; python_full_version < '3.0' \\\n    --hash=sha256:00\n"
    )
    assert [found.state for found in machine.versions(lock)] == ["ok", "ok"]
    lock.write_text(lock.read_text() + "pytest==0.1\nno-such-package==1.0\n")
    _, found = machine.versions(lock)
    assert found.state == "warn"
    assert f"pytest {installed} instead of 0.1, no-such-package missing instead of 1.0." in found.what
    _, told = machine.versions()
    assert told.what.startswith(("All ", "Packages differ"))
    assert [found.what.startswith("Python 3.") for found in machine.versions(tmp_path / "absent")] == [True]
