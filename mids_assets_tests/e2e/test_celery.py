"""Chunks and steps on several worker processes, handed out by a real broker; a worker is killed, the broker restarted.

A release takes the whole way with nobody there: ingest, runs that share its chunks, publish. The same releases are
imported by one process in a world of their own, and the rows are compared.
"""

from __future__ import annotations

import json
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from mids_assets.graph.worker_tag import TAG_WORKER
from mids_assets.model.tables import TABLES
from mids_assets.sample import write_sample
from mids_assets.transform.store import Store, read_json
from mids_assets_tests.conftest import World, make_world
from mids_assets_tests.e2e.celery_workers import (
    KILLED_IN_A_CHUNK,
    Worker,
    Workers,
    begun,
    ingest,
    runs,
    until_published,
    wait_until_ready,
    workers,
)
from mids_assets_tests.e2e.dg_dev import Ui, dg_dev, tail, until
from mids_assets_tests.redis_server import PASSWORD, RedisServer, redis_server
from mids_assets_tests.servers import open_folder, temporary_settings

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(420)]

POWERS = 600
SHARES = 3
"""Runs that share the chunks of such a release."""
CHUNKS_STEP = "homecoming__i12_records"
CHUNKS = {"MIDS_CHUNK_BYTES": "524288", "MIDS_WORKERS": "1"}


@pytest.fixture(scope="module")
def broker() -> Iterator[RedisServer]:
    with open_folder() as folder, redis_server(folder) as server:
        yield server


@pytest.fixture(scope="module")
def env(broker: RedisServer) -> dict[str, str]:
    return {
        **CHUNKS,
        "MIDS_EXECUTOR": "celery",
        "MIDS_CELERY_BROKER": broker.url,
        "MIDS_CELERY_LOST_SECONDS": "15",
        "MIDS_BACKFILL_CHUNKS": "4",
        "MIDS_CONCURRENT_RUNS": "4",
    }


@pytest.fixture(scope="module")
def sources() -> Iterator[tuple[Path, Path]]:
    """Two releases, the second of which replaces the first."""
    with open_folder() as folder:
        for seed in (1, 2):
            write_sample(folder / str(seed), powers=POWERS, seed=seed, file_format="mhd")
        yield folder / "1", folder / "2"


@pytest.fixture(scope="module")
def alone(sources: tuple[Path, Path]) -> Iterator[World]:
    """What one process makes of both releases, one after the other."""
    with open_folder() as folder, temporary_settings(folder) as settings:
        world = make_world(settings, folder)
        for source in sources:
            world.mids("import", str(source), code=0, **CHUNKS)
        yield world


@pytest.fixture(scope="module")
def pool(world: World, env: dict[str, str]) -> Iterator[Workers]:
    with workers(world, env) as found:
        yield found


@pytest.fixture(scope="module")
def ui(world: World, env: dict[str, str]) -> Iterator[Ui]:
    with dg_dev(world, **env) as started:
        yield started


def test_a_worker_is_killed_in_the_middle_of_a_chunk_and_another_one_takes_over(
    world: World, ui: Ui, pool: Workers, sources
):
    # The only worker there is takes the ingest and the first chunks, and is killed.
    victim = pool.start(KILLED_IN_A_CHUNK)
    wait_until_ready(victim)
    ingest(ui, sources[0])
    until(lambda: victim.process.poll() is not None, 120, lambda: tail(victim.log), every=0.1)
    assert victim.process.returncode == -signal.SIGKILL
    ((lost_run, worker),) = begun(world, CHUNKS_STEP)
    assert worker == victim.name

    others = [pool.start(), pool.start()]
    wait_until_ready(*others)
    until_published(world, ui, "0.1.1")
    chunks = begun(world, CHUNKS_STEP)
    assert len({run for run, _ in chunks}) == SHARES
    took_over = [worker for run, worker in chunks if run == lost_run][1:]
    assert took_over and set(took_over) <= {worker.name for worker in others}
    assert {worker for _, worker in begun(world)} == {victim.name, *(worker.name for worker in others)}


def test_nobody_but_the_sensor_launched_what_came_after_the_ingest(world: World):
    assert runs(world) == [
        ("homecoming_ingest", "SUCCESS"),
        *[("homecoming_chunks", "SUCCESS")] * SHARES,
        ("homecoming_publish", "SUCCESS"),
    ]
    # The publish takes the chunks as they are.
    assert not world.dagster_query(
        "select 1 from event_logs e join runs r using (run_id) where r.pipeline_name = 'homecoming_publish'"
        " and e.step_key = 'homecoming__i12_records'"
    )


def test_the_figures_of_the_release_count_the_runs_that_shared_its_chunks(world: World):
    ((stages,),) = world.query("select summary->'stages' from mids.release where state = 'published'")
    assert set(stages) == {"release", "raw", "plan", "records", "frames", "tables"}
    assert stages["records"]["seconds"] > 0 and stages["records"]["bytes"] > 2 * int(CHUNKS["MIDS_CHUNK_BYTES"])


def test_a_run_is_tagged_with_the_process_that_waits_and_with_no_worker(world: World, pool: Workers):
    rows = world.dagster_query(f"select value from run_tags where key = '{TAG_WORKER}'")
    assert len(rows) == 2 + SHARES
    processes = {int(value.rsplit(":", 2)[1]) for (value,) in rows}
    assert len(processes) == len(rows)
    assert not processes & {worker.process.pid for worker in pool.started}


def test_the_broker_is_restarted_while_chunks_are_parsed(
    world: World, ui: Ui, pool: Workers, broker: RedisServer, sources
):
    before = len(begun(world, CHUNKS_STEP))
    ingest(ui, sources[1])
    until(lambda: len(begun(world, CHUNKS_STEP)) > before, 120, lambda: tail(ui.log), every=0.1)
    broker.stop()
    living = [worker for worker in pool.started if worker.process.poll() is None]
    until(lambda: all(lost(worker) for worker in living), 60, lambda: "\n".join(tail(w.log) for w in living), every=0.2)
    broker.start()
    until_published(world, ui, "0.1.2")
    each = {"homecoming_ingest": 2, "homecoming_chunks": 2 * SHARES, "homecoming_publish": 2}
    assert Counter(runs(world)) == {(job, "SUCCESS"): times for job, times in each.items()}, tail(ui.log)
    assert all(worker.process.poll() is None for worker in living)


def test_the_published_rows_are_those_of_one_process(world: World, alone: World):
    assert world.contents(times=False) == alone.contents(times=False)


def test_the_tables_are_those_of_one_process_byte_for_byte(world: World, alone: World):
    ours, theirs = tables_of(world), tables_of(alone)
    assert len(ours) >= len(TABLES)
    assert ours == theirs


def test_the_doctor_knows_the_broker_and_who_answers(world: World, env: dict[str, str], pool: Workers):
    living = [worker for worker in pool.started if worker.process.poll() is None]
    (found,) = [one for one in examined(world, env, code=0) if one["area"] == "broker"]
    assert found["state"] == "ok"
    assert f"{len(living)} workers" in found["what"]


def test_a_worker_ends_by_term_and_the_doctor_misses_it(world: World, env: dict[str, str], pool: Workers):
    for worker in pool.started:
        if worker.process.poll() is None:
            worker.process.terminate()
    for worker in pool.started[1:]:
        assert worker.process.wait(60) == 0, tail(worker.log)
        assert "Traceback" not in worker.log.read_text()
    (found,) = [one for one in examined(world, env, code=1) if one["area"] == "broker"]
    assert found["state"] == "broken"
    assert "no worker answers" in found["what"]
    assert "mids worker" in found["what_to_do"]


def test_without_a_broker_that_answers_a_worker_says_so(world: World, env: dict[str, str], broker: RedisServer):
    missing = world.mids("worker", code=2)
    assert "MIDS_CELERY_BROKER is not set" in missing.stderr
    elsewhere = broker.url.replace(f":{broker.port}/", ":1/")
    silent = world.mids("worker", code=1, **{**env, "MIDS_CELERY_BROKER": elsewhere})
    assert "does not answer" in silent.stderr
    assert "Traceback" not in silent.stderr
    assert PASSWORD not in silent.stderr


def test_no_password_of_the_broker_is_anywhere(world: World, ui: Ui, pool: Workers):
    for log in [ui.log, *(worker.log for worker in pool.started)]:
        assert PASSWORD not in log.read_text(errors="replace")
    for table in ("event_logs", "runs", "run_tags", "snapshots", "job_ticks"):
        assert world.dagster_query(f"select count(*) from {table} t where t::text like '%{PASSWORD}%'") == [(0,)]
    kept = subprocess.run(["grep", "-rl", PASSWORD, str(world.home)], capture_output=True, text=True)
    assert kept.stdout == ""


def tables_of(world: World) -> dict[str, bytes]:
    """Bytes of the Parquet files of the tables of the planned build."""
    store = Store(world.settings.releases_dir)
    plan = read_json(store.realm_dir("homecoming") / "plan.json")
    folder = store.build("homecoming", plan["release"], plan["build"]).tables
    return {path.name: path.read_bytes() for path in folder.glob("*.parquet")}


def lost(worker: Worker) -> bool:
    """Whether a worker has noticed that the broker is gone."""
    return "Connection to broker lost" in worker.log.read_text(errors="replace")


def examined(world: World, env: dict[str, str], *, code: int) -> list[dict[str, str]]:
    done = world.mids("doctor", "--json", code=code, **env)
    assert PASSWORD not in done.stdout + done.stderr
    return json.loads(done.stdout)["findings"]
