"""Traces of imports at a real OTLP receiver: one for both runs, with errors, and none of it in an import's way."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from mids_assets.automation.traces import send_traces
from mids_assets.definitions import build_definitions
from mids_assets.settings import Settings
from mids_assets.storage import open_instance
from mids_assets_tests.collector import Collector, collecting
from mids_assets_tests.real import PROJECT, SAMPLE
from mids_assets_tests.servers import free_ports


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with collecting() as server:
        yield server


@pytest.fixture(scope="module")
def traced(world, collector) -> Collector:
    """After an import in chunks of 256 KiB, which two workers parse."""
    small = {"MIDS_CHUNK_BYTES": str(256 * 1024), "MIDS_WORKERS": "2"}
    begun = time.time()
    world.mids("import", str(SAMPLE), **small, **collector.environment)
    assert all(begun < span.start <= span.end < time.time() for span in collector.spans)
    return collector


def test_an_import_is_one_trace_of_both_runs_and_their_steps(world, traced):
    assert set(traced.asked) == {"/v1/traces"} and {span.service for span in traced.spans} == {"mids-assets"}
    assert len({span.trace for span in traced.spans}) == 1
    assert len({span.id for span in traced.spans}) == len(traced.spans)
    ingest, publish = traced.named("homecoming_ingest"), traced.named("homecoming_publish")
    assert (ingest.parent, publish.parent) == ("", ingest.id)
    assert ingest.trace == ingest.attributes["dagster.run_id"].replace("-", "")
    stages = {span.attributes["mids.stage"] for span in traced.below(ingest).values() if span.name != publish.name}
    assert stages == {"release", "raw", "plan"}
    stages = {span.attributes.get("mids.stage") for span in traced.below(publish).values()}
    assert stages == {"records", "frames", "tables", "publish", None}  # The guards make nothing.
    ((release, build),) = world.query("select release, build from mids.release")
    for span in traced.spans:
        assert span.error is None and span.attributes["mids.realm"] == "homecoming"
        assert (span.attributes["mids.release"], span.attributes["mids.build"]) == (release, build)
    warehouse = traced.below(publish)["homecoming_warehouse"]
    ((summary,),) = world.query("select summary from mids.release")
    assert warehouse.attributes["mids.rows"] == warehouse.attributes["mids.inserted"] == sum(summary["tables"].values())


def test_partitions_are_spans_with_the_times_of_their_workers(world, traced):
    records = traced.below(traced.named("homecoming_publish"))["homecoming__i12_records"]
    chunks = traced.below(records)
    assert len(chunks) > 5 and sum(chunk.attributes["mids.rows_in"] for chunk in chunks.values()) == 300
    for name, chunk in chunks.items():
        assert name == f"i12_records {chunk.attributes['mids.partition']}"
        assert records.start <= chunk.start < chunk.end <= records.end
    tables = traced.below(traced.below(traced.named("homecoming_publish"))["homecoming_tables_power"])
    assert "tables/power_effect" in tables and tables["tables/power_effect"].attributes["mids.rows"] > 0


def test_a_release_that_cannot_be_read_is_a_span_with_its_error(world, traced, tmp_path):
    broken = tmp_path / "broken"
    shutil.copytree(SAMPLE, broken)
    whole = (broken / "Recipe.mhd").read_bytes()
    (broken / "Recipe.mhd").write_bytes(whole[: len(whole) // 2])
    before = list(traced.spans)
    world.mids("import", str(broken), code=2, **traced.environment)
    new = [span for span in traced.spans if span not in before]
    (run,) = (span for span in new if span.name == "homecoming_ingest")
    (step,) = (span for span in new if span.name == "homecoming_raw")
    assert run.trace != before[0].trace and step.error and step.error == run.error and "Recipe.mhd" in step.error
    (event,) = step.events
    assert event["name"] == "exception" and event["exception.message"] == step.error and event["exception.type"]


def test_a_collector_that_does_not_take_it_fails_nothing_and_is_tried_again(world, traced, monkeypatch):
    traced.spans.clear()
    traced.hangs.set()
    done = world.mids("import", str(SAMPLE), "--force", **traced.environment)
    traced.hangs.clear()
    assert not traced.spans and "Published" in done.stdout
    assert done.stderr.count("does not take traces") == 1 and "Traceback" not in done.stderr

    for name, value in {**world.environment, **traced.environment}.items():
        monkeypatch.setenv(name, value)
    settings = Settings.from_env()
    (port,) = free_ports(1)
    with open_instance() as instance:
        for nowhere in (f"http://127.0.0.1:{port}", "nonsense"):
            monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", nowhere)
            assert send_traces(instance, settings) == []
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", traced.environment["OTEL_EXPORTER_OTLP_ENDPOINT"])
        assert len(send_traces(instance, settings)) == 2
        assert send_traces(instance, settings) == []
    ingest, publish = traced.named("homecoming_ingest"), traced.named("homecoming_publish")
    assert publish.parent == ingest.id and publish.trace == ingest.trace


def test_without_an_endpoint_nothing_of_opentelemetry_is_loaded(world, traced):
    asked = len(traced.asked)
    code = (
        "import sys; from mids_assets.cli import app\n"
        f"try: app(['import', {str(SAMPLE)!r}], standalone_mode=False)\n"
        "except SystemExit: pass\n"
        "finally: print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=world.environment, cwd=PROJECT, capture_output=True, text=True, timeout=300
    )
    assert done.stdout.splitlines()[-1] == "[]" and "release" in done.stdout, done.stderr
    assert len(traced.asked) == asked
    names = {sensor.name for sensor in build_definitions(world.settings).sensors or []}
    assert "mids_traces" not in names
