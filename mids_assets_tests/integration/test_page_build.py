"""The committed files of the page are what its sources make, and the sources pass their checks."""

from __future__ import annotations

import shutil
import socket

import pytest

from mids_assets.api.clients import typescript
from mids_assets_tests.page_build import TYPES, WEB, build, built
from mids_assets_tests.servers import give_up


def test_types_are_those_of_the_model():
    assert (WEB / TYPES).read_text("utf-8") == typescript.module(), "`make web` renews it"


def test_libraries_are_named_without_a_registry():
    lock = (WEB / "package-lock.json").read_text("utf-8")
    assert '"integrity"' in lock
    assert "resolved" not in lock and "http" not in lock.replace('"url": "https://', "")


@pytest.fixture
def copy(tmp_path):
    """The page's sources alone."""
    try:
        socket.create_connection(("registry.npmjs.org", 443), 5).close()
    except OSError:
        give_up("no registry of npm packages is reached")
    folder = tmp_path / "web"
    shutil.copytree(WEB, folder, ignore=shutil.ignore_patterns("node_modules", "dist", "__pycache__"))
    return folder


def test_the_built_files_are_those_of_the_sources(copy):
    build(copy)
    assert built(copy) == built(WEB), "`make web` renews them"
