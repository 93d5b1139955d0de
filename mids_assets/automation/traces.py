"""Runs that are over go to an OpenTelemetry collector, each once; nothing is measured or sent while an import works.

So a collector that is away costs an import nothing, a killed run has its trace, and worker processes and steps on other
machines need no library. Sent by `mids import` at its end, and by the sensor `mids_traces` for all other runs.
OpenTelemetry is imported here alone, and only where traces are asked for. Does not belong here: what the spans are
(spans.py).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import dagster as dg

from mids_assets import clock
from mids_assets.automation.failed_runs import realm_of
from mids_assets.automation.spans import SpanFacts, spans_of, trace_of, traceparent
from mids_assets.graph import keys
from mids_assets.graph.recorded import recorded_steps
from mids_assets.graph.runs import UNFINISHED
from mids_assets.redaction import redact
from mids_assets.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 3.0
"""So long a collector may take for one run, all tries together."""
LATELY = timedelta(hours=1)
"""So long after its end a run is tried to be sent; what happened before traces were asked for is not."""
LOOKED_AT = 20
_OVER = [status for status in dg.DagsterRunStatus if status not in UNFINISHED]


def trace_tags(settings: Settings, ingest_run_id: str) -> dict[str, str]:
    """Tags of a publish that is to stand in the trace of its ingest."""
    return {keys.TAG_TRACE: traceparent(ingest_run_id)} if settings.traces else {}


def send_traces(instance: dg.DagsterInstance, settings: Settings) -> list[str]:
    """Send the runs of our realms that ended lately and were not sent. Returns their ids. Raises nothing on a collector
    that does not take them: they are tried again until `LATELY` is over."""
    if not settings.traces:
        return []
    ended = dg.RunsFilter(statuses=_OVER, updated_after=clock.now() - LATELY)
    records = instance.get_run_records(ended, limit=LOOKED_AT)
    sent = []
    for record in reversed(records):
        run = record.dagster_run
        if keys.TAG_TRACED in run.tags or realm_of(run) not in settings.realms or record.start_time is None:
            continue
        end = record.end_time or record.update_timestamp.timestamp()
        facts = list(spans_of(run, record.start_time, end, recorded_steps(instance, run.run_id)))
        if not _send(trace_of(run)[0], facts):
            log.warning("The collector of OTEL_EXPORTER_OTLP_ENDPOINT does not take traces; it is tried again later.")
            break
        instance.add_run_tags(run.run_id, {keys.TAG_TRACED: "true"})
        sent.append(run.run_id)
    return sent


def send_at_end(instance: dg.DagsterInstance, settings: Settings) -> None:
    """The same at the end of a command, where nothing about traces may hide what the command came to."""
    try:
        send_traces(instance, settings)
    except Exception as error:
        log.warning("Traces cannot be sent: %s: %s", type(error).__name__, redact(str(error)))


def _send(trace: int, facts: Sequence[SpanFacts]) -> bool:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import SpanExportResult

    with _silenced():
        exporter = OTLPSpanExporter(timeout=TIMEOUT_SECONDS)
        try:
            return exporter.export(_spans(trace, facts)) == SpanExportResult.SUCCESS
        except Exception as error:  # An address that is none, a certificate that is not there: never an import's fault.
            log.warning("Traces cannot be sent: %s: %s", type(error).__name__, redact(str(error)))
            return False
        finally:
            exporter.shutdown()


def _spans(trace: int, facts: Sequence[SpanFacts]) -> list[ReadableSpan]:
    """The spans as the library has them; it gives out the ids that we made."""
    from opentelemetry import trace as api
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
    from opentelemetry.sdk.trace.id_generator import IdGenerator

    class Given(IdGenerator):
        span = 0

        def generate_trace_id(self) -> int:
            return trace

        def generate_span_id(self) -> int:
            return self.span

    class Kept(SpanProcessor):
        def __init__(self) -> None:
            self.spans: list[ReadableSpan] = []

        def on_end(self, span: ReadableSpan) -> None:
            self.spans.append(span)

    resource = Resource.create()
    if str(resource.attributes[SERVICE_NAME]).startswith("unknown_service"):  # OTEL_SERVICE_NAME names another.
        resource = resource.merge(Resource({SERVICE_NAME: "mids-assets"}))
    given, kept = Given(), Kept()
    provider = TracerProvider(resource=resource, id_generator=given, shutdown_on_exit=False)
    provider.add_span_processor(kept)
    tracer = provider.get_tracer("mids_assets")
    for one in facts:
        given.span = one.id
        around = None
        if one.parent is not None:
            sampled = api.TraceFlags(api.TraceFlags.SAMPLED)
            above = api.SpanContext(trace, one.parent, is_remote=True, trace_flags=sampled)
            around = api.set_span_in_context(api.NonRecordingSpan(above))
        start, end = (round(moment * 1e9) for moment in (one.start, max(one.start, one.end)))
        span = tracer.start_span(one.name, context=around, start_time=start, attributes=dict(one.attributes))
        if one.error is not None:
            kind, text = one.error
            span.set_status(api.Status(api.StatusCode.ERROR, text))
            span.add_event("exception", {"exception.type": kind, "exception.message": text}, timestamp=end)
        span.end(end)
    return kept.spans


@contextmanager
def _silenced() -> Iterator[None]:
    """The library complains of each try; one line of ours says what it comes to."""
    logger = logging.getLogger("opentelemetry")
    before, logger.level = logger.level, logging.CRITICAL + 1
    try:
        yield
    finally:
        logger.level = before
