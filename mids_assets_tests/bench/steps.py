"""Where the time of the last import went: `python -m mids_assets_tests.bench.steps`, with the import's DAGSTER_HOME.

Prints the seconds of each step of its runs as JSON, from Dagster's event log. Does not belong here: the import.
"""

from __future__ import annotations

import json

from dagster import DagsterEventType

from mids_assets.storage import open_instance

_RUNS = 2
"""An import is two runs: ingest and publish."""


def step_seconds() -> dict[str, float]:
    """Step -> seconds, in order; `events` is what is left of the runs beside their steps."""
    found: dict[str, float] = {}
    with open_instance() as instance:
        for record in reversed(instance.get_run_records(limit=_RUNS)):
            entries = instance.all_logs(record.dagster_run.run_id)
            started: dict[str, float] = {}
            for entry in entries:
                event = entry.dagster_event
                if event is None or event.step_key is None:
                    continue
                if event.event_type == DagsterEventType.STEP_START:
                    started[event.step_key] = entry.timestamp
                elif event.event_type == DagsterEventType.STEP_SUCCESS:
                    found[event.step_key] = entry.timestamp - started[event.step_key]
            whole = (record.end_time or 0.0) - (record.start_time or 0.0)
            job = record.dagster_run.job_name
            found[f"between the steps of {job}"] = whole - sum(found[step] for step in started if step in found)
            found[f"events of {job}"] = len(entries)
    return found


if __name__ == "__main__":
    print(json.dumps(step_seconds()))
