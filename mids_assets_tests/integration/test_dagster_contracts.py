"""What the design takes for granted about Dagster, held against the installed version on PostgreSQL storage.

A failure here after an upgrade says which assumption broke. Assets are made up; none of the project's are used.
Does not belong here: behaviour of our own code.
"""

from __future__ import annotations

import collections
import logging
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator

import dagster as dg
import pytest
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.execution.api import execute_run
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus

from mids_assets import storage
from mids_assets.checks.tables import lean
from mids_assets.settings import PROJECT_ROOT
from mids_assets_tests.servers import temporary_settings

CHUNKS = "contract_chunks"
TABLES = 39
WARNINGS = 16
RANGE = {"dagster/asset_partition_range_start": "c1", "dagster/asset_partition_range_end": "c3"}


def key(*path: str) -> dg.AssetKey:
    return dg.AssetKey(["realm", *path])


RECORDS, ROWS, WAREHOUSE = key("records"), key("tables", "rows"), key("warehouse", "rows")


@pytest.fixture(scope="module")
def opened(tmp_path_factory) -> Iterator[dg.DagsterInstance]:
    home = tmp_path_factory.mktemp("dagster_home")
    shutil.copy(PROJECT_ROOT / "dagster_home" / storage.CONFIG_FILE, home)
    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    with temporary_settings() as settings, pytest.MonkeyPatch.context() as patch:
        patch.setenv("MIDS_DATA_DIR", str(settings.data_dir))
        patch.setenv("DAGSTER_HOME", str(home))
        with storage.open_instance() as instance:
            yield instance
    logging.getLogger("dagster").setLevel(logging.NOTSET)


@pytest.fixture
def instance(opened) -> dg.DagsterInstance:
    for partition in opened.get_dynamic_partitions(CHUNKS):
        opened.delete_dynamic_partition(CHUNKS, partition)
    opened.wipe_assets([asset for asset in (RECORDS, ROWS, WAREHOUSE) if opened.has_asset_key(asset)])
    opened.add_dynamic_partitions(CHUNKS, ["c1", "c2", "c3", "stale"])
    return opened


def publish_job(
    passed: bool = True, ran: list | None = None, remove: tuple[str, ...] = (), die: bool = False
) -> dg.JobDefinition:
    """records (partitioned, one run for a range) -> tables/rows with a blocking check -> warehouse/rows."""
    seen = [] if ran is None else ran
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)

        @dg.asset(
            key=RECORDS,
            partitions_def=dg.DynamicPartitionsDefinition(name=CHUNKS),
            backfill_policy=dg.BackfillPolicy.single_run(),
        )
        def records(context):
            if die:
                os._exit(9)
            seen.append(("records", tuple(context.partition_keys)))
            for partition in remove:
                context.instance.delete_dynamic_partition(CHUNKS, partition)
            return dg.MaterializeResult(metadata={"rows": 1})

    @dg.multi_asset(
        name="tables",
        specs=[dg.AssetSpec(ROWS, deps=[dg.AssetDep(RECORDS, partition_mapping=dg.AllPartitionMapping())])],
        check_specs=[dg.AssetCheckSpec("rules", asset=ROWS, blocking=True)],
    )
    def tables():
        seen.append(("tables", ()))
        yield dg.MaterializeResult(
            asset_key=ROWS, check_results=[dg.AssetCheckResult(asset_key=ROWS, check_name="rules", passed=passed)]
        )

    @dg.asset(key=WAREHOUSE, deps=[ROWS])
    def warehouse():
        seen.append(("warehouse", ()))
        return dg.MaterializeResult()

    return dg.Definitions(
        assets=[records, tables, warehouse],
        jobs=[dg.define_asset_job("publish", selection=dg.AssetSelection.all(), executor_def=dg.in_process_executor)],
    ).resolve_job_def("publish")


def plain_job() -> dg.JobDefinition:
    """Without arguments, as `reconstructable` wants it."""
    return publish_job()


def check_status(instance: dg.DagsterInstance, asset: dg.AssetKey, name: str) -> AssetCheckExecutionRecordStatus:
    check = dg.AssetCheckKey(asset, name)
    return instance.event_log_storage.get_latest_asset_check_execution_by_key([check])[check].status


def event_counts(instance: dg.DagsterInstance, run_id: str) -> collections.Counter:
    return collections.Counter(
        entry.dagster_event.event_type_value if entry.dagster_event else "LOG" for entry in instance.all_logs(run_id)
    )


def test_one_range_run_executes_partitioned_and_unpartitioned_assets_and_their_checks(instance):
    ran: list = []
    result = publish_job(ran=ran).execute_in_process(instance=instance, tags=RANGE)
    assert result.success
    assert ran == [("records", ("c1", "c2", "c3")), ("tables", ()), ("warehouse", ())]
    assert instance.get_materialized_partitions(RECORDS) == {"c1", "c2", "c3"}
    assert check_status(instance, ROWS, "rules") is AssetCheckExecutionRecordStatus.SUCCEEDED
    assert instance.get_latest_materialization_event(WAREHOUSE) is not None
    # The price of a partition: one planned and one materialization event each.
    counts = event_counts(instance, result.run_id)
    assert counts["ASSET_MATERIALIZATION_PLANNED"] == counts["ASSET_MATERIALIZATION"] == 3 + 2
    assert counts["STEP_OUTPUT"] == 3 + 1


def test_the_order_of_a_range_is_the_order_of_insertion(instance):
    instance.add_dynamic_partitions(CHUNKS, ["b9", "a1"])
    ran: list = []
    tags = {"dagster/asset_partition_range_start": "c3", "dagster/asset_partition_range_end": "a1"}
    publish_job(ran=ran).execute_in_process(instance=instance, tags=tags)
    assert ran[0] == ("records", ("c3", "stale", "b9", "a1"))


def test_a_run_in_our_process_shows_up_under_its_job_with_its_assets_and_partitions(instance):
    result = publish_job().execute_in_process(instance=instance, tags={**RANGE, "mids/origin": "cli"})
    (record,) = instance.get_run_records(dg.RunsFilter(job_name="publish", tags={"mids/origin": "cli"}), limit=1)
    assert record.dagster_run.run_id == result.run_id
    assert record.dagster_run.status is dg.DagsterRunStatus.SUCCESS
    events = instance.get_records_for_run(result.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION).records
    assert {(event.asset_key, event.partition_key) for event in events} == {
        *((RECORDS, chunk) for chunk in ("c1", "c2", "c3")),
        *((asset, None) for asset in (ROWS, WAREHOUSE)),
    }


def test_a_failed_blocking_check_stops_everything_after_it_in_the_same_run(instance):
    ran: list = []
    result = publish_job(passed=False, ran=ran).execute_in_process(instance=instance, tags=RANGE, raise_on_error=False)
    assert not result.success
    assert [name for name, _ in ran] == ["records", "tables"]
    assert check_status(instance, ROWS, "rules") is AssetCheckExecutionRecordStatus.FAILED
    # The audited data itself is recorded, what would publish it is not; and no event says "skipped".
    assert instance.get_latest_materialization_event(ROWS) is not None
    assert instance.get_latest_materialization_event(WAREHOUSE) is None
    assert event_counts(instance, result.run_id)["STEP_SKIPPED"] == 0


@pytest.mark.parametrize(
    ("before", "during", "success", "recorded"),
    [
        pytest.param(("stale",), (), True, {"c1", "c2", "c3"}, id="outside the range, before it ran"),
        pytest.param((), ("stale",), True, {"c1", "c2", "c3"}, id="outside the range, while it ran"),
        pytest.param(("c2",), (), True, {"c1", "c3"}, id="inside: silently a shorter range"),
        pytest.param(("c1",), (), False, set(), id="its first key, before it ran: fails"),
        pytest.param((), ("c1", "c2", "c3"), False, set(), id="all of it, while it ran: fails"),
    ],
)
def test_partitions_removed_after_a_run_was_launched(instance, before, during, success, recorded):
    """Hence stale keys are removed only when no active run targets them."""
    job = publish_job(remove=during)
    run = instance.create_run_for_job(job, tags=RANGE)
    for partition in before:
        instance.delete_dynamic_partition(CHUNKS, partition)
    result = execute_run(InMemoryJob(job), run, instance, raise_on_error=False)
    assert result.success is success
    assert instance.get_materialized_partitions(RECORDS) == recorded


def test_execute_job_takes_range_tags_too(instance):
    result = dg.execute_job(dg.reconstructable(plain_job), instance=instance, tags=RANGE)
    assert result.success
    assert instance.get_materialized_partitions(RECORDS) == {"c1", "c2", "c3"}
    # In this process, because the job names its executor: the default one starts a process per step, 6 s each.
    assert "STEP_WORKER_STARTING" not in event_counts(instance, result.run_id)


def test_a_killed_run_stays_started(instance):
    """Nobody notices: run monitoring looks only after runs that a launcher started. Hence our own dead-run report."""
    code = (
        "from mids_assets.storage import open_instance;"
        "from mids_assets_tests.integration.test_dagster_contracts import RANGE, publish_job;"
        "publish_job(die=True).execute_in_process(instance=open_instance(), tags={**RANGE, 'victim': 'yes'})"
    )
    killed = subprocess.run([sys.executable, "-c", code], cwd=PROJECT_ROOT, capture_output=True, timeout=120)
    assert killed.returncode == 9, killed.stderr
    (run,) = instance.get_runs(dg.RunsFilter(tags={"victim": "yes"}))
    assert run.status is dg.DagsterRunStatus.STARTED
    instance.report_run_failed(run, "its process is gone")
    ended = instance.get_run_by_id(run.run_id)
    assert ended is not None and ended.status is dg.DagsterRunStatus.FAILURE


def tables_job(thrifty: bool) -> dg.JobDefinition:
    """39 tables with 55 checks in one step and their 39 published twins in another: the size of the real thing."""
    tables = [key("tables", f"t{number}") for number in range(TABLES)]
    rules = [dg.AssetCheckSpec("rules", asset=table, blocking=True) for table in tables]
    unresolved = [dg.AssetCheckSpec("unresolved", asset=table) for table in tables[:WARNINGS]]

    @dg.multi_asset(name="many_tables", specs=[dg.AssetSpec(table) for table in tables], check_specs=rules + unresolved)
    def many_tables(context):
        for number, table in enumerate(tables):
            result = dg.AssetCheckResult(asset_key=table, check_name="rules", passed=True)
            warning = dg.AssetCheckResult(asset_key=table, check_name="unresolved", passed=True)
            warnings = [warning] if number < WARNINGS else []
            yield dg.MaterializeResult(asset_key=table, check_results=[result] if thrifty else [result, *warnings])
            for one in warnings if thrifty else ():
                yield from lean(context, one)

    published = [
        dg.AssetSpec(key("published", f"t{number}"), deps=[table], skippable=thrifty)
        for number, table in enumerate(tables)
    ]

    @dg.multi_asset(name="many_published", specs=published)
    def many_published():
        for spec in published:
            # A leaf may leave out its output: nothing waits for it, and an event less is stored.
            yield dg.AssetMaterialization(spec.key) if thrifty else dg.MaterializeResult(asset_key=spec.key)

    return dg.Definitions(
        assets=[many_tables, many_published], jobs=[dg.define_asset_job("many", selection=dg.AssetSelection.all())]
    ).resolve_job_def("many")


@pytest.mark.parametrize(("thrifty", "total"), [(False, 410), (True, 355)])
def test_what_is_stored_per_asset_check_step_and_run(instance, thrifty, total):
    result = tables_job(thrifty).execute_in_process(instance=instance)
    assert result.success
    outputs = TABLES + TABLES + (0 if thrifty else WARNINGS + TABLES)
    checks = TABLES + WARNINGS
    counts = event_counts(instance, result.run_id)
    assert counts == {
        "ASSET_MATERIALIZATION_PLANNED": 2 * TABLES,
        "ASSET_MATERIALIZATION": 2 * TABLES,
        "ASSET_CHECK_EVALUATION_PLANNED": checks,
        "ASSET_CHECK_EVALUATION": checks,
        "STEP_OUTPUT": outputs,
        "STEP_START": 2,
        "STEP_SUCCESS": 2,
        "PIPELINE_START": 1,
        "PIPELINE_SUCCESS": 1,
        "ENGINE_EVENT": 2,
        "LOGS_CAPTURED": 1,
        "RESOURCE_INIT_STARTED": 1,
        "RESOURCE_INIT_SUCCESS": 1,
    }
    assert counts.total() == total
    assert instance.get_latest_materialization_event(key("published", "t38")) is not None
