"""The sensor that evaluates the standing checks, and records them when something changed, without a run.

A run would take a process and one of two places for runs; events that a sensor reports take neither. The cursor is
what was recorded last, so that a tick in which nothing changed writes nothing.
Does not belong here: what is a problem (`health.problems`), how it is shown (`checks.health`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

import dagster as dg
import psycopg2

from mids_assets import clock
from mids_assets.checks.health import health_key, health_metadata, standing_evaluations
from mids_assets.errors import MidsError
from mids_assets.graph.runs import RealmGraph
from mids_assets.health.problem import Problem
from mids_assets.health.problems import read_problems
from mids_assets.redaction import redact

INTERVAL_SECONDS = 60


def health_sensor(graph: RealmGraph) -> dg.SensorDefinition:
    realm = graph.realm

    @dg.sensor(
        name=f"{realm}_health",
        # No run is requested; the UI shows by this which sensor looks after the asset.
        asset_selection=[health_key(realm)],
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Evaluates the standing checks; records them when something changed, and once a day.",
    )
    def health(context: dg.SensorEvaluationContext):
        try:
            problems = read_problems(graph.settings, realm)
        except (MidsError, psycopg2.Error, OSError) as error:
            return dg.SkipReason(redact(str(error)))
        told = _digest(problems, clock.now())
        if context.cursor == told:
            return dg.SkipReason(f"Nothing changed: {len(problems)} problems.")
        return dg.SensorResult(
            cursor=told,
            skip_reason=f"Recorded: {len(problems)} problems.",
            asset_events=[
                dg.AssetMaterialization(health_key(realm), metadata=health_metadata(problems)),
                *standing_evaluations(realm, problems),
            ],
        )

    return health


def _digest(problems: Sequence[Problem], now: datetime) -> str:
    """The same for the same problems on the same day."""
    text = json.dumps([one.as_json() for one in problems])
    return f"{now:%Y-%m-%d} {hashlib.sha256(text.encode()).hexdigest()[:16]}"
