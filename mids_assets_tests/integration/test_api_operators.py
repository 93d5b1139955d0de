"""Operators' calls that are refused: by whom they are from, by what they say, by the state of the realm, or of Dagster.

Does not belong here: what an accepted one starts (e2e/test_operators.py).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing

import pytest
from starlette.testclient import TestClient

from mids_assets.api import dagster
from mids_assets.api.access.tokens import signed_token
from mids_assets.api.routes import operators
from mids_assets.api.settings import ApiSettings
from mids_assets.graph import keys
from mids_assets.settings import Settings
from mids_assets.transform.build import release_id
from mids_assets.warehouse.connection import connect
from mids_assets_tests.api_client import serving
from mids_assets_tests.made_up import made_up
from mids_assets_tests.published import go
from mids_assets_tests.servers import free_ports

SECRET = "a secret of more than thirty-two bytes"
OLD, NOW, NEVER = (release_id("homecoming", name) for name in ("old", "now", "never"))
REALM = "/v1/realms/homecoming"
CALLS = {
    f"{REALM}/imports": {"source": None},
    f"{REALM}/releases/{OLD}/accept": {"reason": "It is right."},
    f"{REALM}/releases/{OLD}/publish": {},
    f"{REALM}/rollback": {},
}


@pytest.fixture(scope="module")
def published(server: Settings, tmp_path_factory) -> Settings:
    """Two releases were published, one after the other, and in another realm one alone."""
    with closing(connect(server, application_name="test")) as conn:
        builds = [made_up(seed, share=0.3).write(tmp_path_factory.mktemp("build") / "tables") for seed in (1, 2)]
        for build, release in zip(builds, (OLD, NOW), strict=True):
            go(conn, server, build, release)
        go(conn, server, builds[0], OLD, realm="rebirth")
    return server


@pytest.fixture(scope="module")
def client(published) -> Iterator[TestClient]:
    """Set up with a web server that is not there."""
    settings = Settings(data_dir=published.data_dir, api_launch_key="a key that the web server knows as well")
    (port,) = free_ports(1)
    with serving(settings, dagster_url=f"http://127.0.0.1:{port}", jwt_secret=SECRET) as found:
        yield found


def token(*roles: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {signed_token(ApiSettings(jwt_secret=SECRET), 'olga', roles, 600)}"}


def refused(answer, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    return answer.json()["detail"]


def test_every_call_that_is_no_reading_is_an_operators(client):
    """Also one that a later version adds: whoever forgets the role is told by this test."""
    described = client.get("/v1/openapi.json").json()["paths"]
    found = {(method, path) for path, methods in described.items() for method in methods if method != "get"}
    assert len(found) >= len(CALLS)
    for method, template in found:
        path = template.format(realm="homecoming", release=OLD, run_id="x")
        refused(client.request(method, path, json=CALLS[path]), 401)
        refused(client.request(method, path, json=CALLS[path], headers=token("viewer")), 403)
    run = f"{REALM}/runs/00000000-0000-0000-0000-000000000000"
    refused(client.get(run), 401)
    refused(client.get(run, headers=token("viewer")), 403)


def test_a_refusal_is_logged_with_the_subject(client, caplog):
    with caplog.at_level(logging.WARNING, "mids_assets.api"):
        sent = token("viewer")
        client.post(f"{REALM}/rollback?token={sent['Authorization'][-10:]}", json={}, headers=sent)
    assert caplog.messages == [f"Refused with 403: POST {REALM}/rollback, subject olga"]


@pytest.mark.parametrize("path", CALLS)
def test_where_dagster_is_not_there_the_call_is_to_come_again(client, path):
    answer = client.post(path, json=CALLS[path], headers=token("operator"))
    assert "does not answer" in refused(answer, 503)
    assert answer.headers["Retry-After"]


@pytest.mark.parametrize(
    ("settings", "lacking"),
    [({}, "MIDS_DAGSTER_URL"), ({"dagster_url": "http://127.0.0.1:1"}, "MIDS_API_LAUNCH_KEY")],
)
def test_where_it_is_not_set_up_a_sentence_says_what_lacks(published, settings, lacking):
    with serving(published, jwt_secret=SECRET, **settings) as client:
        assert lacking in refused(client.post(f"{REALM}/imports", json={}, headers=token("operator")), 503)


@pytest.mark.parametrize(
    "source",
    [
        "../secret",
        "..",
        ".",
        ".hidden",
        "/etc/passwd",
        "a/b",
        "a\\b",
        "file:///etc",
        "s3://bucket/x",
        "a\x00b",
        "a\nb",
        "",
        "   ",
        "x" * 256,
        7,
        ["a"],
        {"a": 1},
    ],
    ids=repr,
)
def test_a_source_is_a_name_in_the_landing_folder_and_never_a_path(client, source):
    answer = client.post(f"{REALM}/imports", json={"source": source}, headers=token("operator"))
    refused(answer, 422)
    assert answer.json()["field"] == "source"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"{REALM}/releases/{OLD}/accept", {}),
        (f"{REALM}/releases/{OLD}/accept", {"reason": ""}),
        (f"{REALM}/releases/{OLD}/accept", {"reason": "  "}),
        (f"{REALM}/releases/{OLD}/accept", {"reason": "x" * 2001}),
        (f"{REALM}/releases/{OLD}/accept", {"reason": "x", "rule": ""}),
        (f"{REALM}/releases/{OLD}/accept", {"reason": "x", "who": "root"}),
        (f"{REALM}/releases/{OLD}' OR 1=1/accept", {"reason": "x"}),
        (f"{REALM}/releases/{OLD[:8]}/publish", {}),
        (f"{REALM}/releases/published/publish", {}),
        (f"{REALM}/rollback", {"release": "1.0"}),
        (f"{REALM}/rollback", {"release": OLD, "force": True}),
        (f"{REALM}/rollback", []),
        ("/v1/realms/Home%20coming/rollback", {}),
    ],
)
def test_what_is_said_has_to_be_what_is_asked_for(client, path, body):
    refused(client.post(path, json=body, headers=token("operator")), 422)


def test_only_json_is_taken(client):
    forms = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain; a=application/json")
    for kind in forms:
        sent = token("operator") | {"Content-Type": kind}
        refused(client.post(f"{REALM}/rollback", content=b"{}", headers=sent), 415)
    refused(client.post(f"{REALM}/rollback", headers=token("operator")), 415)
    sent = token("operator") | {"Content-Type": "application/json"}
    refused(client.post(f"{REALM}/rollback", content=b"{", headers=sent), 422)
    refused(client.post(f"{REALM}/rollback", content=b"[" * 60_000, headers=sent), 400)


def test_the_state_of_the_realm_decides(client):
    operator = token("operator")
    for path in (f"{REALM}/releases/{NOW}/publish", f"{REALM}/releases/{NOW}/accept"):
        assert "published" in refused(client.post(path, json=CALLS[path.replace(NOW, OLD)], headers=operator), 409)
    assert "now" in refused(client.post(f"{REALM}/rollback", json={"release": NOW}, headers=operator), 409)
    assert "never" in refused(client.post(f"{REALM}/rollback", json={"release": NEVER}, headers=operator), 404)
    alone = client.post("/v1/realms/rebirth/rollback", json={}, headers=operator)
    assert "nothing was published before" in refused(alone, 409)


def test_names_that_the_api_does_not_import_are_those_of_dagsters_side():
    names = (dagster.TAG_REALM, dagster.TAG_RELEASE, dagster.TAG_BUILD, dagster.TAG_DEED)
    assert names == (keys.TAG_REALM, keys.TAG_RELEASE, keys.TAG_BUILD, keys.TAG_DEED)
    assert "@".join(dagster.REPOSITORY.values()) == keys.REPOSITORY
    for name in (OLD, NEVER):
        assert operators.RELEASE_ID.fullmatch(name)
