"""A failed run as one of our own errors, so that the command ends with one sentence and the right exit code."""

from __future__ import annotations

import errno
import re
from pathlib import Path
from typing import NoReturn

import dagster as dg

from mids_assets import errors
from mids_assets.checks.guards import GUARDS
from mids_assets.errors import CheckFailed, MidsError, UserError

SHOWN_CHECKS = 5
_SYSTEM_ERROR = re.compile(r"\[[Ee]rrno (\d+)\]|os error (\d+)")
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS)


def raise_failure(result: dg.ExecuteInProcessResult, data_dir: Path) -> NoReturn:
    """Raise what ended the run: a failed blocking check, the `MidsError` of a step, a disk that is full or read-only,
    `KeyboardInterrupt` for a run that was interrupted, or a plain `MidsError`."""
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
                raise (
                    _ours(info.cls_name or "", info.message)
                    or _disk(info.message, data_dir)
                    or MidsError(
                        f"step {event.step_key} failed: {info.message.strip()} (run {result.run_id}, see `make dev`)"
                    )
                )
    raise MidsError(f"run {result.run_id} failed; `make dev` shows why")


def _ours(name: str, message: str) -> MidsError | None:
    """The error of that class name, its text taken from what Dagster kept ("module.Class: text")."""
    kind = getattr(errors, name, None)
    if not (isinstance(kind, type) and issubclass(kind, MidsError)):
        return None
    text = message.split(f"{name}: ", 1)[-1].strip()
    return kind(text)


def _disk(message: str, data_dir: Path) -> UserError | None:
    """The error of a disk, which Python, Arrow and Polars spell in two ways."""
    match = _SYSTEM_ERROR.search(message)
    number = int(match[1] or match[2]) if match else None
    if number in _FULL:
        what = "make room there, or set MIDS_DATA_DIR to another disk"
    elif number in _CLOSED and (str(data_dir) in message or number == errno.EROFS):
        what = "make it writable, or set MIDS_DATA_DIR to another folder"
    else:
        return None
    text = " ".join(message.split())
    return UserError(f"cannot write below {data_dir} ({text}): {what}, and import again")


def _numbers(check) -> str:
    failures = check.metadata.get("failures")
    return ", ".join(f"{rule} {count}" for rule, count in failures.value.items()) if failures else "failed"
