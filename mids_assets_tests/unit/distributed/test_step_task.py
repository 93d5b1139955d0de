"""What has to hold before a worker begins a step."""

from __future__ import annotations

import dagster as dg
import pytest
from celery import Celery
from dagster._core.events import DagsterEvent
from dagster._core.storage.dagster_run import DagsterRun
from dagster_celery.config import TASK_EXECUTE_PLAN_NAME

from mids_assets.distributed.step_task import CODE, MOST_STARTS, OtherCode, StepLost, refuse_if_lost_too_often, register

START = dg.DagsterEventType.STEP_START
AGAIN = dg.DagsterEventType.STEP_UP_FOR_RETRY
RESTART = dg.DagsterEventType.STEP_RESTARTED


@pytest.fixture(scope="module")
def app() -> Celery:
    made = Celery("test", set_as_current=False)
    register(made)
    return made


@pytest.mark.parametrize("headers", [{}, {CODE: "0123456789abcdef"}])
def test_other_code_refuses_the_step(app, headers):
    task = app.tasks[TASK_EXECUTE_PLAN_NAME]
    result = task.apply(kwargs={"execute_step_args_packed": {}, "executable_dict": {}}, headers=headers)
    assert isinstance(result.result, OtherCode)
    assert "install the same version" in str(result.result)


@pytest.mark.parametrize(
    ("events", "refused"),
    [
        ([START] * (MOST_STARTS - 1), False),
        ([START] * MOST_STARTS, True),
        # A step that asked for a retry was not lost.
        ([START, *[AGAIN, RESTART] * MOST_STARTS], False),
        ([START, AGAIN, *[RESTART] * MOST_STARTS], True),
    ],
)
def test_a_step_that_takes_its_worker_along_is_not_begun_for_ever(events, refused):
    with dg.DagsterInstance.ephemeral() as instance:
        run = instance.add_run(DagsterRun(job_name="job", status=dg.DagsterRunStatus.STARTED))
        for event in events:
            _store(instance, run, event, "poison")
        for _ in range(MOST_STARTS):
            _store(instance, run, START, "another")
        if refused:
            with pytest.raises(StepLost, match=f"poison was begun {MOST_STARTS} times"):
                refuse_if_lost_too_often(instance, run.run_id, "poison")
        else:
            refuse_if_lost_too_often(instance, run.run_id, "poison")


def _store(instance: dg.DagsterInstance, run: DagsterRun, kind: dg.DagsterEventType, step: str) -> None:
    event = DagsterEvent(event_type_value=kind.value, job_name=run.job_name, step_key=step)
    instance.report_dagster_event(event, run_id=run.run_id)
