"""Who a submitted run is from: by the login that the proxy hands on, or by the schedule, sensor, backfill or retry."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from urllib.parse import quote

import dagster as dg
import pytest
from dagster._core.code_pointer import ModuleCodePointer
from dagster._core.origin import JobPythonOrigin, RepositoryPythonOrigin
from dagster._core.remote_origin import (
    RegisteredCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.storage.tags import BACKFILL_ID_TAG, PARENT_RUN_ID_TAG, RETRY_NUMBER_TAG, SCHEDULE_NAME_TAG
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import EmptyWorkspaceTarget
from starlette.requests import HTTPConnection

from mids_assets.automation.run_coordinator import AuditingRunCoordinator
from mids_assets.errors import MidsError
from mids_assets.graph import keys
from mids_assets.graph.attribution import actor_tags, requester
from mids_assets.storage import open_instance
from mids_assets.warehouse.audit import API_USER_HEADER, this_person
from mids_assets_tests.conftest import World
from mids_assets_tests.real import PROJECT

HEADER = "X-Forwarded-User"
KEY = "a key that is longer than thirty-two bytes"
Submit = Callable[..., dg.DagsterRun]


@dg.op
def nothing() -> None: ...


@dg.job
def homecoming_publish():
    nothing()


@pytest.fixture(scope="module")
def instance(world: World) -> Iterator[dg.DagsterInstance]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in world.environment.items():
            patch.setenv(name, value)
        with open_instance() as opened:
            assert isinstance(opened.run_coordinator, AuditingRunCoordinator)
            yield opened


@pytest.fixture
def submit(instance: dg.DagsterInstance) -> Submit:
    """Submit a run, by a request of the web UI with these headers, or by the daemon (None)."""
    origin = RemoteJobOrigin(
        RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("mids_assets"), "__repository__"), "homecoming_publish"
    )

    pointer = ModuleCodePointer("mids_assets.definitions", "defs", PROJECT.as_posix())
    code = JobPythonOrigin("homecoming_publish", RepositoryPythonOrigin(sys.executable, pointer))

    def submit(headers: dict[str, str] | None = None, **tags: str) -> dg.DagsterRun:
        run = instance.create_run_for_job(
            homecoming_publish,
            tags=tags,
            remote_job_origin=origin,
            job_code_origin=code,
        )
        source = None
        if headers is not None:
            raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
            source = HTTPConnection({"type": "http", "headers": raw})
        with WorkspaceProcessContext(instance, EmptyWorkspaceTarget()) as workspace:
            return instance.submit_run(run.run_id, workspace.create_request_context(source))

    return submit


def noted(world: World, run: dg.DagsterRun) -> list[tuple]:
    return world.query("select who, origin, action, realm, subject from mids.audit where run_id = %s", run.run_id)


LAUNCHED = ("launch", "homecoming", "homecoming_publish")


def test_the_login_that_the_proxy_hands_on(world, instance, submit, monkeypatch):
    monkeypatch.setenv("MIDS_USER_HEADER", HEADER)
    run = submit({HEADER: " alice "}, **{keys.TAG_REALM: "homecoming"})
    assert run.status == dg.DagsterRunStatus.QUEUED
    assert noted(world, run) == [("alice", "ui", *LAUNCHED)]
    tags = instance.get_run_by_id(run.run_id).tags
    assert (tags[keys.TAG_USER], tags[keys.TAG_LAUNCHED_BY]) == ("alice", "ui")


def test_a_header_that_no_setting_names_is_anybodys_word(world, submit):
    run = submit({HEADER: "alice"}, **{keys.TAG_REALM: "homecoming"})
    assert noted(world, run) == [(this_person(), "ui_anonymous", *LAUNCHED)]


@pytest.mark.parametrize("headers", [{}, {HEADER: "  "}, {"X-Other": "alice"}])
def test_nobody_is_logged_in_where_the_header_says_nobody(world, submit, monkeypatch, headers):
    monkeypatch.setenv("MIDS_USER_HEADER", HEADER)
    run = submit(headers, **{keys.TAG_REALM: "homecoming"})
    assert noted(world, run) == [(this_person(), "ui_anonymous", *LAUNCHED)]


def test_a_person_cannot_pass_for_a_sensor_or_somebody_else_by_tags(world, instance, submit, monkeypatch):
    monkeypatch.setenv("MIDS_USER_HEADER", HEADER)
    forged = {
        keys.TAG_REALM: "homecoming",
        keys.TAG_USER: "bob",
        keys.TAG_LAUNCHED_BY: "sensor",
        keys.TAG_SENSOR: "homecoming_update",
        SCHEDULE_NAME_TAG: "homecoming_nightly",
    }
    run = submit({HEADER: "mallory"}, **forged)
    assert noted(world, run) == [("mallory", "ui", *LAUNCHED)]
    assert instance.get_run_by_id(run.run_id).tags[keys.TAG_USER] == "mallory"


def test_a_launch_of_the_api_is_of_the_operator_whom_it_names(world, instance, submit, monkeypatch):
    monkeypatch.setenv("MIDS_USER_HEADER", HEADER)
    monkeypatch.setenv("MIDS_API_LAUNCH_KEY", KEY)
    asked = {"Authorization": f"Bearer {KEY}", API_USER_HEADER: quote("Ólga\n"), HEADER: "mallory"}
    run = submit(asked, **{keys.TAG_REALM: "homecoming"})
    assert noted(world, run) == [("Ólga", "api", *LAUNCHED)]
    run = submit(asked, **{keys.TAG_REALM: "homecoming", keys.TAG_DEED: "rollback"})
    assert noted(world, run) == [("Ólga", "api", "rollback", *LAUNCHED[1:])]
    assert instance.get_run_by_id(run.run_id).tags[keys.TAG_LAUNCHED_BY] == "api"
    run = submit(asked, **{keys.TAG_REALM: "homecoming", keys.TAG_DEED: "whatever"})
    assert noted(world, run) == [("Ólga", "api", *LAUNCHED)]


@pytest.mark.parametrize("authorization", [None, "", "Bearer ", f"Bearer {'x' * 40}", "Basic b2xnYTp4", "Bearer ü"])
@pytest.mark.parametrize("key", [None, "a key that is longer than thirty-two bytes"])
def test_nobody_passes_for_the_api(world, instance, submit, monkeypatch, authorization, key):
    """A person at the web UI, who can write any header where there is no proxy, and one whose settings do not fit."""
    monkeypatch.setenv("MIDS_USER_HEADER", HEADER)
    if key:
        monkeypatch.setenv("MIDS_API_LAUNCH_KEY", key)
    headers = {HEADER: "mallory", API_USER_HEADER: "olga"}
    headers |= {} if authorization is None else {"Authorization": authorization}
    with pytest.raises(MidsError, match="nothing was started"):
        submit(headers, **{keys.TAG_REALM: "homecoming"})
    (refused,) = instance.get_runs(limit=1)
    assert refused.status == dg.DagsterRunStatus.FAILURE
    assert noted(world, refused) == []


def test_a_person_at_the_web_ui_cannot_name_the_deed(world, submit, monkeypatch):
    monkeypatch.setenv("MIDS_USER_HEADER", HEADER)
    forged = {keys.TAG_REALM: "homecoming", keys.TAG_LAUNCHED_BY: "api", keys.TAG_DEED: "published"}
    assert noted(world, submit({HEADER: "mallory"}, **forged)) == [("mallory", "ui", *LAUNCHED)]


def test_a_backfill_names_who_launched_it_where_the_web_server_wrote_it(world, submit, monkeypatch):
    tags = {keys.TAG_REALM: "homecoming", BACKFILL_ID_TAG: "abcdefgh", **actor_tags(requester("alice"))}
    # Without the setting there is no web server of ours before which the name would have had to pass.
    assert noted(world, submit(None, **tags)) == [("backfill abcdefgh", "backfill", *LAUNCHED)]
    monkeypatch.setenv("MIDS_USER_HEADER", HEADER)
    assert noted(world, submit(None, **tags)) == [("backfill abcdefgh, launched by alice", "backfill", *LAUNCHED)]


def test_a_name_cannot_break_the_line_that_shows_it(world, submit, monkeypatch):
    monkeypatch.setenv("MIDS_USER_HEADER", HEADER)
    ((who, *_),) = noted(world, submit({HEADER: "a\x1b[2Kb" + "c" * 300}))
    assert who.startswith("a?[2Kbccc") and len(who) == 200


@pytest.mark.parametrize(
    ("tags", "who", "origin"),
    [
        ({keys.TAG_SENSOR: "homecoming_update"}, "homecoming_update", "sensor"),
        ({SCHEDULE_NAME_TAG: "homecoming_nightly"}, "homecoming_nightly", "schedule"),
        ({BACKFILL_ID_TAG: "abcdefgh"}, "backfill abcdefgh", "backfill"),
        (
            {PARENT_RUN_ID_TAG: "the-run", RETRY_NUMBER_TAG: "1", keys.TAG_USER: "alice", keys.TAG_LAUNCHED_BY: "ui"},
            "retry of run the-run, launched by alice",
            "retry",
        ),
        ({}, None, "cli"),
    ],
)
def test_what_the_daemon_submits_is_named_by_what_asked_for_it(world, submit, tags, who, origin):
    run = submit(None, **tags, **{keys.TAG_REALM: "homecoming"})
    assert noted(world, run) == [(who or this_person(), origin, *LAUNCHED)]


def test_a_launch_that_cannot_be_noted_is_refused_to_a_person_and_not_to_the_daemon(
    world, instance, submit, monkeypatch
):
    monkeypatch.setenv("MIDS_DAGSTER_DATABASE_URL", instance.run_storage.postgres_url)
    monkeypatch.setenv("MIDS_DATABASE_URL", "postgresql://nobody:very-secret@127.0.0.1:1/mids")
    with pytest.raises(MidsError, match=r"cannot be noted in mids\.audit, so nothing was started") as caught:
        submit({})
    assert "very-secret" not in str(caught.value)
    (refused,) = instance.get_runs(limit=1)
    assert refused.status == dg.DagsterRunStatus.FAILURE
    run = submit(None, **{keys.TAG_SENSOR: "homecoming_update"})
    assert run.status == dg.DagsterRunStatus.QUEUED
    monkeypatch.undo()
    assert noted(world, refused) == noted(world, run) == []
