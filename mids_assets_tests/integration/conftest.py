"""What several modules of tests share: a code location in a world of its own, or just a server and a connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from psycopg2.extensions import connection

from mids_assets.settings import Settings
from mids_assets.storage import open_instance
from mids_assets.warehouse.connection import connect
from mids_assets_tests.code_location import Location
from mids_assets_tests.conftest import World
from mids_assets_tests.published import forget
from mids_assets_tests.servers import temporary_settings


@pytest.fixture(scope="module")
def location(world: World) -> Iterator[Location]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in world.environment.items():
            patch.setenv(name, value)
        with open_instance() as instance:
            found = Location(world, instance)
            found.ingest()
            yield found


@pytest.fixture(scope="module")
def server() -> Iterator[Settings]:
    with temporary_settings() as settings:
        yield settings


@pytest.fixture
def conn(server) -> Iterator[connection]:
    with closing(connect(server, application_name="test")) as connection:
        yield connection


@pytest.fixture
def empty(conn) -> connection:
    forget(conn)
    return conn
