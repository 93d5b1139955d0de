"""The Celery app that the settings make, and what the executor keeps of it to itself."""

from __future__ import annotations

import pytest

from mids_assets.definitions import build_definitions
from mids_assets.distributed.app import app_arguments, celery_app
from mids_assets.errors import UserError
from mids_assets.redaction import redact
from mids_assets.settings import Settings

PASSWORD = "only-the-broker-knows"
REDIS = Settings(executor="celery", celery_broker=f"redis://:{PASSWORD}@127.0.0.1:1/0", celery_lost_seconds=77)


def test_what_a_worker_has_in_hand_is_acknowledged_when_it_is_done():
    conf = celery_app(REDIS).conf
    assert conf.task_acks_late and conf.task_reject_on_worker_lost
    assert conf.worker_prefetch_multiplier == 1
    assert conf.broker_transport_options["visibility_timeout"] == 77
    assert conf.worker_max_tasks_per_child == 1


@pytest.mark.parametrize(
    ("broker", "results", "backend"),
    [
        ("redis://h:1/0", None, "redis://h:1/0"),
        ("rediss://h:1/0", None, "rediss://h:1/0"),
        ("amqp://u:p@h//", None, "rpc://"),
        ("amqp://u:p@h//", "redis://h:1/1", "redis://h:1/1"),
    ],
)
def test_results_lie_in_redis_where_the_broker_is_one(broker, results, backend):
    found = app_arguments(Settings(celery_broker=broker, celery_results=results))
    assert (found["broker"], found["backend"]) == (broker, backend)


def test_without_a_broker_there_is_no_app():
    with pytest.raises(UserError, match="MIDS_CELERY_BROKER is not set"):
        celery_app(Settings())


def test_the_executor_is_that_of_all_asset_jobs_and_its_broker_is_nowhere_to_be_seen():
    defs = build_definitions(REDIS)
    for kind in ("ingest", "publish", "validate"):
        assert defs.resolve_job_def(f"homecoming_{kind}").executor_def.name == "celery"
    assert build_definitions(Settings()).resolve_job_def("homecoming_publish").executor_def.name == "in_process"
    assert PASSWORD not in str(defs.resolve_job_def("homecoming_publish").get_job_snapshot())
    assert PASSWORD not in repr(REDIS)
    assert PASSWORD not in redact(f"cannot log in with {PASSWORD}")
