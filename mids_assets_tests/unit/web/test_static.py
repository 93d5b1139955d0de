"""How the page's files are served: which paths, which headers, and what stays the API's own."""

from __future__ import annotations

import re

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from mids_assets.web.static import DIST, mount


async def _realms(_request: Request) -> Response:
    return PlainTextResponse("realms")


@pytest.fixture
def client():
    app = Starlette(routes=[Route("/v1/realms", _realms), Route("/healthz", _realms)])
    mount(app)
    return TestClient(app)


def _scripts() -> list[str]:
    return re.findall(r'(?:src|href)="(/assets/[^"]+)"', (DIST / "index.html").read_text("utf-8"))


@pytest.mark.parametrize("path", ["/", "/homecoming", "/homecoming/powers/Group.Set.Power", "/homecoming/", "/v10/x"])
def test_every_path_that_is_no_file_is_the_page(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.content == (DIST / "index.html").read_bytes()
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"


def test_the_page_allows_files_of_its_own_server_alone(client):
    headers = client.get("/homecoming").headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert {"referrer-policy", "permissions-policy"} <= set(headers)


def test_the_page_holds_nothing_that_the_policy_forbids():
    page = (DIST / "index.html").read_text("utf-8")
    assert not re.search(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=", page)
    assert not re.search(r'(?:src|href)="(?!/assets/)', page)


@pytest.mark.parametrize("path", _scripts())
def test_files_with_a_hash_are_kept_for_good_and_packed(client, path):
    answer = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.content == (DIST / path[1:]).read_bytes()
    assert answer.headers["content-encoding"] == "gzip"
    if len(answer.content) > 1000:
        assert int(answer.headers["content-length"]) < len(answer.content) / 2
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers and plain.content == answer.content
    assert plain.headers["etag"] != answer.headers["etag"]
    for tag in (plain.headers["etag"], answer.headers["etag"]):
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/nothing", "/healthz/x", "/readyz", "/assets/none.js"])
def test_an_unknown_path_of_the_api_or_of_a_file_is_not_found(client, path):
    assert client.get(path).status_code == 404


def test_methods_of_routes_stay_what_they_are(client):
    assert client.get("/v1/realms").text == "realms"
    assert client.post("/v1/realms").status_code == 405
    assert client.post("/homecoming").status_code == 405


@pytest.mark.parametrize(
    "path", ["/../static.py", "/%2e%2e/static.py", "/assets/..%2f..%2fstatic.py", "/..%5cstatic.py"]
)
def test_no_path_leads_out_of_the_folder(client, path):
    answer = client.get(path)
    assert b"StaticFiles" not in answer.content
    assert answer.status_code == 404 or answer.content == (DIST / "index.html").read_bytes()


def test_a_zero_byte_in_a_path_is_no_error_of_ours(client):
    assert client.get("/a%00b").status_code in (200, 404)
