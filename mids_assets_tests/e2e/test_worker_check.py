"""`mids worker --check`, by which a container says whether its worker is well."""

from __future__ import annotations

import signal

import pytest

from mids_assets_tests.e2e.celery_workers import wait_until_ready, workers
from mids_assets_tests.redis_server import redis_server
from mids_assets_tests.servers import open_folder

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]


def test_the_check_tells_a_worker_that_answers_from_none(world):
    with open_folder() as folder, redis_server(folder) as broker:
        env = {"MIDS_EXECUTOR": "celery", "MIDS_CELERY_BROKER": broker.url}
        with workers(world, env) as pool:
            worker = pool.start()
            wait_until_ready(worker)
            world.mids("worker", "--check", code=0, **env)
            worker.process.send_signal(signal.SIGTERM)
            worker.process.wait(60)
            told = world.mids("worker", "--check", code=1, **env).stderr
    assert told == "mids worker: none of this host answers\n"
