"""Workers that share a broker, the databases and an object store, and no folder: each has an empty data folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mids_assets.sample import write_sample
from mids_assets.warehouse import embedded
from mids_assets_tests.conftest import World, make_world
from mids_assets_tests.e2e.celery_workers import begun, ingest, until_published, wait_until_ready, workers
from mids_assets_tests.e2e.dg_dev import dg_dev
from mids_assets_tests.redis_server import redis_server
from mids_assets_tests.servers import open_folder, temporary_settings

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(420)]

CHUNKS = {"MIDS_CHUNK_BYTES": "524288", "MIDS_WORKERS": "1"}


def test_workers_that_share_no_folder(world: World, s3: dict[str, str]):
    with open_folder() as folder, redis_server(folder) as broker:
        source = folder / "source"
        write_sample(source, powers=400, file_format="mhd")
        shared = {
            **CHUNKS,
            **s3,
            "MIDS_STORAGE": "s3://mids/releases",
            "MIDS_DATABASE_URL": embedded.database_url(world.settings),
            "MIDS_EXECUTOR": "celery",
            "MIDS_CELERY_BROKER": broker.url,
            "MIDS_BACKFILL_CHUNKS": "3",
            "MIDS_CONCURRENT_RUNS": "3",
        }
        with workers(world, shared) as pool, dg_dev(world, **shared) as ui:
            folders = [folder / name for name in ("first", "second")]
            started = [pool.start(MIDS_DATA_DIR=str(own)) for own in folders]
            wait_until_ready(*started)
            ingest(ui, source)
            until_published(world, ui, "0.1.1")
        # Both had a part of it, and nothing but copies is left with them.
        assert {worker for _, worker in begun(world)} == {worker.name for worker in started}
        assert all((own / "cache" / "releases").is_dir() and not (own / "releases").exists() for own in folders)
        assert rows_of_one_process(source) == world.contents(times=False)


def rows_of_one_process(source: Path) -> dict[str, list[tuple]]:
    with open_folder() as folder, temporary_settings(folder) as settings:
        alone = make_world(replace(settings, storage=None), folder)
        alone.mids("import", str(source), code=0, **CHUNKS)
        return alone.contents(times=False)
