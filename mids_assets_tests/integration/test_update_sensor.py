"""The update sensor on a real instance against a server on loopback: one ingest per offer, and no failed tick ever."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace

import dagster as dg
import pytest

from mids_assets.assets import release as release_module
from mids_assets.automation import attempts
from mids_assets.definitions import build_definitions
from mids_assets.graph import keys
from mids_assets.storage import open_instance
from mids_assets.updates.http import Client, Limits
from mids_assets.updates.patience import Patience
from mids_assets_tests.code_location import QUIET, failure
from mids_assets_tests.conftest import World
from mids_assets_tests.integration.test_fetch import put
from mids_assets_tests.update_server import UpdateServer, serving

MANIFEST = "/update_manifest.json"


class Watched:
    """A code location whose homecoming is updated from `server`, and the instance that it runs on."""

    def __init__(self, world: World, instance: dg.DagsterInstance, server: UpdateServer) -> None:
        self.world, self.instance, self.server = world, instance, server
        self.cursor: str | None = None
        self.to(server.manifest)

    def to(self, *urls: str) -> None:
        self.defs = build_definitions(replace(self.world.settings, update_urls={"homecoming": urls}))

    @property
    def patience(self) -> Patience:
        """With which the next tick waits."""
        return Patience(int(self.cursor or 0))

    def tick(self) -> dg.RunRequest | str:
        """What a tick asks for, or why it does not."""
        sensor = self.defs.resolve_sensor_def("homecoming_update")
        context = dg.build_sensor_context(
            self.instance, cursor=self.cursor, repository_def=self.defs.get_repository_def()
        )
        found = sensor(context)
        self.cursor = context.cursor
        assert isinstance(found, dg.RunRequest | dg.SkipReason)
        return found if isinstance(found, dg.RunRequest) else str(found.skip_message)

    def run(self, request: dg.RunRequest | str) -> dg.ExecuteInProcessResult:
        assert isinstance(request, dg.RunRequest), request
        return self.defs.resolve_job_def("homecoming_ingest").execute_in_process(
            instance=self.instance,
            run_config={**QUIET, **request.run_config},
            tags=dict(request.tags),
            raise_on_error=False,
        )


@pytest.fixture(scope="module")
def watched(world: World) -> Iterator[Watched]:
    with pytest.MonkeyPatch.context() as patch, serving() as server:
        for name, value in world.environment.items():
            patch.setenv(name, value)
        # Nobody has to wait here: no pauses, one try.
        patch.setattr(release_module, "_FETCH_PAUSE_SECONDS", 0)
        patch.setattr(release_module, "Client", lambda: Client(Limits(tries=1)))
        with open_instance() as instance:
            yield Watched(world, instance, server)


def test_a_new_version_is_ingested_once(watched, tmp_path):
    put(watched.server, tmp_path, "2025.4.971")
    request, again = watched.tick(), watched.tick()
    assert isinstance(request, dg.RunRequest) and isinstance(again, dg.RunRequest)
    assert request.run_key == again.run_key and "2025.4.971" in str(request.run_key)
    # The tick asks for the manifest alone, the second time for nothing new.
    assert {path for path, _ in watched.server.requests} == {MANIFEST}
    assert "if-none-match" in watched.server.asked(MANIFEST)[1]
    result = watched.run(request)
    assert result.success
    planned = {event.asset_key for event in result.get_asset_materialization_events()}
    assert keys.asset_key("homecoming", keys.PLAN) in planned
    assert watched.world.query("select version, state from mids.release") == [("2025.4.971", "seen")]
    assert "2025.4.971 is known already" in watched.tick()


def test_another_patch_under_the_known_version_is_told(watched):
    path = "/homecoming-2025.4.971.hash"
    good = watched.server.files[path]
    watched.server.files[path] = good.replace(b'"Hash":"', b'"Hash":"00', 1)
    assert "with another patch" in watched.tick()
    watched.server.files[path] = b"<html>"
    assert "no list of files" in watched.tick()
    watched.server.files[path] = good
    assert "is known already" in watched.tick()


def test_a_version_that_went_down_starts_nothing(watched):
    watched.server.offer("2025.4.970")
    assert "went down to 2025.4.970" in watched.tick()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda h: h.answer(200, b"<html>moved</html>"), "is a web page"),
        (lambda h: h.answer(404), "answers 404"),
        (lambda h: h.answer(500), "answers 500"),
        (lambda h: h.answer(302, Location=MANIFEST), "more than 5 redirects"),
        (lambda h: h.answer(200, b'{"Updates": []}'), "No manifest offers"),
    ],
)
def test_what_a_server_may_answer_is_a_skip(answer, words, watched):
    watched.server.scripts[MANIFEST] = [answer] * 6
    assert words in watched.tick()
    watched.server.scripts.clear()


def test_no_network_and_no_address_are_a_skip(watched):
    with serving() as gone:
        address = gone.manifest
    watched.to(address)
    assert "no connection" in watched.tick()
    watched.to()
    assert "MIDS_UPDATE_URL_HOMECOMING is empty" in watched.tick()
    watched.to(watched.server.manifest)


def test_a_silent_server_is_waited_for_briefly_and_now_and_then_longer(watched):
    """However many servers there are, and whatever else they do; a slow one is heard by long patience."""
    watched.to(watched.server.manifest, f"{watched.server.url}/more.json")
    silent = [lambda h: watched.server.released.wait(30) and None]
    watched.cursor = None
    for path in (MANIFEST, "/more.json"):
        watched.server.scripts[path] = list(silent)
    reason = watched.tick()
    assert "no answer" in str(reason) or "fell silent" in str(reason)
    assert watched.patience.is_long
    offered = watched.server.files[MANIFEST]
    watched.server.scripts[MANIFEST] = [lambda h: (watched.server.released.wait(1.0), h.file(offered))]
    assert "known" in watched.tick() and watched.patience.is_long
    watched.server.scripts.clear()
    watched.cursor = None
    watched.to(watched.server.manifest)


def test_without_a_database_it_is_a_skip(watched):
    settings = replace(watched.world.settings, database_url="postgresql://nobody:secret@127.0.0.1:1/none")
    defs = build_definitions(replace(settings, update_urls={"homecoming": (watched.server.manifest,)}))
    sensor = defs.resolve_sensor_def("homecoming_update")
    found = sensor(dg.build_sensor_context(watched.instance, repository_def=defs.get_repository_def()))
    assert isinstance(found, dg.SkipReason) and "secret" not in str(found.skip_message)


def test_a_fault_of_the_offer_is_tried_once_until_the_offer_changes(watched, tmp_path):
    put(watched.server, tmp_path, "2025.4.980")
    good = watched.server.files["/homecoming-2025.4.980.hash"]
    watched.server.files["/homecoming-2025.4.980.hash"] = b"[]"
    result = watched.run(watched.tick())
    assert not result.success and "is not listed in" in failure(result)
    assert "failed for good" in watched.tick()
    watched.server.files["/homecoming-2025.4.980.hash"] = good
    manifest = json.loads(watched.server.files[MANIFEST])
    watched.server.files[MANIFEST] = json.dumps({**manifest, "LastUpdated": "05/08/2025 01:00:00"}).encode()
    assert watched.run(watched.tick()).success


def test_a_server_that_comes_and_goes_gets_a_bounded_number_of_runs(watched, tmp_path, monkeypatch):
    put(watched.server, tmp_path, "2025.4.990")
    path = "/homecoming-2025.4.990.mru"
    now = time.time()
    run_keys = []
    for hours in [*range(24), 25, 50, 75, 100, 1000]:
        # Everybody's clock: Dagster notes the end of a run by it.
        monkeypatch.setattr(time, "time", lambda hours=hours: now + hours * 3660)
        watched.server.scripts[path] = [lambda h: h.answer(503)] * 3
        request = watched.tick()
        if isinstance(request, dg.RunRequest):
            run_keys.append((hours, request.run_key))
            result = watched.run(request)
            assert not result.success and "answers 503" in failure(result)
            assert watched.server.scripts[path] == []
    assert [hours for hours, _ in run_keys] == [0, 1, 25, 50, 75]
    assert len({key for _, key in run_keys}) == attempts.ATTEMPTS
    assert "5 runs failed" in watched.tick()


def test_an_ingest_that_is_asked_for_an_update_which_nobody_offers(watched):
    watched.server.offer("2025.4.990", name="Rebirth")
    request = dg.RunRequest(run_config={"ops": {"homecoming__release": {"config": {"update": True}}}})
    result = watched.run(request)
    assert result.success and not result.get_asset_materialization_events()
