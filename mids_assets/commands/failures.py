"""A failed run as one of our own errors, so that the command ends with one sentence and the right exit code."""

from __future__ import annotations

from typing import NoReturn

import dagster as dg

from mids_assets import errors
from mids_assets.checks.guards import GUARDS
from mids_assets.errors import CheckFailed, MidsError

SHOWN_CHECKS = 5


def raise_failure(result: dg.ExecuteInProcessResult) -> NoReturn:
    """Raise what ended the run: a failed blocking check, the `MidsError` of a step, `KeyboardInterrupt` for a run that
    was interrupted, or a plain `MidsError`."""
    checks = [
        event.asset_check_evaluation_data
        for event in result.all_events
        if event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION
    ]
    failed = [check for check in checks if not check.passed and check.severity == dg.AssetCheckSeverity.ERROR]
    if failed and all(check.check_name == GUARDS for check in failed):
        raise CheckFailed(str(failed[0].metadata["what_to_do"].value))
    if failed:
        names = "; ".join(f"{check.asset_key.path[-1]}: {_numbers(check)}" for check in failed[:SHOWN_CHECKS])
        more = f"; and {len(failed) - SHOWN_CHECKS} more" if len(failed) > SHOWN_CHECKS else ""
        raise CheckFailed(
            f"nothing was published, {len(failed)} blocking checks failed ({names}{more}). The failing rows are in the"
            f" checks' metadata: `make dev`, run {result.run_id}"
        )
    for event in result.all_events:
        if event.event_type == dg.DagsterEventType.STEP_FAILURE:
            info = event.step_failure_data.error
            while info is not None and info.cause is not None:
                info = info.cause
            if info is not None and info.cls_name == "DagsterExecutionInterruptedError":
                raise KeyboardInterrupt
            if info is not None:
                raise _ours(info.cls_name or "", info.message) or MidsError(
                    f"step {event.step_key} failed: {info.message.strip()} (run {result.run_id}, see `make dev`)"
                )
    raise MidsError(f"run {result.run_id} failed; `make dev` shows why")


def _ours(name: str, message: str) -> MidsError | None:
    """The error of that class name, its text taken from what Dagster kept ("module.Class: text")."""
    kind = getattr(errors, name, None)
    if not (isinstance(kind, type) and issubclass(kind, MidsError)):
        return None
    text = message.split(f"{name}: ", 1)[-1].strip()
    return kind(text)


def _numbers(check) -> str:
    failures = check.metadata.get("failures")
    return ", ".join(f"{rule} {count}" for rule, count in failures.value.items()) if failures else "failed"
