"""The web UI behind the real nginx, with the configuration of deploy/nginx and two real web servers: who may do what.

What nginx alone decides (headers, names, limits) is tried on servers that tell what reached them; everything about
Dagster on Dagster.
"""

from __future__ import annotations

import json
import socket
import ssl
import urllib.parse
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import Any

import pytest
from websockets.sync.client import connect as open_websocket

from mids_assets.graph.keys import TAG_LAUNCHED_BY, TAG_USER
from mids_assets_tests.e2e.browser import ARTIFACTS, browser_page
from mids_assets_tests.e2e.dg_dev import REPOSITORY
from mids_assets_tests.e2e.echo import echo_server
from mids_assets_tests.e2e.proxy import CAPITAL, NAME, OPERATOR, VIEWER, Proxy, login, proxy
from mids_assets_tests.e2e.web_pair import web_pair
from mids_assets_tests.servers import open_folder

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

JOB = "housekeeping"
LAUNCH = """mutation ($selector: JobOrPipelineSelector!) {
  launchRun(executionParams: {selector: $selector, runConfigData: {}}) {
    __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message }
  }
}"""
SELECTOR = {**REPOSITORY, "jobName": JOB}
# The same without variables, as it goes into an address.
_SELECTOR_INLINE = ", ".join(f'{name}: "{value}"' for name, value in SELECTOR.items())
LAUNCH_INLINE = LAUNCH.replace("($selector: JobOrPipelineSelector!)", "").replace(
    "$selector", f"{{{_SELECTOR_INLINE}}}"
)
ADD_PARTITION = """mutation (
  $repositorySelector: RepositorySelector!, $partitionsDefName: String!, $partitionKey: String!
) {
  addDynamicPartition(
    repositorySelector: $repositorySelector, partitionsDefName: $partitionsDefName, partitionKey: $partitionKey
  ) { __typename }
}"""
BACKFILL = """mutation ($params: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $params) {
    __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message }
  }
}"""
RUNS = "{ runsOrError { ... on Runs { results { runId } } } }"
REPORTS = ("report_asset_materialization", "report_asset_check", "report_asset_observation")


@pytest.fixture(scope="module")
def ui(world) -> Iterator[Proxy]:
    """nginx before a full web server and one for reading."""
    with (
        open_folder() as folder,
        web_pair(world) as pair,
        proxy(folder, operators=pair.operators, viewers=pair.viewers) as started,
    ):
        yield started


@pytest.fixture(scope="module")
def echo() -> Iterator[Proxy]:
    """nginx before two servers that answer which of them was asked, and with which headers."""
    with (
        open_folder() as folder,
        echo_server("operators") as full,
        echo_server("viewers") as reading,
        proxy(folder, operators=full, viewers=reading) as started,
    ):
        yield started


# ---- Who


def test_nobody_gets_in_without_a_password(ui):
    for person in (None, (OPERATOR[0], VIEWER[1]), ("nobody", "x")):
        answer = ui.request("/server_info", person)
        assert answer.status == 401, person
        assert answer.headers.get_all("WWW-Authenticate") == ['Basic realm="mids-assets"']


def test_names_decide_which_server_answers_and_capitals_make_nobody_an_operator(echo):
    served = {person: echo.request("/", person).json()["server"] for person in (OPERATOR, VIEWER, CAPITAL)}
    assert served == {OPERATOR: "operators", VIEWER: "viewers", CAPITAL: "viewers"}


def test_the_user_comes_from_the_login_and_cannot_be_claimed(echo):
    claimed = {
        "X-Forwarded-User": "root",
        "x-forwarded-user": "root",
        "X-Forwarded-For": "10.9.8.7",
        "X-Real-IP": "10.9.8.7",
        "Forwarded": "for=10.9.8.7",
    }
    for person in (OPERATOR, VIEWER):
        reached = echo.request("/", person, headers=claimed).json()["headers"]
        assert reached["x-forwarded-user"] == [person[0]]
        assert reached["x-forwarded-for"] == ["127.0.0.1"]
        assert {"authorization", "x-real-ip", "forwarded"} & set(reached) == set()


# ---- What


def test_a_viewer_reads_and_an_operator_launches(ui, world):
    before = {run for (run,) in world.dagster_query("select run_id from runs")}
    assert ui.graphql(VIEWER, RUNS).status == 200

    refused = ui.graphql(VIEWER, LAUNCH, selector=SELECTOR)
    assert refused.status == 403, refused.body
    assert "for reading" in refused.json()["errors"][0]["message"]
    assert {run for (run,) in world.dagster_query("select run_id from runs")} == before

    # The name in the audit is that of the login, whatever the client claims.
    launched = ui.graphql(OPERATOR, LAUNCH, headers={"X-Forwarded-User": "root"}, selector=SELECTOR)
    assert launched.status == 200, launched.body
    assert "run" in launched.json()["data"]["launchRun"], launched.body
    run = launched.json()["data"]["launchRun"]["run"]["runId"]
    assert world.dagster_query(f"select pipeline_name, status from runs where run_id = '{run}'") == [(JOB, "QUEUED")]
    assert world.query("select who, origin from mids.audit where run_id = %s", run) == [(OPERATOR[0], "ui")]
    assert run in {one["runId"] for one in ui.graphql(VIEWER, RUNS).json()["data"]["runsOrError"]["results"]}


def test_a_backfill_is_of_the_login_that_launched_it(ui, world):
    partition = {"repositorySelector": REPOSITORY, "partitionsDefName": "homecoming_i12_chunks", "partitionKey": "one"}
    assert ui.graphql(OPERATOR, ADD_PARTITION, **partition).status == 200
    params = {
        "assetSelection": [{"path": ["homecoming", "i12_records"]}],
        "partitionNames": ["one"],
        "tags": [{"key": TAG_USER, "value": "somebody else"}],
    }
    assert ui.graphql(VIEWER, BACKFILL, params=params).status == 403
    launched = ui.graphql(OPERATOR, BACKFILL, params=params).json()["data"]["launchPartitionBackfill"]
    found = world.dagster_query(f"select body from bulk_actions where key = '{launched['backfillId']}'")
    ((body,),) = found
    assert json.loads(body)["tags"].items() >= {TAG_USER: OPERATOR[0], TAG_LAUNCHED_BY: "ui"}.items()


def test_a_viewer_changes_nothing_by_any_way(ui, world):
    before = _stored(world)
    address = "/graphql?" + urllib.parse.urlencode({"query": LAUNCH_INLINE})
    body = json.dumps({"query": LAUNCH_INLINE}).encode()
    two = f"query Read {{ version }} {LAUNCH_INLINE.replace('mutation', 'mutation Launch')}"
    chosen = {"query": two, "operationName": "Launch"}
    as_json = {"Content-Type": "application/json"}
    tried = {
        "address": ui.request(address, VIEWER),
        "address of a POST": ui.request(address, VIEWER, method="POST", body=b""),
        "JSON": ui.request("/graphql", VIEWER, method="POST", body=body, headers=as_json),
        "JSON by another name": ui.request(
            "/graphql", VIEWER, method="POST", body=body, headers={"Content-Type": "text/plain; application/json"}
        ),
        "one of two operations": ui.request(
            "/graphql", VIEWER, method="POST", body=json.dumps(chosen).encode(), headers=as_json
        ),
        "GraphQL": ui.request(
            "/graphql",
            VIEWER,
            method="POST",
            body=LAUNCH_INLINE.encode(),
            headers={"Content-Type": "application/graphql"},
        ),
        **{
            path: ui.request(f"/{path}/homecoming/release", VIEWER, method="POST", body=b"{}", headers=as_json)
            for path in REPORTS
        },
        "a way that a later version may have": ui.request("/new", VIEWER, method="DELETE"),
    }
    assert {name: answer.status for name, answer in tried.items()} == dict.fromkeys(tried, 403)

    # Dagster knows no batches; it is to stay so, and to be the client's mistake.
    batch = ui.request("/graphql", VIEWER, method="POST", body=b"[" + body + b"]", headers=as_json)
    assert batch.status == 400
    assert _stored(world) == before


def test_subscriptions_pass_and_mutations_do_not_pass_as_one(ui, world):
    before = _stored(world)
    for person in (VIEWER, OPERATOR):
        with open_websocket(
            f"wss://{NAME}:{ui.https_port}/graphql",
            ssl=ui.tls(),
            subprotocols=["graphql-ws"],  # type: ignore[list-item]
            additional_headers=login(person),
            origin=ui.origin,  # type: ignore[arg-type]
        ) as websocket:
            websocket.send(json.dumps({"type": "connection_init"}))
            assert json.loads(websocket.recv(30)) == {"type": "connection_ack"}
            answered = {}
            for query in (LAUNCH_INLINE, 'subscription { pipelineRunLogs(runId: "none") { __typename } }'):
                websocket.send(json.dumps({"id": query, "type": "start", "payload": {"query": query}}))
                answer = json.loads(websocket.recv(30))
                answered[answer["id"]] = answer["type"], answer["payload"]
            (refused, why), (passed, found) = answered.values()
            assert (refused, list(why)) == ("error", ["message"])
            assert (passed, found["data"]) == (
                "data",
                {"pipelineRunLogs": {"__typename": "PipelineRunLogsSubscriptionFailure"}},
            )
    assert _stored(world) == before


def test_another_site_cannot_use_a_login(ui, world):
    """A browser adds the login by itself: the request of a stranger's page looks like the operator's but for these."""
    before = _stored(world)
    body = json.dumps({"query": LAUNCH_INLINE}).encode()
    foreign = {"Origin": "https://evil.example"}
    own = {"Origin": ui.origin, "Content-Type": "application/json"}
    # A form, and an image: the latter says nothing about where it comes from.
    form = ui.request("/graphql", OPERATOR, method="POST", body=body, headers={**foreign, "Content-Type": "text/plain"})
    image = ui.request("/graphql?" + urllib.parse.urlencode({"query": LAUNCH_INLINE}), OPERATOR)
    report = ui.request(f"/{REPORTS[0]}/homecoming/release", OPERATOR, method="POST", body=b"", headers=foreign)
    assert [answer.status for answer in (form, image, report)] == [403, 403, 403]
    assert _stored(world) == before
    read = json.dumps({"query": RUNS}).encode()
    assert ui.request("/graphql", OPERATOR, method="POST", body=read, headers=own).status == 200


def _stored(world) -> list[tuple]:
    return world.dagster_query("select (select count(*) from runs), (select count(*) from event_logs)")


def test_a_viewer_sees_the_ui_and_no_button_that_launches(ui):
    assert _may_materialize(ui, *VIEWER) is False
    assert _may_materialize(ui, *OPERATOR) is True


def _may_materialize(ui: Proxy, name: str, password: str) -> bool:
    """Look at the graph and an asset as a person does. Whether the button to materialize it can be pressed.

    Nothing of the UI may be kept back by policies, limits or the login. Screenshots go to .ci/artifacts.
    """
    wrong: list[str] = []
    websockets: list[Any] = []
    # That the certificate is good is another test's; Chromium takes authorities from nowhere but the system.
    trusting = {"http_credentials": {"username": name, "password": password}, "ignore_https_errors": True}
    with browser_page(1600, 1000, **trusting) as page:
        page.on("response", lambda got: wrong.append(f"{got.status} {got.url}") if got.status >= 400 else None)
        page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
        page.on("websocket", lambda websocket: websockets.append(websocket.url))
        page.goto(f"{ui.origin}/asset-groups")
        page.get_by_text("homecoming_tables").first.wait_for()
        page.screenshot(path=ARTIFACTS / f"nginx-graph-{name}.png")
        page.goto(f"{ui.origin}/assets/homecoming/i12_chunk_plan")
        page.get_by_text("Byte ranges of the powers file").first.wait_for()
        page.screenshot(path=ARTIFACTS / f"nginx-asset-{name}.png")
        may = page.get_by_role("button", name="Materialize").first.is_enabled()
    assert wrong == []
    assert set(websockets) == {f"wss://{NAME}:{ui.https_port}/graphql"}
    return may


# ---- How


def test_headers_that_keep_a_browser_safe(ui):
    for answer in (ui.request("/", VIEWER), ui.request("/favicon.png", OPERATOR), ui.request("/", None)):
        policies = answer.headers.get_all("Content-Security-Policy") or []
        assert "frame-ancestors 'none'" in policies[-1]
        assert [answer.headers.get_all(name) for name in ("X-Content-Type-Options", "X-Frame-Options")] == [
            ["nosniff"],
            ["DENY"],
        ]
        assert answer.headers.get_all("Referrer-Policy") == ["same-origin"]
        assert "max-age=31536000" in (answer.headers["Strict-Transport-Security"] or "")
        assert answer.headers["Server"] == "nginx"
    # The policy of the page itself, with its nonce, is still there.
    assert any(
        "nonce-" in policy for policy in ui.request("/", VIEWER).headers.get_all("Content-Security-Policy") or []
    )


def test_only_tls_that_is_good_and_only_by_its_name(echo):
    plain = HTTPConnection("127.0.0.1", echo.http_port, timeout=10)
    plain.request("GET", "/runs?x=1", headers={"Host": NAME})
    answer = plain.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, f"{echo.origin}/runs?x=1")

    with pytest.raises(ssl.SSLCertVerificationError), _tls(echo, ssl.create_default_context()):
        pass  # Nobody else vouches for the certificate.
    careless = echo.tls()
    careless.check_hostname = False
    with pytest.raises(ssl.SSLError), _tls(echo, careless, name="other.example"):
        pass  # Not even a certificate is shown.
    with pytest.raises(ssl.SSLError), _tls(echo, _only(echo, ssl.TLSVersion.TLSv1_1)):
        pass
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        with _tls(echo, _only(echo, version)) as connection:
            assert connection.version() == version.name.replace("v1_", "v1.")


def test_limits(echo):
    assert echo.request("/", OPERATOR, method="POST", body=bytes(1024 * 1024 + 1)).status == 413
    with ThreadPoolExecutor(16) as people:
        statuses = list(people.map(lambda _: echo.request("/", None).status, range(600)))
    assert set(statuses) == {401, 429}, {status: statuses.count(status) for status in set(statuses)}
    assert statuses.count(401) >= 300


def _only(echo: Proxy, version: ssl.TLSVersion) -> ssl.SSLContext:
    """A client that speaks no other version, and would take a weak one."""
    context = echo.tls()
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings(category=DeprecationWarning, action="ignore"):
        context.minimum_version = context.maximum_version = version
    return context


def _tls(echo: Proxy, context: ssl.SSLContext, name: str = NAME) -> ssl.SSLSocket:
    plain = socket.create_connection(("127.0.0.1", echo.https_port), 10)
    try:
        return context.wrap_socket(plain, server_hostname=name)
    except BaseException:
        plain.close()
        raise


def test_a_workspace_that_is_not_there_is_the_users_mistake(world):
    told = world.mids("web", "--read-only", "-w", "nowhere.yaml", code=2).stderr
    assert told == "mids: nowhere.yaml: no such workspace file\n"
