"""Housekeeping on the real storage, filled with thousands of runs: what goes, what stays, and how much in one night."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import psycopg2
import pytest

from mids_assets.automation import housekeeping
from mids_assets.automation.housekeeping import Removed, tidy_up
from mids_assets.definitions import build_definitions
from mids_assets.graph import keys
from mids_assets.settings import Settings
from mids_assets.storage import open_instance
from mids_assets.transform.build import BuildManifest, Chunk, write_manifest
from mids_assets.transform.store import Store
from mids_assets.warehouse.connection import connect, dagster_database_url
from mids_assets.warehouse.register import ReleaseRecord, mark_published, note_release
from mids_assets.warehouse.schema import ensure_operations
from mids_assets_tests.conftest import World

REALM = "homecoming"
NOW = datetime(2031, 1, 1, tzinfo=UTC)
"""Long after whatever the tests write."""
OURS = {keys.TAG_REPOSITORY: keys.REPOSITORY}


@dataclass
class Storage:
    """The real instance of a world, and a template of an asset with a check whose run is copied."""

    world: World
    settings: Settings
    instance: dg.DagsterInstance

    def run(self, name: str, *, job: str = "job", success: bool = True, check: str = "rules", **tags: str) -> str:
        """A real run that materializes the asset [homecoming, `name`] and evaluates its check."""

        @dg.asset(key=[REALM, name], check_specs=[dg.AssetCheckSpec(check, asset=[REALM, name])])
        def made() -> dg.MaterializeResult:
            print("a line in the log of the step")
            if not success:
                raise ValueError("not this time")
            return dg.MaterializeResult(check_results=[dg.AssetCheckResult(passed=True, check_name=check)])

        defs = dg.Definitions(assets=[made], jobs=[dg.define_asset_job(job, executor_def=dg.in_process_executor)])
        result = defs.resolve_job_def(job).execute_in_process(
            instance=self.instance, tags={**OURS, **tags}, raise_on_error=False
        )
        return result.run_id

    def copies(self, run_id: str, number: int) -> None:
        """So many more runs like this one, with their tags and events, as rows."""
        self.sql(
            "CREATE TEMP TABLE copies AS SELECT gen_random_uuid()::text AS name FROM generate_series(1, %(number)s);"
            " INSERT INTO runs (run_id, snapshot_id, pipeline_name, mode, status, run_body, partition, partition_set,"
            " create_timestamp, update_timestamp, start_time, end_time)"
            " SELECT name, snapshot_id, pipeline_name, mode, status, replace(run_body, %(run)s, name), partition,"
            " partition_set, create_timestamp, update_timestamp, start_time, end_time"
            " FROM runs, copies WHERE run_id = %(run)s;"
            " INSERT INTO run_tags (run_id, key, value) SELECT name, key, value FROM run_tags, copies"
            " WHERE run_id = %(run)s;"
            " INSERT INTO event_logs (run_id, event, dagster_event_type, timestamp, step_key, asset_key, partition)"
            " SELECT name, replace(event, %(run)s, name), dagster_event_type, timestamp, step_key, asset_key, partition"
            " FROM event_logs, copies WHERE run_id = %(run)s;"
            " INSERT INTO asset_check_executions (asset_key, check_name, run_id, execution_status, evaluation_event,"
            " evaluation_event_timestamp) SELECT asset_key, check_name, name, execution_status, evaluation_event,"
            " evaluation_event_timestamp FROM asset_check_executions, copies WHERE run_id = %(run)s;"
            " DROP TABLE copies",
            run=run_id,
            number=number,
        )

    def sql(self, statement: str, **parameters: object) -> None:

        url = dagster_database_url(self.settings).replace("+psycopg2", "")
        with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
            cursor.execute(statement, parameters)

    def count(self, table: str) -> int:
        ((number,),) = self.world.dagster_query(f"SELECT count(*) FROM {table}")
        return number

    def tidy(self, *names: str, now: datetime = NOW, checks: tuple[str, ...] = ("rules",)) -> Removed:
        """A round in which the assets [homecoming, name] exist, each with these checks."""
        assets = [dg.AssetKey([REALM, name]) for name in names]
        return tidy_up(
            self.instance,
            self.settings,
            assets=assets,
            checks=[dg.AssetCheckKey(asset, check) for asset in assets for check in checks],
            now=now,
        )

    def wipe(self) -> None:
        self.instance.wipe()
        for key in self.instance.get_dynamic_partitions(f"{REALM}_i12_chunks"):
            self.instance.delete_dynamic_partition(f"{REALM}_i12_chunks", key)


@pytest.fixture(scope="module")
def opened(world: World) -> Iterator[Storage]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in world.environment.items():
            patch.setenv(name, value)
        with open_instance() as instance:
            yield Storage(world, replace(world.settings, realms=(REALM,)), instance)


@pytest.fixture
def storage(opened: Storage, tmp_path: Path) -> Storage:
    opened.wipe()
    opened.settings = replace(opened.settings, database_url=None)
    return opened


def test_old_runs_go_with_their_events_results_and_logs(storage):
    old = storage.run("old")
    logs = storage.world.home / "storage" / old
    assert logs.is_dir()
    newest = storage.run("old")
    assert storage.tidy("old", now=datetime.now(UTC) + timedelta(days=29)).runs == 0
    removed = storage.tidy("old")
    assert (removed.runs, removed.kept, removed.check_results) == (1, 1, 1)
    assert [run.run_id for run in storage.instance.get_runs()] == [newest]
    assert not logs.exists()
    assert storage.world.dagster_query(f"SELECT count(*) FROM event_logs WHERE run_id = '{old}'") == [(0,)]
    # The newest run of an asset stays, with what the UI shows of it.
    key = dg.AssetKey([REALM, "old"])
    assert storage.instance.get_latest_materialization_event(key).run_id == newest
    (record,) = storage.instance.get_asset_records([key])
    assert record.asset_entry.last_materialization_record is not None
    assert storage.tidy("old").runs == 0


def test_thousands_of_runs_go_night_by_night(storage, monkeypatch):
    failed = storage.run("flapping", success=False)
    storage.copies(failed, 2500)
    monkeypatch.setattr(housekeeping, "MOST_RUNS", 900)
    events = storage.count("event_logs")
    assert storage.count("runs") == 2501 and events > 20_000
    assert [storage.tidy("flapping").runs for _ in range(4)] == [900, 900, 701, 0]
    assert (storage.count("runs"), storage.count("run_tags")) == (0, 0)
    assert (storage.count("event_logs"), storage.count("asset_check_executions")) == (0, 0)


def test_what_is_under_way_or_somebody_elses_is_never_touched(storage):
    runs = [
        dg.DagsterRun(job_name="job", status=status, tags={keys.TAG_REALM: REALM})
        for status in dg.DagsterRunStatus
        # One that waits in the queue has to come from a code location; to us it is like one that is not started.
        if status not in (*housekeeping._OVER, dg.DagsterRunStatus.QUEUED)
    ]
    over = dg.DagsterRunStatus.SUCCESS
    runs += [
        dg.DagsterRun(job_name="job", status=over, tags={keys.TAG_REALM: "rebirth", **OURS}),
        dg.DagsterRun(job_name="job", status=over, tags={keys.TAG_REPOSITORY: "__repository__@others"}),
        dg.DagsterRun(job_name="job", status=over),
    ]
    names = {storage.instance.add_run(run).run_id for run in runs}
    storage.instance.add_run(dg.DagsterRun(job_name="job", status=over, tags=OURS))
    removed = storage.tidy()
    assert (removed.runs, removed.kept) == (1, 3)
    assert {run.run_id for run in storage.instance.get_runs()} == names


def test_the_last_runs_of_stored_releases_stay(storage):
    ingest, publish = f"{REALM}_ingest", f"{REALM}_publish"
    kept, gone = set(), set()
    storage.settings = replace(storage.settings)
    with closing(connect(storage.settings, application_name="test")) as connection:
        ensure_operations(connection)
        for number, release in enumerate(("published", "stored", "pruned")):
            row = note_release(connection, REALM, ReleaseRecord(release, f"1.{number}", NOW, 1, 1, "1", False, "x"))
            with connection.cursor() as cursor:
                if release == "published":
                    mark_published(cursor, REALM, row, "now", {}, "first")
                if release == "pruned":
                    cursor.execute("UPDATE mids.release SET pruned_at = now() WHERE id = %s", (row,))
        connection.commit()

    def run(stays: bool, job: str, release: str, build: str, success: bool = True) -> None:
        tags = {keys.TAG_RELEASE: release, keys.TAG_BUILD: build, keys.TAG_REALM: REALM}
        (kept if stays else gone).add(storage.run(job, job=job, success=success, **tags))

    # Of the published build everything stays: its partitions may have been made by a run that failed.
    run(True, publish, "published", "now", success=False)
    run(True, publish, "published", "now")
    run(False, publish, "published", "before", success=False)
    for release, stays in (("stored", True), ("pruned", False)):
        run(False, ingest, release, "other")
        run(stays, ingest, release, "other")
        run(stays, publish, release, "other")
        run(False, publish, release, "other", success=False)
    Store(storage.settings.releases_dir).point(REALM, "plan", {"release": "planned", "build": "planned"})
    run(True, ingest, "planned", "planned", success=False)
    removed = storage.tidy()
    assert {run.run_id for run in storage.instance.get_runs()} == kept
    assert (removed.runs, removed.kept) == (len(gone), len(kept))


def test_what_a_sensor_tried_is_remembered(storage):
    """Else a file that is broken for good would be tried once a month."""
    tags = {keys.TAG_REALM: REALM, keys.TAG_UPDATE: "2025.4.971-manifest-code"}
    kept = {storage.run("good", job="ingest", **tags)}
    gone = {storage.run("bad", job="ingest", success=False, **tags)}
    kept |= {storage.run("bad", job="ingest", success=False, **tags) for _ in range(5)}
    kept.add(storage.run("bad", job="ingest", success=False, **{**tags, keys.TAG_UPDATE: "another"}))
    assert storage.tidy().runs == len(gone)
    assert {run.run_id for run in storage.instance.get_runs()} == kept


def test_what_belongs_to_names_that_are_gone(storage):
    storage.run("stays", check="gone")
    stays = storage.run("stays")
    storage.run("gone")
    other = dg.AssetMaterialization(dg.AssetKey(["rebirth", "not_in_the_settings_today"]))
    storage.instance.report_runless_asset_event(other)
    removed = storage.tidy("stays")
    assert removed.assets == [f"{REALM}/gone"] and removed.checks == [f"{REALM}/stays:gone"]
    assert set(storage.instance.get_asset_keys()) == {dg.AssetKey([REALM, "stays"]), other.asset_key}
    assert storage.world.dagster_query("SELECT check_name, run_id FROM asset_check_executions") == [("rules", stays)]
    assert storage.tidy("stays") == Removed(kept=1)


def test_partitions_of_no_plan_go_when_nothing_is_under_way(storage):
    name = f"{REALM}_i12_chunks"
    storage.instance.add_dynamic_partitions(name, ["old", "key0"])
    store = Store(storage.settings.releases_dir)
    store.point(REALM, "plan", {"release": "release1", "build": "build1"})
    assert storage.tidy().partitions == []
    manifest = BuildManifest(REALM, "release1", "build1", "mhd", "hash", (Chunk("key0", 0, 1, 0, 1),), {})
    write_manifest(store.build(REALM, "release1", "build1"), manifest)
    run = storage.instance.add_run(dg.DagsterRun(job_name="job", status=dg.DagsterRunStatus.STARTED))
    assert storage.tidy().partitions == []
    storage.instance.delete_run(run.run_id)
    assert storage.tidy().partitions == ["old"]
    assert storage.instance.get_dynamic_partitions(name) == ["key0"]


def test_reports_without_a_run_go_but_for_the_newest_of_each(storage):
    key = dg.AssetKey([REALM, "health"])
    for number in range(30):
        storage.instance.report_runless_asset_event(dg.AssetMaterialization(key, metadata={"number": number}))
        for check in ("one", "two"):
            storage.instance.report_runless_asset_event(dg.AssetCheckEvaluation(key, check, passed=number % 2 == 1))
    removed = storage.tidy("health", checks=("one", "two"))
    assert storage.count("event_logs") == 2 and storage.count("asset_check_executions") == 2
    assert removed.reports == 88 + 58
    assert storage.instance.get_latest_materialization_event(key).asset_materialization.metadata["number"].value == 29
    for check in ("one", "two"):
        record = storage.instance.event_log_storage.get_latest_asset_check_execution_by_key(
            [dg.AssetCheckKey(key, check)]
        )[dg.AssetCheckKey(key, check)]
        assert record.status.value == "SUCCEEDED"


def test_the_job_says_what_it_removed(storage):
    old = storage.run("old", success=False)
    storage.sql("UPDATE runs SET update_timestamp = now() - interval '31 days' WHERE run_id = %(run)s", run=old)
    defs = build_definitions(storage.settings)
    result = defs.resolve_job_def("housekeeping").execute_in_process(instance=storage.instance)
    (output,) = [event for event in result.all_events if event.event_type == dg.DagsterEventType.STEP_OUTPUT]
    metadata = output.step_output_data.metadata
    assert metadata["runs"].value == 1 and metadata["kept"].value == 0
    lines = [entry.user_message for entry in storage.instance.all_logs(result.run_id)]
    assert any(line.startswith("Removed 1 runs that were over for more than 30 days") for line in lines)
    assert [run.run_id for run in storage.instance.get_runs()] == [result.run_id]
