"""One step of a run as a task of Celery: dagster-celery's own task, and what has to hold before it is begun.

A step that is delivered once more (its worker is gone) is executed once more: steps are idempotent. Does not belong
here: how tasks are delivered (`distributed.app`).
"""

from __future__ import annotations

from typing import Any

import dagster as dg
from celery import Celery, Task
from dagster._grpc.types import ExecuteStepArgs
from dagster._serdes import unpack_value
from dagster_celery.tasks import create_task

from mids_assets.errors import PermanentError
from mids_assets.storage import open_instance
from mids_assets.transform.build import code_fingerprint

MOST_STARTS = 3
"""So often a step is begun in one try of a run; one that takes its worker along each time ends there."""


CODE = "mids_code"
"""Header of a task: which code the run was launched with, as `code_fingerprint` tells it."""


class StepLost(PermanentError):
    """A step whose worker was gone each time."""


class OtherCode(PermanentError):
    """A worker that would make other rows under the name of a build."""


class StepTask(Task):
    """A step that is not executed by other code, not for a run that is over, and not for ever where workers die of it.

    What it raises fails the run and not the step: the step was not begun.
    """

    def __call__(self, execute_step_args_packed: dict[str, Any], executable_dict: dict[str, Any]) -> list[str]:
        if (self.request.headers or {}).get(CODE) != code_fingerprint():
            raise OtherCode(
                f"worker {self.request.hostname} has other code than the process of the run: install the same version"
                " on all machines, start `mids worker` and Dagster anew, and launch the run again"
            )
        args = unpack_value(execute_step_args_packed, as_type=ExecuteStepArgs)
        with open_instance() as instance:
            run = instance.get_run_by_id(args.run_id)
            if run is None or run.is_finished:
                return []  # Nobody waits for it any more.
            for step in args.step_keys_to_execute or ():
                refuse_if_lost_too_often(instance, args.run_id, step)
        return super().__call__(execute_step_args_packed, executable_dict)


def register(app: Celery) -> None:
    """Make the app's workers execute steps."""
    create_task(app, base=StepTask)


def refuse_if_lost_too_often(instance: dg.DagsterInstance, run_id: str, step: str) -> None:
    """Raises `StepLost` where the step was begun `MOST_STARTS` times since it last asked to be tried again."""
    again = dg.DagsterEventType.STEP_UP_FOR_RETRY
    kinds = {dg.DagsterEventType.STEP_START, dg.DagsterEventType.STEP_RESTARTED, again}
    begun = 0
    for record in instance.get_records_for_run(run_id, of_type=kinds).records:
        event = record.event_log_entry.dagster_event
        if event is not None and event.step_key == step:
            begun = 0 if event.event_type == again else begun + 1
    if begun >= MOST_STARTS:
        raise StepLost(f"step {step} was begun {begun} times, and its worker was gone each time")
