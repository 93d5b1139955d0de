"""A version that a server offers is downloaded, ingested and published by the daemon, with nobody there."""

from __future__ import annotations

import pytest

from mids_assets.checks.health import STANDING
from mids_assets.model.tables import TABLES
from mids_assets_tests.conftest import World
from mids_assets_tests.e2e.dg_dev import dg_dev, tail, until
from mids_assets_tests.integration.test_fetch import put
from mids_assets_tests.update_server import serving

FRESH = """
select count(distinct asset_key) from event_logs
where dagster_event_type = 'FRESHNESS_STATE_CHANGE' and asset_key like '%"warehouse"%'
and event like '%FreshnessState.PASS%'
"""
pytestmark = pytest.mark.e2e


def test_an_offered_version_is_published_in_two_runs(world: World, tmp_path):
    with serving() as server:
        put(server, tmp_path, "2025.4.971")
        with dg_dev(world, MIDS_UPDATE_URL_HOMECOMING=server.manifest, FRESHNESS_DAEMON_INTERVAL_SECONDS="5") as ui:
            until(
                lambda: (
                    world.query("select to_regclass('mids.release')") != [(None,)]
                    and world.query("select version, state from mids.release") == [("2025.4.971", "published")]
                ),
                180,
                lambda: f"runs {world.runs()}, asked {server.requests}\n{tail(ui.log)}",
            )
            until(
                lambda: world.runs() == [("homecoming_publish", "SUCCESS"), ("homecoming_ingest", "SUCCESS")],
                30,
                lambda: str(world.runs()),
            )
            until(lambda: _fresh(world) == len(TABLES), 60, lambda: f"{_fresh(world)} tables are fresh\n{tail(ui.log)}")
        # The standing checks were recorded by the daemon, without a run.
        assert world.dagster_query(
            'select check_name, execution_status from asset_check_executions where asset_key = \'["homecoming", '
            "\"health\"]' and run_id = '' order by id limit 4"
        ) == [(name, "SUCCEEDED") for name in STANDING]
        assert len(server.asked("/homecoming-2025.4.971.mru")) == 1
    ticks = world.dagster_query("select status, tick_body from job_ticks")
    assert ticks and not [body for status, body in ticks if status == "FAILURE"]


def _fresh(world: World) -> int:
    """Tables of the warehouse of which Dagster's daemon found that their freshness policy holds."""
    ((count,),) = world.dagster_query(FRESH)
    return count
