"""Twenty-four hours with nobody there, a tick a minute: a file that stays bad, a server of updates that comes and goes,
an import that is killed, a daemon that forgets everything. Few runs fail, each cause is told once, the log is bounded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from mids_assets.assets import release as release_module
from mids_assets.definitions import build_definitions
from mids_assets.storage import open_instance
from mids_assets.updates.http import Client, Limits
from mids_assets_tests.a_day import Day, at, moved_clock
from mids_assets_tests.code_location import Location
from mids_assets_tests.conftest import World
from mids_assets_tests.e2e.test_notified import kill_in_the_middle
from mids_assets_tests.integration.test_fetch import put
from mids_assets_tests.integration.test_releases import _slower, release
from mids_assets_tests.receiver import Inbox, receiving
from mids_assets_tests.update_server import Handler, UpdateServer, serving

MANIFEST, PATCH = "/update_manifest.json", "/homecoming-2025.4.971.mru"
EVENTS = 1100
"""Two whole imports are under 1,000 events; a day of waiting adds nearly nothing to what its runs write."""


@dataclass
class Place:
    world: World
    location: Location
    server: UpdateServer
    inbox: Inbox
    day: Day

    def publish_followed(self, source: Path) -> None:
        """An ingest that somebody launched; the publish is the sensor's."""
        self.location.ingest(source)
        self.day.minutes(1)

    def rows(self) -> tuple[int, int]:
        """Rows of the event log: all, and those that belong to no run."""
        ((found, runless),) = self.world.dagster_query(
            "select count(*), count(*) filter (where run_id not in (select run_id from runs)) from event_logs"
        )
        return found, runless


@pytest.fixture
def place(world: World, tmp_path) -> Iterator[Place]:
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for name, value in world.environment.items():
            patch.setenv(name, value)
        # A run waits for a server in its own pauses, which are not the subject here.
        patch.setattr(release_module, "_FETCH_PAUSE_SECONDS", 0)
        patch.setattr(release_module, "Client", lambda: Client(Limits(tries=1)))
        inbox, server = stack.enter_context(receiving()), stack.enter_context(serving())
        clock = stack.enter_context(moved_clock())
        location = Location(world, stack.enter_context(open_instance()))
        urls = {"homecoming": (server.manifest,)}
        location.settings = replace(world.settings, notify_urls=(inbox.url(),), update_urls=urls)
        location.defs = build_definitions(location.settings)
        day = Day(location.defs, location.instance, at(1), clock)
        found = Place(world, location, server, inbox, day)
        day.minutes(1)
        found.publish_followed(release(tmp_path / "first", "1.0"))
        day.minutes(1)
        assert [one["title"] for one in inbox.empty()] == ["homecoming 1.0: published"]
        yield found


@pytest.mark.timeout(900)
def test_a_day_with_nobody_there(place: Place, tmp_path):
    day, world, inbox, server = place.day, place.world, place.inbox, place.server
    before, runless = place.rows()
    runs = len(world.runs())

    # A file that stays bad; an offer that cannot be downloaded, from a server that does not always answer.
    bad = release(tmp_path / "bad", "1.1")
    (bad / "EnhDB.mhd").write_bytes((bad / "EnhDB.mhd").read_bytes()[:-100])
    landing = world.settings.landing_dir / "homecoming"
    landing.mkdir(parents=True, exist_ok=True)
    bad.rename(landing / "bad")
    put(server, tmp_path, "2025.4.971")
    for number in range(30):
        if number % 3 == 1:
            server.scripts.setdefault(MANIFEST, []).append([unavailable, hung_up][number % 2])
        else:
            server.scripts.setdefault(MANIFEST, []).append(lambda h: h.file(server.files[MANIFEST]))
    server.scripts[PATCH] = [unavailable] * 1000
    day.minutes(11 * 60)

    kill_in_the_middle(world, release(tmp_path / "good", "1.2", _slower))
    day.minutes(60)
    # A daemon that starts anew, with an empty schedule storage.
    day.cursors.clear()
    day.minutes(2 * 60)
    assert Counter(one["type"] for one in inbox.taken) == {"failure": 3}, inbox.titles
    place.publish_followed(tmp_path / "good")
    day.minutes(10 * 60 - 1)

    told = [(one["title"], one["type"]) for one in inbox.taken]
    assert told[3:] == [("homecoming 1.2: published", "info"), ("homecoming: imports work again", "success")]
    reasons = " ".join(one["message"] for one in inbox.taken[:3])
    assert "EnhDB.mhd" in reasons and "answers 503" in reasons and "is gone: killed" in reasons
    failed = Counter(
        cause
        for (text,) in world.query("select errors->>'error' from mids.import_log where action in ('failed', 'blocked')")
        for cause in ("EnhDB.mhd", "answers 503", "is gone")
        if cause in text
    )
    assert set(failed) == {"EnhDB.mhd", "answers 503", "is gone"} and max(failed.values()) <= 2, failed
    ended = Counter(status for _, status in world.runs()[: len(world.runs()) - runs])
    assert ended["FAILURE"] == failed.total() and set(ended) == {"FAILURE", "SUCCESS"}, world.runs()
    after, runless_after = place.rows()
    print(f"event log: {after - before} rows in a day, {runless_after - runless} of them without a run; runs: {ended}")
    print(f"slowest ticks: {day.slowest}")
    assert after - before <= EVENTS and runless_after - runless <= 60


def unavailable(handler: Handler) -> None:
    handler.answer(503)


def hung_up(handler: Handler) -> None:
    handler.cut(b"{}", 1)
