"""The spans of a run: itself, its steps, and in them the tables, frames and partitions that took their time.

Ids are made of the run's, so a run that is sent twice is the same trace, and a publish finds the trace of its ingest by
a tag: one trace for an import, whichever process ran what. Does not belong here: sending (traces.py), reading events
(graph/recorded.py).
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import dagster as dg

from mids_assets.automation.failed_runs import realm_of
from mids_assets.graph import keys
from mids_assets.graph.recorded import Made, Step
from mids_assets.redaction import redact

Value = str | int | float | bool
RUN = ""
"""Key of the span of a run; steps go by their keys."""
_TIMED = ("records", "frames", "tables")
"""Stages whose parts are recorded as they end, each with its own seconds."""
_COUNTS = {
    "rows_in": "mids.rows_in",
    "dagster/row_count": "mids.rows",
    "quarantined": "mids.quarantined",
    "bytes": "mids.bytes",
    "inserted": "mids.inserted",
    "updated": "mids.updated",
    "deleted": "mids.deleted",
}
"""Metadata that is added up -> attribute."""


@dataclass(frozen=True, slots=True)
class SpanFacts:
    """A span before any library knows of it. `parent`: span id; None for the beginning of a trace. Times are Unix
    times. `error`: (class, sentence), None where it went well."""

    id: int
    parent: int | None
    name: str
    start: float
    end: float
    attributes: Mapping[str, Value] = field(default_factory=dict)
    error: tuple[str, str] | None = None


def trace_of(run: dg.DagsterRun) -> tuple[int, int | None]:
    """Id of the trace that a run belongs to, and the span that it goes on from."""
    given = run.tags.get(keys.TAG_TRACE, "").split("-")
    if len(given) == 4:
        return int(given[1], 16), int(given[2], 16)
    if run.root_run_id:
        return uuid.UUID(run.root_run_id).int, span_id(run.root_run_id, RUN)
    return uuid.UUID(run.run_id).int, None


def traceparent(run_id: str) -> str:
    """What a run that follows carries as `keys.TAG_TRACE`."""
    return f"00-{uuid.UUID(run_id).hex}-{span_id(run_id, RUN):016x}-01"


def span_id(run_id: str, key: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{run_id} {key}".encode()).digest()[:8], "big") or 1


def spans_of(run: dg.DagsterRun, start: float, end: float, steps: Iterable[Step]) -> Iterator[SpanFacts]:
    """All spans of a run that is over, parents first."""
    about: dict[str, Value] = {
        name: value
        for name, value in {
            "mids.realm": realm_of(run),
            "mids.release": run.tags.get(keys.TAG_RELEASE),
            "mids.build": run.tags.get(keys.TAG_BUILD),
        }.items()
        if value
    }
    steps = list(steps)
    top = span_id(run.run_id, RUN)
    yield SpanFacts(
        id=top,
        parent=trace_of(run)[1],
        name=run.job_name,
        start=start,
        end=end,
        attributes=about | {"dagster.run_id": run.run_id, "dagster.status": run.status.value},
        error=_error_of_run(run, steps),
    )
    for step in steps:
        yield from _step(run, step, end, top, about)


def _step(
    run: dg.DagsterRun, step: Step, run_end: float, parent: int, about: Mapping[str, Value]
) -> Iterator[SpanFacts]:
    number = span_id(run.run_id, step.key)
    error = None
    if step.error is not None:
        error = (step.kind or "Error", redact(step.error))
    elif step.ended is None:
        error = ("Unfinished", "The run was over before the step ended.")
    yield SpanFacts(
        id=number,
        parent=parent,
        name=step.key,
        start=step.started,
        end=step.ended or run_end,
        attributes={**about, **({"mids.stage": step.stage} if step.stage else {}), **_counted(step.made)},
        error=error,
    )
    for one in step.made:
        seconds = one.metadata.get("seconds")
        if one.stage not in _TIMED or not isinstance(seconds, int | float) or one.metadata.get("was_there_already"):
            continue
        name = " ".join(["/".join(one.asset[1:]), *filter(None, [one.partition])])
        # A worker states when it began; what is made in the run itself is recorded as it ends.
        start = one.metadata.get("started_at") or one.at - seconds
        yield SpanFacts(
            id=span_id(run.run_id, f"{step.key} {name}"),
            parent=number,
            name=name,
            start=start,
            end=start + seconds,
            attributes={**about, **_counted([one]), **_partition(one)},
        )


def _error_of_run(run: dg.DagsterRun, steps: list[Step]) -> tuple[str, str] | None:
    if run.status == dg.DagsterRunStatus.SUCCESS:
        return None
    failed = next((step for step in steps if step.error is not None), None)
    if failed is None or failed.error is None:
        return run.status.value.capitalize(), f"The run ended as {run.status.value}."
    return failed.kind or "Error", redact(failed.error)


def _partition(one: Made) -> dict[str, Value]:
    peak = one.metadata.get("peak_memory_mib")
    found: dict[str, Value] = {"mids.partition": one.partition} if one.partition else {}
    return found | ({"mids.peak_memory_mib": float(peak)} if isinstance(peak, int | float) else {})


def _counted(made: Iterable[Made]) -> dict[str, Value]:
    counts: dict[str, Value] = {}
    for one in made:
        for name, attribute in _COUNTS.items():
            value = one.metadata.get(name)
            if isinstance(value, int):
                counts[attribute] = int(counts.get(attribute, 0)) + value
    return counts
