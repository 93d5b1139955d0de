"""What a server offers and what people drop is ingested and published by the daemon, with nobody there."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from mids_assets.checks.health import STANDING
from mids_assets.graph.shown import shown_tables
from mids_assets_tests.conftest import World
from mids_assets_tests.e2e.dg_dev import Ui, dg_dev, tail, until
from mids_assets_tests.integration.test_fetch import put
from mids_assets_tests.integration.test_releases import release
from mids_assets_tests.update_server import UpdateServer, serving

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(420)]

FRESH = """
select count(distinct asset_key) from event_logs
where dagster_event_type = 'FRESHNESS_STATE_CHANGE' and asset_key like '%"warehouse"%'
and event like '%FreshnessState.PASS%'
"""
CHECK, INGEST, PUBLISH = "homecoming_check_landing", "homecoming_ingest", "homecoming_publish"


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[UpdateServer]:
    with serving() as found:
        put(found, tmp_path_factory.mktemp("offered"), "2025.4.971")
        yield found


@pytest.fixture(scope="module")
def ui(world: World, server: UpdateServer) -> Iterator[Ui]:
    found = {"MIDS_UPDATE_URL_HOMECOMING": server.manifest, "MIDS_LANDING_SECONDS": "3"}
    with dg_dev(world, **found, FRESHNESS_DAEMON_INTERVAL_SECONDS="5") as started:
        yield started


def test_an_offered_version_is_published_in_two_runs(world, ui, server):
    until(lambda: published(world) == "2025.4.971", 180, lambda: f"asked {server.requests}\n{told(world, ui)}")
    until(lambda: world.runs() == [(PUBLISH, "SUCCESS"), (INGEST, "SUCCESS")], 30, lambda: str(world.runs()))
    assert len(server.asked("/homecoming-2025.4.971.mru")) == 1


def test_what_was_published_is_fresh_and_the_standing_checks_took_no_run(world, ui):
    shown = len(shown_tables("homecoming"))
    until(lambda: fresh(world) == shown, 60, lambda: f"{fresh(world)} tables are fresh\n{tail(ui.log)}")
    assert world.dagster_query(
        'select check_name, execution_status from asset_check_executions where asset_key = \'["homecoming", '
        f"\"health\"]' and run_id = '' order by id limit {len(STANDING)}"
    ) == [(name, "SUCCEEDED") for name in STANDING]


def test_a_drop_is_published_in_three_runs_and_a_broken_one_beside_it_is_tried_once(world, ui, tmp_path):
    landing = world.settings.landing_dir / "homecoming"
    made = release(tmp_path / "made", "2025.5.1")
    broken = Path(shutil.make_archive(str(tmp_path / "broken"), "zip", made)).read_bytes()
    shutil.copytree(made, landing / "a")
    (landing / "b.zip").write_bytes(broken[: len(broken) // 2])
    wanted = Counter(
        {
            (PUBLISH, "SUCCESS"): 2,
            (INGEST, "SUCCESS"): 2,
            (INGEST, "FAILURE"): 1,
            (CHECK, "SUCCESS"): 2,
        }
    )
    until(lambda: Counter(world.runs()) == wanted, 180, lambda: told(world, ui))
    assert published(world) == "2025.5.1"
    until(lambda: len(noted(world)) == 1, 60, lambda: told(world, ui))
    assert "b.zip" in noted(world)[0]

    os.utime(landing / "b.zip")
    wanted[CHECK, "SUCCESS"] += 1
    until(lambda: Counter(world.runs()) == wanted, 90, lambda: told(world, ui))
    # What the tick after that run says of it.
    seen = last_tick(world)
    until(lambda: last_tick(world) > seen + 1, 60, lambda: told(world, ui))
    assert Counter(world.runs()) == wanted
    assert len(noted(world)) == 1
    assert "b.zip: run" in ticks(world)[-1] and "failed for good" in ticks(world)[-1]


def test_no_tick_failed(world, ui):
    found = world.dagster_query("select status, tick_body from job_ticks")
    assert found and not [body for status, body in found if status == "FAILURE"]


def fresh(world: World) -> int:
    """Tables of the warehouse of which Dagster's daemon found that their freshness policy holds."""
    ((count,),) = world.dagster_query(FRESH)
    return count


def published(world: World) -> str | None:
    if world.query("select to_regclass('mids.release')") == [(None,)]:
        return None
    found = world.query("select version from mids.release where state = 'published'")
    return found[0][0] if found else None


def noted(world: World) -> list[str]:
    """What failed, according to the import log."""
    return [text for (text,) in world.query("select errors::text from mids.import_log where action = 'failed'")]


def ticks(world: World) -> list[str]:
    """Of the landing sensor, those that ended."""
    found = world.dagster_query("select tick_body from job_ticks where status <> 'STARTED' order by id")
    return [body for (body,) in found if "homecoming_landing" in body]


def last_tick(world: World) -> int:
    return len(ticks(world))


def told(world: World, ui: Ui) -> str:
    return f"runs {world.runs()}\nlast ticks {ticks(world)[-2:]}\n{tail(ui.log)}"
