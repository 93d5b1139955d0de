"""What a browser makes of answers: never a page, to no other site, and the same whoever claims to have asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from starlette.testclient import TestClient

from mids_assets.api.settings import ApiSettings
from mids_assets.errors import UserError
from mids_assets.warehouse.connection import connect
from mids_assets_tests.api_client import serving
from mids_assets_tests.made_up import made_up
from mids_assets_tests.published import go

POWERS = "/v1/realms/homecoming/powers"
PLANNER = "https://planner.example.org"
ANSWERS = {
    "/v1/realms": 200,
    "/v1/meta": 200,
    "/v1/openapi.json": 200,
    "/v1/docs": 200,
    "/v1/docs.css": 200,
    "/": 200,
    "/powers/anything": 200,
    "/healthz": 200,
    "/readyz": 200,
    POWERS: 200,
    f"{POWERS}?limit=x": 422,
    f"{POWERS}/<script>alert(1)</script>": 404,
    "/v1/nothing": 404,
    "/v1/realms/": 404,
}


@pytest.fixture(scope="module", autouse=True)
def build(server, tmp_path_factory) -> None:
    with closing(connect(server, application_name="test")) as conn:
        go(conn, server, made_up(3).write(tmp_path_factory.mktemp("build") / "tables"))


@pytest.fixture(scope="module")
def client(server) -> Iterator[TestClient]:
    with serving(server) as found:
        yield found


@pytest.mark.parametrize(("path", "status"), ANSWERS.items())
def test_no_answer_is_taken_for_a_page_that_it_is_not(client, path, status):
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    policies = answer.headers.get_list("Content-Security-Policy")
    assert len(policies) == 1, "two would be as narrow as both together"
    directives = policies[0].split("; ")
    assert {"default-src 'none'", "frame-ancestors 'none'"} <= set(directives)
    assert "unsafe" not in policies[0]
    kind = answer.headers["Content-Type"]
    assert kind.split(";")[0] in ("application/json", "application/problem+json", "text/html", "text/css")
    if not kind.startswith("text/html"):
        assert len(directives) == 2
    assert "<script>alert" not in answer.text or kind == "application/problem+json"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_what_only_can_be_read_is_not_written(client, method):
    for path in ("/v1/realms", POWERS, f"{POWERS}/1", "/v1/openapi.json", "/v1/docs"):
        answer = client.request(method, path)
        assert answer.status_code == 405, answer.text
        assert answer.headers["Allow"] == "GET"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_no_other_site_reads_by_default(client):
    for method in ("GET", "OPTIONS"):
        answer = client.request(method, POWERS, headers={"Origin": PLANNER, "Access-Control-Request-Method": "GET"})
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_sites_that_are_named_read_without_credentials_and_no_other_does(server):
    with serving(server, origins=(PLANNER,)) as client:
        answer = client.get(POWERS, headers={"Origin": PLANNER})
        assert answer.headers["Access-Control-Allow-Origin"] == PLANNER
        assert "Mids-Publish" in answer.headers["Access-Control-Expose-Headers"]
        assert "Access-Control-Allow-Credentials" not in answer.headers
        refused = client.get(f"{POWERS}?limit=x", headers={"Origin": PLANNER})
        assert (refused.status_code, refused.headers["Access-Control-Allow-Origin"]) == (422, PLANNER)
        for other in (None, "null", f"{PLANNER}.evil.example", "https://evil.example", PLANNER.upper(), f"{PLANNER}/"):
            answer = client.get(POWERS, headers={"Origin": other} if other else {})
            assert answer.status_code == 200
            assert "Access-Control-Allow-Origin" not in answer.headers
            assert "Origin" in answer.headers["Vary"], "a cache must not give it to the site that may read"


def test_a_site_may_ask_before_it_reads_and_may_never_change_anything(server):
    def preflight(method: str, *headers: str, origin: str = PLANNER) -> int:
        asked = {"Origin": origin, "Access-Control-Request-Method": method}
        asked |= {"Access-Control-Request-Headers": ",".join(headers)} if headers else {}
        answer = client.options(POWERS, headers=asked)
        assert "Access-Control-Allow-Credentials" not in answer.headers
        return answer.status_code

    with serving(server, origins=(PLANNER,), login="token", jwt_secret="a-key-of-at-least-thirty-two-bytes") as client:
        assert preflight("GET") == 200
        assert preflight("GET", "authorization", "if-none-match", "mids-at-least") == 200
        assert preflight("GET", "x-other") == 400
        assert preflight("GET", origin="https://evil.example") == 400
        assert preflight("POST") == 400
        assert preflight("DELETE") == 400
        # A refusal can be read by the site as well, to say what is wrong.
        answer = client.get(POWERS, headers={"Origin": PLANNER})
        assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (401, PLANNER)


@pytest.mark.parametrize(
    "text",
    ["*", "null", "planner.example.org", f"{PLANNER}/", f"{PLANNER}/a", "https://Planner.example.org", "file://"],
)
def test_an_origin_that_no_browser_sends_is_refused(text):
    with pytest.raises(UserError, match="MIDS_API_ORIGINS"):
        ApiSettings.from_env({"MIDS_API_ORIGINS": text})


def test_origins_are_read_with_commas_between():
    found = ApiSettings.from_env({"MIDS_API_ORIGINS": f"{PLANNER}, http://localhost:5173"}).origins
    assert found == (PLANNER, "http://localhost:5173")


@pytest.mark.parametrize("path", ["/v1/realms", POWERS, f"{POWERS}?limit=x", "/v1/realms/", "/v1/docs", "/", "/assets"])
def test_headers_that_no_cache_keys_by_change_nothing(server, path):
    claims = {
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "javascript",
        "X-Forwarded-Prefix": "/evil",
        "X-Original-URL": "/v1/docs",
        "X-Rewrite-URL": "/v1/docs",
        "X-HTTP-Method-Override": "DELETE",
        "Forwarded": "host=evil.example",
        "Referer": "https://evil.example/",
        "Accept": "text/html",
        "Accept-Language": "evil",
        "User-Agent": "evil",
    }
    with serving(server) as one, serving(server) as other:
        plain, claimed = one.get(path, follow_redirects=False), other.get(path, headers=claims, follow_redirects=False)
        other.cookies.clear()
        again = other.get(path, follow_redirects=False)
    for answer in (claimed, again):
        assert (answer.status_code, answer.content) == (plain.status_code, plain.content)
        assert {**answer.headers, "date": ""} == {**plain.headers, "date": ""}
    assert "Location" not in plain.headers


def test_one_entity_tag_is_of_one_address(client):
    paths = [POWERS, f"{POWERS}?limit=50", f"{POWERS}?limit=1", "/v1/realms/homecoming/powersets", f"{POWERS}/1"]
    tags = {path: client.get(path).headers["ETag"] for path in paths}
    assert len(set(tags.values())) == len(paths)
    for path in paths:
        others = ", ".join(tag for other, tag in tags.items() if other != path)
        assert client.get(path, headers={"If-None-Match": others}).status_code == 200
        assert client.get(path, headers={"If-None-Match": tags[path]}).status_code == 304


def test_head_and_range_leave_nothing_short_in_the_cache(server):
    path = f"{POWERS}?limit=7"
    with serving(server) as other:
        whole = other.get(path)
    with serving(server) as client:
        assert client.head(path).content == b""
        part = client.get(path, headers={"Range": "bytes=0-3", "If-Range": whole.headers["ETag"]})
        assert (part.status_code, part.content) == (200, whole.content)
        assert client.get(path, headers={"If-None-Match": whole.headers["ETag"]}).content == b""
        again = client.get(path)
        assert (again.status_code, again.content) == (200, whole.content)
        assert int(again.headers["Content-Length"]) == len(whole.content)
