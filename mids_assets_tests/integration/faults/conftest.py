"""Builds and a server for the tests of one module; each test says which release is published when it begins."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mids_assets_tests.conftest import World
from mids_assets_tests.integration.faults.builds import Build, make_builds


@pytest.fixture(scope="package")
def builds(tmp_path_factory) -> dict[str, Build]:
    """A and B, which differ; shared by all modules, and never changed."""
    return make_builds(tmp_path_factory.mktemp("builds"))


@pytest.fixture
def published_a(world: World, builds: dict[str, Build]) -> Iterator[World]:
    builds["A"].publish(world.settings)
    yield world
