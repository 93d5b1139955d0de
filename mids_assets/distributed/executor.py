"""The executor that hands every step of a run to the workers, and waits for what becomes of it.

It runs in the process of the run, which Dagster launches beside the code location. Does not belong here: executing a
step (`distributed.step_task`).
"""

from __future__ import annotations

from collections.abc import Generator

import dagster as dg
from celery import Celery
from celery.result import AsyncResult
from dagster._core.events import DagsterEvent
from dagster._core.execution.context.system import PlanOrchestrationContext
from dagster._core.execution.plan.plan import ExecutionPlan
from dagster._core.execution.plan.state import KnownExecutionState
from dagster._core.execution.plan.step import ExecutionStep
from dagster._core.execution.retries import RetryMode
from dagster._grpc.types import ExecuteStepArgs
from dagster._serdes import pack_value
from dagster_celery.config import TASK_EXECUTE_PLAN_NAME
from dagster_celery.core_execution_loop import core_celery_execution_loop
from dagster_celery.executor import CeleryExecutor

from mids_assets.distributed.app import app_arguments
from mids_assets.distributed.step_task import CODE
from mids_assets.graph.worker_tag import note_process
from mids_assets.settings import Settings
from mids_assets.transform.build import code_fingerprint


def celery_executor(settings: Settings) -> dg.ExecutorDefinition:
    """dagster-celery's executor, configured by `settings` and not by run config: the broker's address is a secret.

    Raises `UserError` where no broker is set.
    """
    arguments = app_arguments(settings)

    @dg.executor(name="celery", requirements=dg.multiple_process_executor_requirements())
    def celery(_context: dg.InitExecutorContext) -> CeleryExecutor:
        return _Executor(retries=RetryMode.ENABLED, **arguments)

    return celery


class _Executor(CeleryExecutor):
    def execute(self, plan_context: PlanOrchestrationContext, execution_plan: ExecutionPlan) -> Generator[DagsterEvent]:
        # This process waits for the steps, wherever they run; without it the run is dead.
        note_process(plan_context.instance, plan_context.dagster_run)
        return core_celery_execution_loop(plan_context, execution_plan, step_execution_fn=_hand_out)


def _hand_out(
    app: Celery,
    plan_context: PlanOrchestrationContext,
    step: ExecutionStep,
    queue: str,
    priority: int,
    known_state: KnownExecutionState,
) -> AsyncResult:
    """Like dagster-celery's own, which registers the task anew for each step and is warned of it."""
    arguments = ExecuteStepArgs(
        job_origin=plan_context.reconstructable_job.get_python_origin(),
        run_id=plan_context.dagster_run.run_id,
        step_keys_to_execute=[step.key],
        instance_ref=plan_context.instance.get_ref(),
        retry_mode=plan_context.executor.retries.for_inner_plan(),
        known_state=known_state,
    )
    return app.send_task(
        TASK_EXECUTE_PLAN_NAME,
        kwargs={
            "execute_step_args_packed": pack_value(arguments),
            "executable_dict": plan_context.reconstructable_job.to_dict(),
        },
        queue=queue,
        routing_key=f"{queue}.{TASK_EXECUTE_PLAN_NAME}",
        priority=priority,
        headers={CODE: code_fingerprint()},
    )
