"""`mids metrics` over a real server, scraped by a real Prometheus on the rules and the dashboard of deploy/.

Does not belong here: whether those files are sound by themselves (unit/test_monitoring_files.py).
"""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mids_assets.errors import CheckFailed, UserError
from mids_assets.metrics.reading import of_database
from mids_assets.metrics.serving import as_text
from mids_assets.settings import Settings
from mids_assets.transform.quarantine import quarantine_frame
from mids_assets.warehouse import embedded
from mids_assets.warehouse.backup.attempts import last_attempts
from mids_assets.warehouse.backup.taking import back_up
from mids_assets.warehouse.connection import database_url
from mids_assets.warehouse.import_log import EntityLog
from mids_assets.warehouse.outcome import note_failure
from mids_assets_tests.integration.test_health import ENTRY
from mids_assets_tests.made_up import made_up
from mids_assets_tests.published import REALM, go, rows
from mids_assets_tests.real import PROJECT
from mids_assets_tests.servers import environment, free_ports, program
from mids_assets_tests.unit.test_monitoring_files import DASHBOARD, PANELS, PROMETHEUS, RULES, alerts

SUMMARY = {
    "checks": {"failed": 0, "warned": 3},
    "stages": {"raw": {"seconds": 1.5, "bytes": 2000}, "plan": {"seconds": 0.25}},
    "peak_memory_mib": 300.5,
}


def read(text: str) -> dict[str, float]:
    lines = (line.rpartition(" ") for line in text.splitlines() if line and not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


@pytest.fixture
def data(server: Settings, tmp_path: Path) -> Settings:
    """The server's settings with a data folder of their own, so that each test has its backups."""
    return replace(server, data_dir=tmp_path / "data", database_url=database_url(server), update_urls={})


def test_the_figures_are_those_of_the_database(empty, data, tmp_path):
    build = made_up(1, share=0.5)
    logs = [EntityLog("power", "I12.mhd", 40, 38, [], datetime.now(UTC), None)]
    entries = quarantine_frame([{**ENTRY, "source_position": place} for place in (1, 2)])
    go(empty, data, build.write(tmp_path / "1"), "first", summary=SUMMARY, entities=logs, quarantine=entries)
    note_failure(data, REALM, None, None, "run 2", [], ValueError("no luck"))
    back_up(data, REALM, "asked")
    found = read(as_text(data))

    assert found["mids_up"] == 1
    assert (
        found['mids_release_info{build="build",realm="homecoming",release="first",sample="false",version="1.2"}'] == 1
    )
    ((published,),) = rows(empty, "SELECT extract(epoch FROM published_at)::float8 FROM mids.release")
    assert found['mids_release_published_timestamp_seconds{realm="homecoming"}'] == pytest.approx(published)
    for table, expected in build.rows.items():
        assert found[f'mids_table_rows{{realm="homecoming",table="{table}"}}'] == len(expected)
    ((size,),) = rows(empty, "SELECT pg_total_relation_size('homecoming.power_effect')")
    assert found['mids_table_size_bytes{realm="homecoming",table="power_effect"}'] == size > 0
    assert found['mids_table_size_bytes{realm="mids",table="import_log"}'] > 0
    power = 'entity="power",realm="homecoming"'
    records = {name: found[f"mids_{name}{{{power}}}"] for name in ("import_records_in", "import_records_out")}
    assert records == {"import_records_in": 40, "import_records_out": 38}
    assert found[f"mids_quarantine_records{{{power}}}"] == 2 and found[f"mids_quarantine_ratio{{{power}}}"] == 0.05
    stages = {name: value for name, value in found.items() if name.startswith("mids_import_stage")}
    assert stages.pop('mids_import_stage_duration_seconds{realm="homecoming",stage="publish"}') > 0
    assert stages == {
        'mids_import_stage_duration_seconds{realm="homecoming",stage="raw"}': 1.5,
        'mids_import_stage_duration_seconds{realm="homecoming",stage="plan"}': 0.25,
        'mids_import_stage_bytes{realm="homecoming",stage="raw"}': 2000,
    }
    assert found['mids_import_peak_memory_bytes{realm="homecoming"}'] == 300.5 * 1024**2
    assert found['mids_checks{realm="homecoming",result="warned"}'] == 3
    actions = {
        action: found[f'mids_imports_total{{action="{action}",realm="homecoming"}}'] for action in ("first", "failed")
    }
    assert actions == {"first": 1, "failed": 1}
    assert found['mids_problems{kind="import_failed",realm="homecoming"}'] == 1
    assert sum(value for name, value in found.items() if name.startswith("mids_problems{")) == 1
    assert found['mids_backup_size_bytes{of="homecoming"}'] == last_attempts(data, REALM).bytes > 0


def test_before_the_first_import_and_while_a_table_is_locked(empty, data, tmp_path):
    found = read(as_text(data))
    assert found["mids_up"] == 1 and not [name for name in found if name.startswith("mids_release_info")]
    go(empty, data, made_up(1).write(tmp_path / "1"))
    with empty.cursor() as cur:
        cur.execute("LOCK TABLE homecoming.power IN ACCESS EXCLUSIVE MODE")
    found = read(as_text(data))
    empty.rollback()
    assert found["mids_up"] == 1 and found['mids_table_rows{realm="homecoming",table="power"}'] > 0
    assert not [name for name in found if name.startswith("mids_table_size_bytes")]


def test_all_realms_are_read_and_promtool_finds_nothing(empty, data, tmp_path):
    for realm in ("homecoming", "rebirth"):
        go(empty, data, made_up(1).write(tmp_path / realm), realm=realm)
    both = replace(data, realms=("homecoming", "rebirth"))
    text = as_text(both)
    assert set(re.findall(r'realm="(\w+)"', text)) == {"homecoming", "rebirth", "mids"}
    lint = subprocess.run([program("promtool"), "check", "metrics"], input=text, capture_output=True, text=True)
    assert (lint.returncode, lint.stdout + lint.stderr) == (0, "")


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """`mids metrics` as a process; its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "mids_assets.cli", "metrics", "--port", "0"],
        env=environment(settings), cwd=PROJECT, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    try:
        yield process.stderr.readline().strip()
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=30)
        assert process.returncode == 0 and "Traceback" not in told
    finally:
        process.kill()
        process.wait()


def test_the_command_loads_no_dagster_tells_no_secret_and_names_a_port_that_is_taken(data):
    code = "import sys; from mids_assets.cli import app; app(['metrics', '--once'], standalone_mode=False)"
    code += "; print([name for name in sys.modules if name.partition('.')[0] in ('dagster', 'opentelemetry')])"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(data, MIDS_DATABASE_URL=str(data.database_url)), cwd=PROJECT,
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "[]" and "mids_up 1.0" in done.stdout
    password = urllib.parse.urlsplit(str(data.database_url)).password
    assert password and password not in done.stdout
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = subprocess.run(
            [sys.executable, "-m", "mids_assets.cli", "metrics", "--port", str(port)],
            env=environment(data), cwd=PROJECT, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
    assert refused.returncode == 2 and f"127.0.0.1:{port} cannot be listened on" in refused.stderr
    assert "Traceback" not in refused.stderr


class Prometheus:
    """A real one on the loopback, on the configuration of deploy/ with less patience."""

    def __init__(self, folder: Path, target: str) -> None:
        config = (PROMETHEUS / "prometheus.yml").read_text()
        faster = re.sub(r"interval: \S+", "interval: 1s", config).replace("127.0.0.1:9464", target)
        assert target in faster
        (folder / "prometheus.yml").write_text(faster)
        (folder / RULES.name).write_text(re.sub(r"\bfor: \S+", "for: 1s", RULES.read_text()))
        (port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            [program("prometheus"), "--config.file=prometheus.yml", f"--web.listen-address=127.0.0.1:{port}",
             "--storage.tsdb.path=tsdb", "--log.level=warn"],
            cwd=folder, stdout=(folder / "log").open("wb"), stderr=subprocess.STDOUT,
        )  # fmt: skip

    def ask(self, what: str, **parameters: str) -> Any:
        query = urllib.parse.urlencode(parameters)
        with urllib.request.urlopen(f"{self.url}/api/v1/{what}?{query}", timeout=10) as answer:
            return json.load(answer)["data"]

    def firing(self) -> dict[str, dict[str, Any]]:
        return {a["labels"]["alertname"]: a for a in self.ask("alerts")["alerts"] if a["state"] == "firing"}

    def until(self, condition: Callable[[], Any], seconds: float = 60) -> Any:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert self.process.poll() is None
            try:
                if found := condition():
                    return found
            except OSError:
                pass  # It starts.
            time.sleep(0.2)
        raise AssertionError(self.ask("alerts"), self.ask("targets"))


def test_prometheus_scrapes_alerts_fire_for_real_causes_and_end(empty, server, tmp_path):
    """The causes: a backup that its place refuses, a release that a check blocks, a server that is stopped."""
    data = replace(server, backup_url=str(tmp_path / "file"))
    (tmp_path / "file").write_text("no folder")
    go(empty, data, made_up(1).write(tmp_path / "1"))
    with pytest.raises(UserError):
        back_up(data, REALM, "schedule")
    go(empty, data, made_up(2).write(tmp_path / "2"), "later")
    note_failure(data, REALM, None, None, "run", [], CheckFailed("a rule"))
    empty.close()
    with serving(server) as address:
        prometheus = Prometheus(tmp_path, urllib.parse.urlsplit(address).netloc)
        try:
            fired = prometheus.until(
                lambda: (f := prometheus.firing()).keys() >= {"MidsBackupFailed", "MidsImportFailed"} and f
            )
            assert fired["MidsBackupFailed"]["annotations"]["summary"] == "The last backup of homecoming failed"
            assert {alert["alert"] for alert in alerts()} == {
                rule["name"] for group in prometheus.ask("rules")["groups"] for rule in group["rules"]
            }
            assert not [
                rule for group in prometheus.ask("rules")["groups"] for rule in group["rules"] if rule["health"] != "ok"
            ]
            for panel in PANELS:
                for target in panel["targets"]:
                    prometheus.ask("query", query=target["expr"].replace("$realm", ".*"))
            for variable in DASHBOARD["templating"]["list"]:
                if name := re.search(r"label_values\((\w+), (\w+)\)", variable.get("definition", "")):
                    assert prometheus.ask(f"label/{name[2]}/values", **{"match[]": name[1]}) == ["homecoming"]

            back_up(replace(data, backup_url=str(tmp_path / "good")), REALM, "schedule")
            prometheus.until(lambda: "MidsBackupFailed" not in prometheus.firing())

            embedded.stop(server, force=True)
            prometheus.until(lambda: "MidsDatabaseAway" in prometheus.firing())
            assert embedded.status(server) is None, "a scrape started the server"
            embedded.ensure_server(server)
            prometheus.until(lambda: "MidsDatabaseAway" not in prometheus.firing())
            prometheus.until(lambda: "MidsImportFailed" in prometheus.firing())
        finally:
            prometheus.process.kill()
            prometheus.process.wait()


def test_a_server_that_is_stopped_is_an_answer(server):
    embedded.stop(server, force=True)
    assert read(as_text(server))["mids_up"] == 0
    with pytest.raises(Exception, match="does not run"):
        of_database(server)
