"""What the page is told before it asks for anything: right, to everybody, and without secrets."""

from __future__ import annotations

import importlib.metadata
from contextlib import closing

import pytest

from mids_assets.warehouse.connection import connect
from mids_assets_tests.api_client import serving
from mids_assets_tests.made_up import made_up
from mids_assets_tests.published import go

KEY = "a-key-of-at-least-thirty-two-bytes-for-tests"


@pytest.fixture(scope="module", autouse=True)
def two_realms(server, tmp_path_factory):
    folder = made_up(3).write(tmp_path_factory.mktemp("build") / "tables")
    with closing(connect(server, application_name="test")) as conn:
        for realm in ("rebirth", "homecoming"):
            go(conn, server, folder, realm=realm)


def test_it_names_realms_version_and_dagster(server):
    with serving(server, dagster_url="http://web:3000", dagster_page_url="https://dagster.example.org") as client:
        assert client.get("/v1/meta").json() == {
            "dagster_url": "https://dagster.example.org",
            "version": importlib.metadata.version("mids-assets"),
            "realms": ["homecoming", "rebirth"],
            "login": "none",
        }


def test_where_a_token_is_needed_everybody_may_ask_whether(server):
    with serving(server, login="token", jwt_secret=KEY, audience="mids") as client:
        answer = client.get("/v1/meta")
        assert (answer.status_code, answer.json()["login"]) == (200, "token")
        assert KEY not in answer.text
        assert client.get("/v1/realms").status_code == 401
