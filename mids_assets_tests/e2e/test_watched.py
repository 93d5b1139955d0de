"""An import of the daemon as those see it who watch: one trace over its two runs, and its lines as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mids_assets_tests.collector import collecting
from mids_assets_tests.conftest import World
from mids_assets_tests.e2e.dg_dev import Ui, dg_dev, tail, until
from mids_assets_tests.real import SAMPLE

pytestmark = pytest.mark.e2e


def test_an_import_of_the_daemon_is_one_trace_and_its_lines_are_json(world: World):
    with collecting() as collector, dg_dev(world, MIDS_LOG_FORMAT="json", **collector.environment) as ui:
        config = {"ops": {"homecoming__release": {"config": {"source": str(SAMPLE)}}}}
        ui.launch("homecoming_ingest", config=config)

        def sent() -> bool:
            return {"homecoming_ingest", "homecoming_publish"} <= {span.name for span in collector.spans}

        until(sent, 180, lambda: f"sent: {[span.name for span in collector.spans]}\n{tail(ui.log)}", every=0.2)
        ingest, publish = collector.named("homecoming_ingest"), collector.named("homecoming_publish")
        assert (publish.trace, publish.parent) == (ingest.trace, ingest.id)
        assert not [span for span in collector.spans if span.error]
        found = lines(ui)
    runs = {ingest.attributes["dagster.run_id"], publish.attributes["dagster.run_id"]}
    told = [line for line in found if line["run_id"] in runs]
    assert "chunks done" in " ".join(line["message"] for line in told if line["logger"] == "dagster")
    published = [line for line in told if line["run_id"] == publish.attributes["dagster.run_id"]]
    ((release, build),) = world.query("select release, build from mids.release")
    assert {(line["realm"], line["release"], line["build"]) for line in published} == {("homecoming", release, build)}
    assert [line for line in found if line["logger"].startswith("mids_assets.warehouse")], "our code's own lines"


def lines(ui: Ui) -> list[dict[str, Any]]:
    """Lines of JSON; Dagster's own stand between them."""
    return [json.loads(line) for line in ui.log.read_text().splitlines() if line.startswith("{")]
