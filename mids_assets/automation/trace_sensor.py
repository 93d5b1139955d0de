"""The sensor that sends the traces of runs that are over. It exists only where traces are asked for.

Does not belong here: sending (traces.py).
"""

from __future__ import annotations

import dagster as dg

from mids_assets.automation.traces import send_traces
from mids_assets.settings import Settings

INTERVAL_SECONDS = 15


def trace_sensors(settings: Settings) -> list[dg.SensorDefinition]:
    """One for all realms, or none."""
    if not settings.traces:
        return []

    @dg.sensor(
        name="mids_traces",
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Sends runs that are over as traces to the collector of OTEL_EXPORTER_OTLP_ENDPOINT, each once.",
    )
    def traces(context: dg.SensorEvaluationContext):
        sent = send_traces(context.instance, settings)
        return dg.SkipReason(f"Sent: {', '.join(sent)}." if sent else "Nothing new was sent.")

    return [traces]
