"""The code location that several modules of tests run; each module has a world and a location of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mids_assets.storage import open_instance
from mids_assets_tests.code_location import Location
from mids_assets_tests.conftest import World


@pytest.fixture(scope="module")
def location(world: World) -> Iterator[Location]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in world.environment.items():
            patch.setenv(name, value)
        with open_instance() as instance:
            found = Location(world, instance)
            found.ingest()
            yield found
