"""The sensor on a real instance: runs of the command line and of the asset graph are told of, each once, with what
changed and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from mids_assets.automation.jobs import publish_tags
from mids_assets.automation.processes import process_tag
from mids_assets.definitions import build_definitions
from mids_assets.graph import keys
from mids_assets.storage import open_instance
from mids_assets_tests.code_location import Location
from mids_assets_tests.conftest import World
from mids_assets_tests.integration.test_releases import _slower, _without, release
from mids_assets_tests.receiver import Inbox, receiving

NOTIFICATIONS = "homecoming_notifications"


@dataclass
class Told:
    """A code location that tells `inbox`, and the cursor of its sensor."""

    world: World
    location: Location
    inbox: Inbox
    cursor: str | None = None

    def publish(self, source: Path) -> None:
        self.location.ingest(source)
        _, manifest = self.location.plan()
        assert self.location.run("publish", tags=publish_tags(manifest)).success

    def tick(self) -> list[dict[str, Any]]:
        """What is received by one tick of the sensors; another one after it tells nothing."""
        repository = self.location.defs.get_repository_def()
        self.location.tick(None)  # It notes runs that failed.
        found = None
        for _ in range(2):
            context = dg.build_sensor_context(self.location.instance, cursor=self.cursor, repository_def=repository)
            found = self.location.defs.resolve_sensor_def(NOTIFICATIONS)(context)
            self.cursor = context.cursor
        assert isinstance(found, dg.SkipReason) and found.skip_message == "Nothing new."
        return self.inbox.empty()


@pytest.fixture(scope="module")
def told(world: World, tmp_path_factory) -> Iterator[Told]:
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for name, value in world.environment.items():
            patch.setenv(name, value)
        inbox = stack.enter_context(receiving())
        location = Location(world, stack.enter_context(open_instance()))
        location.settings = replace(world.settings, notify_urls=(inbox.url(),))
        location.defs = build_definitions(location.settings)
        found = Told(world, location, inbox)
        assert found.tick() == []
        found.publish(release(tmp_path_factory.mktemp("base") / "a", "1.0"))
        (first,) = found.tick()
        assert first["title"] == "homecoming 1.0: published" and "It is the first one" in first["message"]
        yield found


def test_a_new_release_is_told_with_the_head_of_its_patch_notes(told, tmp_path):
    told.publish(release(tmp_path / "slower", "1.1", _slower))
    (notice,) = told.tick()
    assert notice["title"] == "homecoming 1.1: published"
    lines = notice["message"].splitlines()
    assert "Rows: power 1 changed." in lines
    assert [line for line in lines if "recharge" in line and " -> " in line]
    assert lines[-1].startswith("All of it: mids diff ") and lines[-1].endswith("--realm homecoming --format notes")


def test_a_block_by_a_guard_and_its_end(told, tmp_path):
    source = release(tmp_path / "lost", "1.2", _without(0.3))
    told.world.mids("import", str(source), code=4)
    (notice,) = told.tick()
    assert notice["title"] == "homecoming 1.2: blocked by a check" and notice["type"] == "warning"
    assert "90 of 300 rows of table power would vanish" in notice["message"]
    assert "mids accept " in notice["message"] and "--realm homecoming --reason TEXT" in notice["message"]
    told.location.ingest(source)
    _, manifest = told.location.plan()
    assert not told.location.run("publish", tags=publish_tags(manifest), raise_on_error=False).success
    assert told.tick() == []
    told.world.mids("accept", "1.2", "--reason", "a test")
    assert told.location.run("publish", tags=publish_tags(manifest)).success
    assert [one["title"] for one in told.tick()] == ["homecoming 1.2: published", "homecoming: imports work again"]


def test_a_block_by_a_rule_names_table_rule_and_rows(told, tmp_path):
    def double(value: dict) -> None:
        value["powers"][7]["full_name"] = value["powers"][8]["full_name"].upper()

    told.location.ingest(release(tmp_path / "double", "1.3", double))
    _, manifest = told.location.plan()
    assert not told.location.run("publish", tags=publish_tags(manifest), raise_on_error=False).success
    (notice,) = told.tick()
    assert notice["title"] == "homecoming 1.3: blocked by a check"
    assert "checks failed" in notice["message"] and "power (unique: natural_key: 1 rows)" in notice["message"]
    assert "checks `rules`" in notice["message"] and "homecoming_tables" in notice["message"]


def test_a_run_from_the_asset_graph_that_fails_is_told_once_and_the_end_of_all_that(told, tmp_path):
    config = {"ops": {"homecoming__release": {"config": {"source": str(tmp_path / "nowhere")}}}}
    for _ in range(2):
        selection = [keys.asset_key("homecoming", keys.RELEASE)]
        assert not told.location.run(
            "__ASSET_JOB", asset_selection=selection, config=config, raise_on_error=False
        ).success
    (notice,) = told.tick()
    assert notice["title"] == "homecoming: an import failed" and "nowhere" in notice["message"]
    assert "Traceback" not in notice["message"] and notice["type"] == "failure"
    told.publish(release(tmp_path / "next", "1.4", _slower))
    published, recovered = told.tick()
    assert (published["title"], recovered["title"]) == ("homecoming 1.4: published", "homecoming: imports work again")
    over = ["- homecoming 1.3: blocked by a check", "- homecoming: an import failed"]
    assert recovered["message"].splitlines()[1:] == over


def test_a_fault_of_the_moment_is_over_when_the_published_source_was_looked_at_again(told):
    tag = {**process_tag(), keys.TAG_REALM: "homecoming"}
    tag[keys.TAG_PROCESS] = f"{tag[keys.TAG_PROCESS].split(':')[0]}:999999:1"
    job = told.location.defs.resolve_job_def("homecoming_ingest")
    run = told.location.instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED, tags=tag)
    (notice,) = told.tick()
    assert notice["title"] == "homecoming: an import failed" and "is gone: killed" in notice["message"]
    assert f"Run {run.run_id}:" in notice["message"]
    # The nightly ingest finds nothing new.
    (published,) = told.world.query("select release from mids.release where state = 'published'")
    source = told.location.settings.releases_dir / "homecoming" / published[0] / "source"
    config = {"ops": {"homecoming__release": {"config": {"source": str(source)}}}}
    assert told.location.run("ingest", config=config).success
    (recovered,) = told.tick()
    assert recovered["title"] == "homecoming: imports work again"


def test_the_command_shows_what_was_told_and_tries_the_receivers(told):
    found = told.world.mids_json("notify", "--limit", "2")
    assert [one["kind"] for one in found] == ["recovered", "failed"]
    ((name, state),) = found[0]["deliveries"].items()
    assert state == "delivered" and name.startswith("json://****")
    assert "homecoming 1.4: published (json://****" in told.world.mids("notify").stdout
    urls = {"MIDS_NOTIFY_URLS": f"{told.inbox.url()} nonsense://geheimes/token", "NO_PROXY": "127.0.0.1"}
    done = told.world.mids("notify", "--test", code=1, **urls)
    shown = done.stdout + done.stderr
    assert "1. json://**** " in shown and "delivered" in shown and "2. nonsense://****" in shown and "failed" in shown
    assert "geheimes" not in shown and "secret-token" not in shown and "Traceback" not in shown
    assert [one["title"] for one in told.inbox.empty()] == ["mids-assets: a test"]
    assert "MIDS_NOTIFY_URLS is not set" in told.world.mids("notify", "--test", code=2).stderr


def test_without_a_database_a_tick_is_a_skip(told):
    settings = replace(told.location.settings, database_url="postgresql://nobody:secret@127.0.0.1:1/none")
    defs = build_definitions(settings)
    context = dg.build_sensor_context(told.location.instance, cursor="began", repository_def=defs.get_repository_def())
    found = defs.resolve_sensor_def(NOTIFICATIONS)(context)
    assert isinstance(found, dg.SkipReason) and "secret" not in str(found.skip_message)
