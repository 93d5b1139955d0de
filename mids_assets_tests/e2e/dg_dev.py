"""`dg dev` as a test runs it: webserver, daemon and code location on a world of its own, and what its API tells.

Does not belong here: a browser, what is tested.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest

from mids_assets_tests.conftest import World
from mids_assets_tests.real import PROJECT

REPOSITORY = {"repositoryName": "__repository__", "repositoryLocationName": "mids_assets"}


class Ui:
    """A running `dg dev`."""

    def __init__(self, port: int, process: subprocess.Popen, log: Path) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.process = process
        self.log = log

    def graphql(self, query: str, *, headers: dict[str, str] | None = None, **variables: Any) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{self.url}/graphql",
            data=json.dumps({"query": query, "variables": variables}).encode(),
            headers={"Content-Type": "application/json", **(headers or {})},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            found = json.load(answer)
        assert "errors" not in found, found
        return found["data"]

    def launch(
        self,
        job: str,
        tags: dict[str, str] | None = None,
        config: dict[str, Any] | None = None,
        assets: Sequence[Sequence[str]] | None = None,
        headers: dict[str, str] | None = None,
    ) -> str:
        """Launch a job, or some assets of it, as the UI's buttons do it. The run's id. `headers`: of the proxy."""
        selected = None if assets is None else [{"path": list(path)} for path in assets]
        launched = self.graphql(
            """mutation ($selector: JobOrPipelineSelector!, $tags: [ExecutionTag!], $config: RunConfigData!) {
                 launchRun(executionParams: {
                   selector: $selector, runConfigData: $config, executionMetadata: {tags: $tags}
                 }) {
                   __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message }
                 }
               }""",
            headers=headers,
            selector={**REPOSITORY, "jobName": job, "assetSelection": selected},
            config=config or {},
            tags=[{"key": name, "value": value} for name, value in (tags or {}).items()],
        )["launchRun"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        return launched["run"]["runId"]

    def backfill(self, assets: Sequence[Sequence[str]], partitions: Sequence[str]) -> str:
        """Launch a backfill of assets, of those with partitions for these. Its id."""
        launched = self.graphql(
            """mutation ($params: LaunchBackfillParams!) {
                 launchPartitionBackfill(backfillParams: $params) {
                   __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message }
                 }
               }""",
            params={"assetSelection": [{"path": list(path)} for path in assets], "partitionNames": list(partitions)},
        )["launchPartitionBackfill"]
        assert launched["__typename"] == "LaunchBackfillSuccess", launched
        return launched["backfillId"]

    def assets(self, realm: str) -> list[list[str]]:
        """Keys of all assets of a realm that can be materialized."""
        nodes = self.graphql("{ assetNodes { assetKey { path } isMaterializable } }")["assetNodes"]
        keys = [node["assetKey"]["path"] for node in nodes if node["isMaterializable"]]
        return [key for key in keys if key[0] == realm]

    def switch(self, on: bool, schedule: str) -> None:
        """Start or stop a schedule, as its switch in the UI does it."""
        if on:
            self.graphql(
                "mutation ($s: ScheduleSelector!) { startSchedule(scheduleSelector: $s) { __typename } }",
                s={**REPOSITORY, "scheduleName": schedule},
            )
            return
        found = self.graphql(
            "query ($s: ScheduleSelector!) { scheduleOrError(scheduleSelector: $s)"
            " { ... on Schedule { scheduleState { id } } } }",
            s={**REPOSITORY, "scheduleName": schedule},
        )
        state = found["scheduleOrError"]["scheduleState"]["id"]
        self.graphql("mutation ($id: String!) { stopRunningSchedule(id: $id) { __typename } }", id=state)

    def stop_sensors(self, end: str) -> None:
        """Stop the sensors whose names end so, as their switches in the UI do it."""
        found = self.graphql(
            "query ($s: RepositorySelector!) { sensorsOrError(repositorySelector: $s)"
            " { ... on Sensors { results { name sensorState { id } } } } }",
            s=REPOSITORY,
        )
        for sensor in found["sensorsOrError"]["results"]:
            if sensor["name"].endswith(end):
                state = sensor["sensorState"]["id"]
                self.graphql("mutation ($id: String!) { stopSensor(id: $id) { __typename } }", id=state)

    def backfill_status(self, backfill: str) -> str:
        found = self.graphql(
            "query ($id: String!) { partitionBackfillOrError(backfillId: $id) {"
            " ... on PartitionBackfill { status } } }",
            id=backfill,
        )
        return found["partitionBackfillOrError"]["status"]

    def kill(self) -> None:
        """kill -9 of everything that it started but PostgreSQL, which is nobody's."""
        family = [psutil.Process(self.process.pid)]
        family += family[0].children(recursive=True)
        for process in family:
            with suppress(psutil.Error):
                if process.name() != "postgres":
                    process.kill()
        self.process.wait(30)

    def runs(self) -> dict[str, str]:
        found = self.graphql("{ runsOrError { ... on Runs { results { jobName status } } } }")
        return {run["jobName"]: run["status"] for run in found["runsOrError"]["results"]}

    def status(self, run: str) -> str:
        found = self.graphql(
            "query ($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }",
            id=run,
        )
        return found["runOrError"]["status"]

    def runs_of_job(self, job: str) -> set[str]:
        """Ids of all runs of a job; those that the graph launches are of `__ASSET_JOB`."""
        found = self.graphql(
            "query ($filter: RunsFilter!) { runsOrError(filter: $filter) { ... on Runs { results { runId } } } }",
            filter={"pipelineName": job},
        )
        return {run["runId"] for run in found["runsOrError"]["results"]}

    def backfills(self) -> list[str]:
        """Ids of all backfills, newest first."""
        found = self.graphql("{ partitionBackfillsOrError { ... on PartitionBackfills { results { id } } } }")
        return [backfill["id"] for backfill in found["partitionBackfillsOrError"]["results"]]

    def runs_of(self, backfill: str) -> list[str]:
        """Status of the runs that a backfill has launched so far."""
        found = self.graphql(
            "query ($filter: RunsFilter!) { runsOrError(filter: $filter) { ... on Runs { results { status } } } }",
            filter={"tags": [{"key": "dagster/backfill", "value": backfill}]},
        )
        return [run["status"] for run in found["runsOrError"]["results"]]

    def partitions(self) -> dict[str, int]:
        """Number of partitions of i12_records by state."""
        counts = "numMaterialized numFailed numMaterializing numPartitions"
        found = self.graphql(
            'query { assetNodeOrError(assetKey: {path: ["homecoming", "i12_records"]}) {'
            f" ... on AssetNode {{ partitionStats {{ {counts} }} }} }} }}"
        )
        return found["assetNodeOrError"]["partitionStats"]


@contextmanager
def dg_dev(world: World, **env: str) -> Iterator[Ui]:
    """A `dg dev` that answers; ended at the end unless it was killed.

    Its landing sensor looks once an hour, so that a drop waits for what a test launches, and it is noon, so that no
    nightly schedule launches anything, unless `env` says otherwise.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = world.home / f"dg-dev-{port}.log"
    program = Path(sys.executable).with_name("dg")
    with log.open("wb") as out:
        process = subprocess.Popen(
            [program, "dev", "--host", "127.0.0.1", "--port", str(port)],
            env={
                **world.environment,
                "PATH": f"{program.parent}:{os.environ['PATH']}",
                "MIDS_LANDING_SECONDS": "3600",
                "MIDS_SCHEDULE_TIMEZONE": _where_it_is_noon(),
                **env,
            },
            cwd=PROJECT,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        started = Ui(port, process, log)
        until(lambda: _answers(started), 120, lambda: f"dg dev does not answer, see {log}:\n{tail(log)}")
        yield started
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def _where_it_is_noon() -> str:
    """A time zone; POSIX counts the hours of these names westwards."""
    return f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"


def _answers(ui: Ui) -> bool:
    assert ui.process.poll() is None, f"dg dev ended:\n{tail(ui.log)}"
    try:
        locations = ui.graphql(
            "{ workspaceOrError { ... on Workspace { locationEntries { name loadStatus locationOrLoadError {"
            " __typename ... on PythonError { message } } } } } }"
        )["workspaceOrError"]["locationEntries"]
    except OSError:
        return False
    loaded = [entry["locationOrLoadError"] for entry in locations if entry["locationOrLoadError"]]
    assert not [entry for entry in loaded if entry["__typename"] == "PythonError"], loaded
    return bool(loaded)


def until(
    condition: Callable[[], bool], seconds: float, message: str | Callable[[], str], *, every: float = 1.0
) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(every)
    pytest.fail(message if isinstance(message, str) else message())


def tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-30:])
