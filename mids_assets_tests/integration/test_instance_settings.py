"""dagster_home/dagster.yaml, as the installed Dagster takes it: what it says, why, and what is tried a second time."""

from __future__ import annotations

import re

import dagster as dg
import pytest
import yaml
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.scheduler.instigation import TickStatus
from dagster._core.storage.tags import PARENT_RUN_ID_TAG, ROOT_RUN_ID_TAG, WILL_RETRY_TAG

from mids_assets.automation.attempts import LONGEST_RUN_SECONDS
from mids_assets.settings import PROJECT_ROOT
from mids_assets.storage import CONFIG_FILE

TEXT = (PROJECT_ROOT / "dagster_home" / CONFIG_FILE).read_text()


@pytest.mark.parametrize("block", yaml.safe_load(TEXT))
def test_each_setting_stands_below_its_reason(block):
    above = TEXT.splitlines()[: TEXT.splitlines().index(f"{block}:")]
    reason = next((line for line in reversed(above) if not re.match(r"\w+:|  ", line)), "")
    assert reason.startswith("# ") or block == "nux"


def test_two_runs_at_once_and_no_limit_by_tags(location):
    queue = location.instance.get_concurrency_config().run_queue_config
    assert queue.max_concurrent_runs == 2
    # A killed run that still counts as started would block its realm: PostgreSQL's lock excludes imports instead.
    assert queue.tag_concurrency_limits == []


def test_runs_are_watched_and_never_resumed_in_the_middle(location):
    instance = location.instance
    assert instance.run_monitoring_enabled
    assert instance.run_monitoring_max_resume_run_attempts == 0
    assert 0 < instance.run_monitoring_start_timeout_seconds < instance.run_monitoring_max_runtime_seconds
    assert instance.run_monitoring_max_runtime_seconds == LONGEST_RUN_SECONDS == 6 * 3600


def test_ticks_are_forgotten_and_failed_ones_last(location):
    for kind in (InstigatorType.SCHEDULE, InstigatorType.SENSOR):
        kept = location.instance.get_tick_retention_settings(kind)
        assert all(days > 0 for days in kept.values())
        assert kept[TickStatus.FAILURE] == max(kept.values())


def test_what_failed_by_the_data_is_not_tried_again(location, tmp_path):
    config = {"ops": {"homecoming__release": {"config": {"source": str(tmp_path / "absent")}}}}
    result = location.run("ingest", config=config, raise_on_error=False)
    assert not result.success
    run = location.instance.get_run_by_id(result.run_id)
    assert run.tags[WILL_RETRY_TAG] == "false"


def test_a_run_whose_process_died_is_tried_once_more(location):
    first = died(location, {})
    assert first.tags[WILL_RETRY_TAG] == "true"
    second = died(location, {ROOT_RUN_ID_TAG: first.run_id, PARENT_RUN_ID_TAG: first.run_id})
    assert second.tags[WILL_RETRY_TAG] == "false"


def died(location, tags: dict[str, str]) -> dg.DagsterRun:
    """A run that was under way when its process was found to be gone."""
    run = location.instance.create_run_for_job(
        location.defs.resolve_job_def("homecoming_ingest"),
        status=dg.DagsterRunStatus.STARTED,
        tags=tags,
        root_run_id=tags.get(ROOT_RUN_ID_TAG),
        parent_run_id=tags.get(PARENT_RUN_ID_TAG),
    )
    location.instance.report_run_failed(run, "its process is gone")
    return location.instance.get_run_by_id(run.run_id)
