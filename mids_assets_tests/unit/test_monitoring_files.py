"""The files of deploy/prometheus and deploy/grafana: what they name is exported, and promtool finds them sound.

Does not belong here: a Prometheus that runs on them (integration/test_metrics.py).
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from prometheus_client import Counter, Histogram
from prometheus_client.metrics import MetricWrapperBase

from mids_assets.api import metrics as api_metrics
from mids_assets.metrics.families import FAMILIES
from mids_assets_tests.real import PROJECT
from mids_assets_tests.servers import program

PROMETHEUS = PROJECT / "deploy" / "prometheus"
RULES = PROMETHEUS / "mids.rules.yml"
TESTS = "mids.rules.test.yml"
DASHBOARD = json.loads((PROJECT / "deploy" / "grafana" / "dashboard.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
_OF_API = {one: set(one._labelnames) for one in vars(api_metrics).values() if isinstance(one, MetricWrapperBase)}
EXPORTED = {family.name: set(family.labels) for family in FAMILIES} | {
    one._name + ("_total" if isinstance(one, Counter) else ""): labels for one, labels in _OF_API.items()
}
SERIES = EXPORTED | {f"{one._name}_bucket": labels for one, labels in _OF_API.items() if isinstance(one, Histogram)}
_METRIC = re.compile(r"\b(mids_\w+)(?:\{([^}]*)\})?")


def alerts() -> list[dict]:
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def named(expression: str) -> dict[str, set[str]]:
    """Metrics in an expression, with the labels that it asks of each."""
    return {name: set(re.findall(r"(\w+)\s*[=!]", labels)) for name, labels in _METRIC.findall(expression)}


def test_whatever_rules_and_panels_name_is_exported_with_these_labels():
    expressions = [alert["expr"] for alert in alerts()]
    expressions += [target["expr"] for panel in PANELS for target in panel["targets"]]
    expressions += [variable["definition"] for variable in DASHBOARD["templating"]["list"] if "definition" in variable]
    found = [(name, labels) for expression in expressions for name, labels in named(expression).items()]
    assert [name for name, _ in found if name not in SERIES] == []
    assert [(name, labels) for name, labels in found if not labels <= SERIES[name]] == []


def test_every_metric_is_looked_at_by_an_alert_or_a_panel_and_explained():
    text = RULES.read_text() + json.dumps(DASHBOARD)
    aside = {"mids_build_info", "mids_reading_duration_seconds", "mids_data_disk_bytes", "mids_api_batch_rows"}
    assert [name for name in EXPORTED if name not in text and name not in aside] == []
    guide = (PROJECT / "docs" / "monitoring.md").read_text()
    assert [name for name in EXPORTED if f"`{name}" not in guide] == []
    assert [alert["alert"] for alert in alerts() if f"`{alert['alert']}`" not in guide] == []


def test_each_alert_says_what_it_is_and_what_to_do():
    for alert in alerts():
        assert set(alert["annotations"]) == {"summary", "description", "action"}, alert["alert"]
        assert alert["labels"]["severity"] in ("warning", "critical")


def test_prometheus_reads_configuration_and_rules():
    done = promtool("check", "config", "prometheus.yml")
    assert "1 rule files found" in done and f"{len(alerts())} rules found" in done
    promtool("check", "rules", RULES.name)


def test_each_alert_is_quiet_then_fires_and_is_over():
    tests = yaml.safe_load((PROMETHEUS / TESTS).read_text())["tests"]
    assert {test["name"] for test in tests} == {alert["alert"] for alert in alerts()}
    for test in tests:
        assert [bool(one["exp_samples"]) for one in test["promql_expr_test"]] == [False, True, False]
        assert all(f'alertname="{test["name"]}"' in one["expr"] for one in test["promql_expr_test"])
    assert "SUCCESS" in promtool("test", "rules", TESTS)


@pytest.mark.parametrize("alert", ["MidsBackupFailed", "MidsDatabaseAway"])
def test_an_alert_that_never_fires_fails_its_test(alert, tmp_path):
    rules = alerts()
    next(rule for rule in rules if rule["alert"] == alert)["expr"] = "vector(0) > 1"
    (tmp_path / RULES.name).write_text(yaml.safe_dump({"groups": [{"name": "mids", "rules": rules}]}))
    tests = yaml.safe_load((PROMETHEUS / TESTS).read_text())
    tests["tests"] = [test for test in tests["tests"] if test["name"] == alert]
    (tmp_path / TESTS).write_text(yaml.safe_dump(tests))
    assert alert in promtool("test", "rules", TESTS, folder=tmp_path, code=1)


def test_the_dashboard_is_one_that_grafana_takes():
    assert DASHBOARD["schemaVersion"] >= 36 and DASHBOARD["uid"] and "id" not in DASHBOARD
    variables = {variable["name"]: variable for variable in DASHBOARD["templating"]["list"]}
    assert variables["datasource"]["type"] == "datasource" and variables["datasource"]["query"] == "prometheus"
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids)
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken and max(x for x, _ in cells) < 24, panel["title"]
        taken |= cells
    for panel in PANELS:
        assert panel["targets"] and panel["title"] and panel["fieldConfig"]["defaults"]["unit"]
        for target in [panel, *panel["targets"]]:
            assert target["datasource"] == {"type": "prometheus", "uid": "${datasource}"}, panel["title"]


def promtool(*args: str, folder: Path = PROMETHEUS, code: int = 0) -> str:
    done = subprocess.run([program("promtool"), *args], cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr
