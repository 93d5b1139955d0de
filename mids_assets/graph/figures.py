"""Seconds, bytes and memory of the stages of an import, added up over its two runs, for mids.release.

Does not belong here: reading events (recorded.py), the publish itself, which is not over when it writes them.
"""

from __future__ import annotations

from typing import Any

import dagster as dg

from mids_assets.graph.keys import PLAN, TAG_BUILD, asset_key, job_name
from mids_assets.graph.recorded import Step, recorded_steps
from mids_assets.transform.memory import peak_mib

PEAK = "peak_memory_mib"
MANY = 1000
"""So many of the runs that share the chunks of a plan are read."""


def stage_figures(instance: dg.DagsterInstance, realm: str, run_id: str, build: str) -> dict[str, Any]:
    """`stages` {stage: {seconds, bytes}} of the run so far, of the ingest that planned its build, and of runs that
    shared its chunks; PEAK, the highest resident memory of any one of their processes, in MiB.

    `bytes` is left out where a stage states none. Partitions that were there before count with their bytes.
    """
    shared = dg.RunsFilter(job_name=job_name(realm, "chunks"), tags={TAG_BUILD: build})
    parsed = [run.run_id for run in instance.get_runs(shared, limit=MANY)]
    runs = dict.fromkeys([*_ingest(instance, realm, build), *parsed, run_id])
    steps = [step for run in runs for step in recorded_steps(instance, run)]
    stages: dict[str, dict[str, Any]] = {}
    for step in steps:
        if step.stage is None or step.ended is None:
            continue
        figures = stages.setdefault(step.stage, {"seconds": 0.0})
        figures["seconds"] = round(figures["seconds"] + step.ended - step.started, 3)
        sizes = [one.metadata["bytes"] for one in step.made if isinstance(one.metadata.get("bytes"), int)]
        if sizes:
            figures["bytes"] = figures.get("bytes", 0) + sum(sizes)
    return {"stages": stages, PEAK: round(max(_peaks(steps), default=0.0), 1)}


def _ingest(instance: dg.DagsterInstance, realm: str, build: str) -> list[str]:
    """The run that planned the build; none where another build was planned since, or its record is gone."""
    for record in instance.fetch_materializations(asset_key(realm, PLAN), limit=1).records:
        planned = record.asset_materialization
        if planned is not None and "build" in planned.metadata and planned.metadata["build"].value == build:
            return [record.run_id]
    return []


def _peaks(steps: list[Step]) -> list[float]:
    stated = [one.metadata.get(PEAK) for step in steps for one in step.made]
    return [peak_mib(), *(float(peak) for peak in stated if isinstance(peak, int | float))]
