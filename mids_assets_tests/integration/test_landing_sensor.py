"""The landing sensor on a real instance: each content is tried once, whatever becomes of its name and its times."""

from __future__ import annotations

import os
import shutil
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.tags import SCHEDULE_NAME_TAG

from mids_assets.assets import release as release_module
from mids_assets.automation import landing_sensor, sensors
from mids_assets.automation.attempts import ATTEMPTS, LONG_PAUSE_SECONDS
from mids_assets.errors import CheckFailed, DatabaseUnavailable, UserError
from mids_assets.graph import keys, tried
from mids_assets.graph.keys import TAG_CODE, TAG_CONTENT
from mids_assets.storage import open_instance
from mids_assets.transform.landing import newest_first
from mids_assets_tests.code_location import Location, failure
from mids_assets_tests.conftest import World
from mids_assets_tests.integration.test_releases import release

ALREADY = "did it"


class Landing:
    """The landing folder of a code location, its sensor, and the runs that it asks for."""

    def __init__(self, world: World, instance: dg.DagsterInstance) -> None:
        self.world, self.instance = world, instance
        self.location = Location(world, instance)
        self.folder = world.settings.landing_dir / "homecoming"
        self.folder.mkdir(parents=True)
        self.cursor: str | None = None
        self.publish_cursor: str | None = None

    def drop(self, made: Path, name: str) -> Path:
        return Path(shutil.copytree(made, self.folder / name))

    def broken(self, name: str, content: bytes = b"This is no database.") -> Path:
        with zipfile.ZipFile(self.folder / name, "w") as archive:
            archive.writestr("I12.mhd", content)
        return self.folder / name

    def tick(self) -> dg.RunRequest | str:
        """What a tick asks for, or why it does not."""
        sensor = self.location.defs.resolve_sensor_def("homecoming_landing")
        context = dg.build_sensor_context(
            self.instance, cursor=self.cursor, repository_def=self.location.defs.get_repository_def()
        )
        found = sensor(context)
        self.cursor = context.cursor
        assert isinstance(found, dg.RunRequest | dg.SkipReason)
        return found if isinstance(found, dg.RunRequest) else str(found.skip_message)

    def run(self, request: dg.RunRequest, **tags: str) -> dg.ExecuteInProcessResult:
        return self.location.run(
            str(request.job_name).removeprefix("homecoming_"),
            tags={**request.tags, **tags},
            config=request.run_config,
            raise_on_error=False,
        )

    def settle(self) -> list[tuple[str, bool]]:
        """Ticks and the runs they ask for, until two in a row ask for nothing: (job, success) of the runs."""
        ran, idle = [], 0
        while idle < 2:
            request = self.tick()
            idle = idle + 1 if isinstance(request, str) else 0
            if isinstance(request, dg.RunRequest):
                ran.append((str(request.job_name), self.run(request).success))
        return ran

    def publish(self) -> dg.RunRequest | str:
        """What a tick of the other sensor asks for."""
        found, self.publish_cursor = self.location.tick(self.publish_cursor)
        return found if isinstance(found, dg.RunRequest) else str(getattr(found, "skip_message", ""))

    def nightly(self) -> dg.ExecuteInProcessResult:
        return self.location.run("ingest", tags={SCHEDULE_NAME_TAG: "homecoming_nightly"}, raise_on_error=False)

    def newest_run(self) -> dg.DagsterRun:
        (run,) = self.instance.get_runs(limit=1)
        return run

    def states(self) -> list[tuple[str, str]]:
        return self.world.query("select version, state from mids.release order by id")


CHECK, INGEST = "homecoming_check_landing", "homecoming_ingest"


@pytest.fixture(scope="module")
def landing(world: World) -> Iterator[Landing]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in world.environment.items():
            patch.setenv(name, value)
        with open_instance() as instance:
            yield Landing(world, instance)


@pytest.fixture(autouse=True)
def tidy(landing: Landing) -> Iterator[None]:
    yield
    for place in landing.folder.iterdir():
        shutil.rmtree(place) if place.is_dir() else place.unlink()


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("made")
    return {version: release(folder / version, version) for version in ("2025.1.1", "2025.2.2", "2025.3.3")}


def test_a_drop_is_ingested_once_it_does_not_change_any_more(landing, made):
    assert "Nothing lies in" in landing.tick()
    entry = landing.drop(made["2025.2.2"], "b")
    for place in [*entry.iterdir(), entry]:
        os.utime(place, (1_000_000_000, 1_000_000_000))
    assert "b: waited for" in landing.tick()
    request = landing.tick()
    assert isinstance(request, dg.RunRequest) and request.job_name == CHECK
    assert landing.run(request).success
    request = landing.tick()
    assert isinstance(request, dg.RunRequest) and request.job_name == INGEST
    tags = request.tags
    assert request.run_key == f"homecoming-landing-{tags[TAG_CONTENT]}-{tags[TAG_CODE]}-1"
    result = landing.run(request)
    assert result.success
    planned = {event.asset_key for event in result.get_asset_materialization_events()}
    assert keys.asset_key("homecoming", keys.PLAN) in planned
    assert ALREADY in landing.tick()
    publish = landing.publish()
    assert isinstance(publish, dg.RunRequest) and landing.location.run("publish", tags=dict(publish.tags)).success
    assert landing.states() == [("2025.2.2", "published")]


def test_neither_touch_nor_another_name_nor_a_copy_starts_a_second_ingest(landing, made):
    entry = landing.drop(made["2025.2.2"], "b")
    assert landing.settle() == [(CHECK, True)]
    os.utime(entry / "I12.mhd")
    assert landing.settle() == [(CHECK, True)]
    entry.rename(landing.folder / "c")
    assert landing.settle() == [(CHECK, True)]
    landing.drop(made["2025.2.2"], "d")
    assert landing.settle() == [(CHECK, True)]
    # The memory of the sensor may be lost: what its runs were for is in their tags.
    landing.cursor = None
    assert landing.settle() == []


def test_each_drop_is_stored_in_the_order_of_names_and_an_older_one_is_not_published(landing, made):
    landing.drop(made["2025.3.3"], "a")
    landing.drop(made["2025.1.1"], "b")
    assert landing.settle() == [(CHECK, True), (INGEST, True), (CHECK, True), (INGEST, True)]
    # Both plans came before the other sensor looked: the first one is not forgotten over the second.
    publish = landing.publish()
    assert isinstance(publish, dg.RunRequest) and landing.location.run("publish", tags=dict(publish.tags)).success
    assert "older than what is published" in landing.publish()
    assert landing.states() == [("2025.2.2", "superseded"), ("2025.3.3", "published"), ("2025.1.1", "seen")]


def test_what_was_imported_by_hand_is_not_imported_again(landing, made):
    entry = landing.drop(made["2025.3.3"], "other wrapping")
    (entry / "notes.txt").write_text("Not a file of a database.")
    before = landing.instance.fetch_materializations(keys.asset_key("homecoming", keys.PLAN), limit=100).records
    # Its content is another one to the sensor, so the ingest has to find out; it ends at its first step.
    assert landing.settle() == [(CHECK, True), (INGEST, True)]
    after = landing.instance.fetch_materializations(keys.asset_key("homecoming", keys.PLAN), limit=100).records
    assert len(after) == len(before)


def test_a_bad_file_is_tried_once_until_its_content_or_our_code_changes(landing, monkeypatch):
    bad = landing.broken("bad.zip")
    assert landing.settle() == [(CHECK, True), (INGEST, False)]
    assert "failed for good" in landing.tick()
    os.utime(bad)
    bad.rename(landing.folder / "worse.zip")
    assert landing.settle() == [(CHECK, True)]
    landing.broken("worse.zip", b"This is none either.")
    assert landing.settle() == [(CHECK, True), (INGEST, False)]
    for module in (landing_sensor, tried):
        monkeypatch.setattr(module, "code_fingerprint", lambda: "0123456789abcdef")
    assert landing.settle() == [(INGEST, False)]


def test_the_nightly_run_tries_what_nothing_tried_and_a_person_tries_all(landing, made):
    landing.drop(made["2025.3.3"], "good")
    bad = landing.broken("bad.zip", b"Broken in its own way.")
    for place in (bad, *landing.folder.glob("good/*")):
        age = 60 if place == bad else 600
        os.utime(place, (time.time() - age, time.time() - age))
    assert [place.name for place in newest_first(landing.folder)] == ["bad.zip", "good"]
    # Whoever comes first: the night's run tries it once, too, and the sensor knows.
    assert not landing.nightly().success, landing.newest_run().tags
    assert landing.settle() == [(CHECK, True), (CHECK, True)]
    result = landing.nightly()
    assert result.success and not result.get_asset_materialization_events()
    # What it took instead is the release in the store, not the other drop.
    (observed,) = (e for e in result.all_events if e.event_type == dg.DagsterEventType.ASSET_OBSERVATION)
    metadata = observed.asset_observation_data.asset_observation.metadata
    assert metadata["version"].value == "2025.3.3" and TAG_CONTENT not in landing.newest_run().tags
    assert not landing.location.run("ingest", raise_on_error=False).success


def test_the_nightly_run_passes_over_what_cannot_be_read(landing, monkeypatch):
    bad = landing.broken("unreadable.zip", b"Nobody may know.")
    os.utime(bad, (time.time() - 60, time.time() - 60))

    def refused(path: Path) -> str:
        raise UserError(f"{path} cannot be read")

    monkeypatch.setattr(release_module, "entry_content", refused)
    assert landing.nightly().success
    assert "cannot be read" in failure(landing.location.run("ingest", raise_on_error=False))


def test_a_lost_connection_does_not_burn_a_drop(landing, made, monkeypatch, tmp_path):
    landing.drop(release(tmp_path / "x", "2025.4.4"), "x")
    now = time.time()
    monkeypatch.setattr(release_module, "register", _lost)
    assert landing.settle() == [(CHECK, True), (INGEST, False)]
    assert "the next one comes 5 min after it" in landing.tick()
    monkeypatch.setattr(time, "time", lambda: now + landing_sensor.PAUSE_SECONDS + 60)
    assert landing.settle() == [(INGEST, False)]
    assert "the next one comes 24 h after it" in landing.tick()
    monkeypatch.undo()
    monkeypatch.setattr(time, "time", lambda: now + 2 * LONG_PAUSE_SECONDS)
    assert landing.settle() == [(INGEST, True)]


def test_a_publish_that_lost_its_connection_is_started_again(landing, monkeypatch):
    """The plan is that of the test before."""
    from mids_assets.assets import warehouse

    real = warehouse.publish_build
    monkeypatch.setattr(warehouse, "publish_build", _lost)
    monkeypatch.setattr("mids_assets.graph.retries.SECONDS", 0)
    first = landing.publish()
    assert isinstance(first, dg.RunRequest)
    assert "DatabaseUnavailable" in failure(
        landing.location.run("publish", tags=dict(first.tags), raise_on_error=False)
    )
    assert "the next one comes 5 min after it" in landing.publish()
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + sensors.PAUSE_SECONDS + 60)
    second = landing.publish()
    assert isinstance(second, dg.RunRequest) and second.tags == first.tags and second.run_key != first.run_key
    monkeypatch.setattr(warehouse, "publish_build", real)
    assert landing.location.run("publish", tags=dict(second.tags)).success
    assert "handled already" in landing.publish()
    assert landing.states()[-1] == ("2025.4.4", "published")


def test_a_publish_that_failed_for_good_is_not_started_again(landing, monkeypatch, tmp_path):
    landing.drop(release(tmp_path / "x", "2025.4.5"), "x")
    assert landing.settle() == [(CHECK, True), (INGEST, True)]
    request = landing.publish()
    assert isinstance(request, dg.RunRequest)
    monkeypatch.setattr("mids_assets.assets.warehouse.publish_build", _blocked)
    assert not landing.location.run("publish", tags=dict(request.tags), raise_on_error=False).success
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 2 * LONG_PAUSE_SECONDS)
    assert "failed for good" in landing.publish()
    # Nor does the night's run ingest it once more.
    result = landing.nightly()
    assert result.success and not result.get_asset_materialization_events()


def test_a_publish_that_a_person_cancelled_is_left_alone(landing, tmp_path):
    landing.drop(release(tmp_path / "x", "2025.5.5"), "x")
    assert landing.settle() == [(CHECK, True), (INGEST, True)]
    request = landing.publish()
    assert isinstance(request, dg.RunRequest)
    job = landing.location.defs.resolve_job_def("homecoming_publish")
    run = landing.instance.create_run_for_job(job, tags=dict(request.tags))
    assert "under way" in landing.publish()
    landing.instance.report_run_canceled(run, "A person did.")
    assert "was cancelled" in landing.publish()


def test_the_attempts_are_bounded(landing, made, monkeypatch, tmp_path):
    landing.drop(release(tmp_path / "x", "2025.6.6"), "x")
    now = time.time()
    monkeypatch.setattr(release_module, "register", _lost)
    failed = 0
    for day in range(10):
        monkeypatch.setattr(time, "time", lambda day=day: now + day * LONG_PAUSE_SECONDS * 1.01)
        failed += landing.settle().count((INGEST, False))
    assert failed == ATTEMPTS
    assert f"{ATTEMPTS} runs failed" in landing.tick()


def test_a_tick_that_finds_an_ingest_under_way_waits(landing, tmp_path):
    landing.drop(release(tmp_path / "x", "2025.7.7"), "x")
    landing.tick()
    job = landing.location.defs.resolve_job_def(INGEST)
    run = landing.instance.create_run_for_job(job)
    assert run.run_id in landing.tick()
    landing.instance.report_run_canceled(run, "It was none.")
    assert isinstance(landing.tick(), dg.RunRequest)


def _lost(*_: object, **__: object) -> None:
    raise DatabaseUnavailable("the connection was lost")


def _blocked(*_: object, **__: object) -> None:
    raise CheckFailed("a rule does not hold")
