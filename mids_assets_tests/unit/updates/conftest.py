"""A server that offers one version, and a fetch against it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mids_assets_tests.unit.updates.fetcher import Fetcher
from mids_assets_tests.update_server import UpdateServer, packed, serving


@pytest.fixture
def server() -> Iterator[UpdateServer]:
    with serving() as found:
        found.offer("2025.1.2")
        yield found


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> tuple[bytes, bytes]:
    return packed(tmp_path_factory.mktemp("made"), "2025.1.2")


@pytest.fixture
def fetcher(server, tmp_path) -> Fetcher:
    return Fetcher(server, tmp_path)
