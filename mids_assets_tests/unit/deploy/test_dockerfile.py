"""deploy/Dockerfile: no fault that its linter knows, what it copies is there, and nothing else goes into the image."""

from __future__ import annotations

import re
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

from mids_assets_tests.real import PROJECT

DOCKERFILE = PROJECT / "deploy" / "Dockerfile"


def test_the_linter_finds_nothing():
    done = subprocess.run([Path(sys.executable).with_name("hadolint"), DOCKERFILE], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_what_is_copied_is_there_and_let_in_and_nothing_else():
    copied = {
        source
        for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE.read_text(), flags=re.MULTILINE)
        for lock in ("requirements.lock", "requirements-api.lock", "requirements-k8s.lock")
        for source in line.replace("${LOCK}", lock).split()[:-1]
    }
    assert {"requirements.lock", "mids_assets", "workspace.yaml"} <= copied
    assert [name for name in copied if not (PROJECT / name).exists()] == []

    ignored, *let_in = [
        line
        for line in (DOCKERFILE.parent / "Dockerfile.dockerignore").read_text().splitlines()
        if line[:1] not in ("#", "")
    ]
    assert ignored == "*"
    assert {line[1:] for line in let_in if line.startswith("!")} == copied
    assert any(fnmatch("mids_assets/__pycache__", line) for line in let_in)


def test_locked_and_not_as_root():
    text = DOCKERFILE.read_text()
    assert re.search(r"pip install .*--require-hashes .*-r requirements\.lock", text)
    stage = text.rpartition("\nFROM ")[2]
    user = re.findall(r"^USER (\d+)$", stage, flags=re.MULTILINE)
    assert user == ["10001"]
    assert f"--uid {user[0]}" in stage
    assert "pip uninstall -y pip" in text
