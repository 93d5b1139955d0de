"""The line to PostgreSQL, or the server itself, goes at an exact point of a publish; readers look on."""

from __future__ import annotations

import os
import signal
from contextlib import closing
from dataclasses import replace

import pytest

from mids_assets.errors import DatabaseUnavailable
from mids_assets.warehouse import embedded
from mids_assets.warehouse.connection import connect, database_url
from mids_assets_tests.integration.faults.proxy import Trap, cut, proxied
from mids_assets_tests.integration.faults.watch import (
    Reader,
    assert_nothing_left,
    failures,
    holds,
    last_failure,
    terminate,
)
from mids_assets_tests.published import forget

COPY = (b"COPY ", b'"power_effect', b"\t")
"""Some rows of the effects are on their way."""
BEFORE_COMMIT = (b"UPDATE mids.release SET state = 'superseded'",)
"""All rows are in, and nothing is committed."""
COMMIT = (*BEFORE_COMMIT, b"COMMIT")
POINTS = {
    "during COPY": (COPY, False, False),
    "between COPY and commit": (BEFORE_COMMIT, False, False),
    "at commit": (COMMIT, False, False),
    "after commit, before its answer": (COMMIT, True, True),
}
"""Name -> what the client says then, whether the server hears it, whether the release is in afterwards."""


@pytest.mark.parametrize(
    ("way", "point"),
    [
        *(("line", point) for point in POINTS),
        ("session", "during COPY"),
        ("session", "at commit"),
        ("server", "between COPY and commit"),
        ("server", "after commit, before its answer"),
    ],
)
def test_a_publish_over_another_release(published_a, builds, point, way):
    _publish_with_fault(published_a.settings, builds, point, way, before="A")


@pytest.mark.parametrize("point", ["during COPY", "at commit"])
def test_a_first_publish(world, builds, point):
    with closing(connect(world.settings, application_name="looks")) as conn:
        forget(conn)
    _publish_with_fault(world.settings, builds, point, "line", before=None)


def _publish_with_fault(settings, builds, point: str, way: str, *, before: str | None) -> None:
    words, delivered, goes_in = POINTS[point]
    after = "B" if goes_in else before
    noted = failures(settings)

    def spring() -> bool:
        if way == "session":
            assert terminate(settings, "mids publish homecoming") == 1
            return True
        if way == "server":
            server = embedded.status(settings)
            assert server is not None
            os.kill(server.pid, signal.SIGKILL)
        return cut()

    with proxied(database_url(settings)) as proxy:
        proxy.trap = Trap(words, spring, delivered)
        through = replace(settings, database_url=proxy.url)
        if before is None:
            _fails(builds, through)
        else:
            with Reader(settings, builds, server_may_die=way == "server") as reader:
                _fails(builds, through)
            assert reader.seen == ["A", "B"][: 2 if goes_in else 1]
        assert proxy.trap.sprung.is_set()
    assert holds(settings, builds) == after
    assert_nothing_left(settings)
    if way != "server":  # Its own note goes the same way as the publish: through the proxy, to a server that is gone.
        assert failures(settings) > noted
        assert last_failure(settings).startswith("DatabaseUnavailable: PostgreSQL ended the work")
    changed = builds["B"].publish(settings).changed
    assert any(one.total for one in changed.values()) == (not goes_in)
    assert holds(settings, builds) == "B"
    assert_nothing_left(settings)


def _fails(builds, through) -> None:
    with pytest.raises(DatabaseUnavailable) as caught:
        builds["B"].publish(through)
    assert "://" not in str(caught.value) and len(str(caught.value).splitlines()) == 1
