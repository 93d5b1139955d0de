"""What Dagster recorded of a run: its steps, when each ran and how it ended, and what each made.

Figures and traces are made from it, so nothing measures an import but the import's own events, whichever process ran
a step, and also where that process was killed. Does not belong here: what becomes of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import dagster as dg

_KINDS = {
    dg.DagsterEventType.STEP_START,
    dg.DagsterEventType.STEP_SUCCESS,
    dg.DagsterEventType.STEP_FAILURE,
    dg.DagsterEventType.ASSET_MATERIALIZATION,
}
STAGES = {
    "release": "release",
    "raw": "raw",
    "i12_chunk_plan": "plan",
    "i12_records": "records",
    "frames": "frames",
    "tables": "tables",
    "warehouse": "publish",
}
"""Second part of an asset's key -> stage of an import."""


@dataclass(frozen=True, slots=True)
class Made:
    """A materialization. `asset`: its key's parts; `at`: Unix time; `metadata`: plain values."""

    asset: tuple[str, ...]
    partition: str | None
    at: float
    metadata: Mapping[str, Any]

    @property
    def stage(self) -> str | None:
        return STAGES.get(self.asset[1]) if len(self.asset) > 1 else None


@dataclass(slots=True)
class Step:
    """`started`, `ended`: Unix times, the last try's end; None where it has none, such as of a process that was
    killed. `error`: what ended it, in one sentence, and `kind`, the name of the error's class."""

    key: str
    started: float
    ended: float | None = None
    error: str | None = None
    kind: str | None = None
    made: list[Made] = field(default_factory=list)

    @property
    def stage(self) -> str | None:
        """The stage of an import that it is a part of; None for any other work."""
        return next((one.stage for one in self.made if one.stage), None)


def recorded_steps(instance: dg.DagsterInstance, run_id: str) -> list[Step]:
    """The steps of a run that began, in the order in which they did."""
    steps: dict[str, Step] = {}
    for record in instance.get_records_for_run(run_id, of_type=_KINDS).records:
        entry = record.event_log_entry
        event = entry.dagster_event
        if event is None or entry.step_key is None:
            continue
        step = steps.setdefault(entry.step_key, Step(entry.step_key, entry.timestamp))
        if event.event_type == dg.DagsterEventType.STEP_START:
            step.error = step.kind = None  # Another try.
        elif event.event_type == dg.DagsterEventType.ASSET_MATERIALIZATION:
            step.made.append(_made(event.step_materialization_data.materialization, entry.timestamp))
        else:
            step.ended = entry.timestamp
            if event.event_type == dg.DagsterEventType.STEP_FAILURE:
                step.kind, step.error = _reason(event)
    return list(steps.values())


def _made(materialization: dg.AssetMaterialization, at: float) -> Made:
    metadata = {name: value.value for name, value in materialization.metadata.items()}
    return Made(tuple(materialization.asset_key.path), materialization.partition, at, metadata)


def _reason(event: dg.DagsterEvent) -> tuple[str | None, str]:
    info = event.step_failure_data.error
    while info is not None and info.cause is not None:
        info = info.cause
    return (info.cls_name if info else None), " ".join((info.message if info else event.message or "").split())
