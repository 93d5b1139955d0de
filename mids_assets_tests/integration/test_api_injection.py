"""What is sent is a value and stays one: texts of attackers in every parameter, header and field of a body.

The parameters are those of the description, so a new route is swept by itself. Each answer is a 200, 3xx or 4xx, holds
the rows of a plain comparison, and says nothing of the server; afterwards the database is as it was.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from starlette.testclient import TestClient

from mids_assets.api.access.tokens import signed_token
from mids_assets.api.app import create_app
from mids_assets.api.description import operations
from mids_assets.api.resources import resources
from mids_assets.api.settings import ApiSettings
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.stored import quote
from mids_assets_tests.api_client import Raw, raw, serving
from mids_assets_tests.injections import TEXTS, escaped
from mids_assets_tests.made_up import made_up
from mids_assets_tests.published import go, rows

KEY = "a-key-of-at-least-thirty-two-bytes-for-tests"
OPERATOR = f"Bearer {signed_token(ApiSettings(jwt_secret=KEY), 'somebody', ['operator'], 3600)}".encode()
DOCUMENT = create_app(ApiSettings()).openapi()
OPERATIONS = {each["operationId"]: (path, method.upper(), each) for path, method, each in operations(DOCUMENT)}
REAL = {"realm": "homecoming", "key": "1", "table": "set_type", "release": "0" * 16, "run_id": "0" * 36}
OWN = ("limit", "after", "sort", "fields", "q", "kind", "level")
BOUNDS = {"": "=", "ge": ">=", "le": "<="}
SHARE = 24
"""Filters of a list are read by the same lines: of each, one in so many texts is tried, each time others."""
TELLS = re.compile(
    rb"asyncpg|psycopg|postgres|traceback|site-packages|relation \\\"|syntax error|invalid input|codec|\.py\b|mids-te",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def conn(server):
    with closing(connect(server, application_name="test")) as connection:
        yield connection


@pytest.fixture(scope="module")
def client(server, conn, tmp_path_factory) -> Iterator[TestClient]:
    go(conn, server, made_up(7, share=1.0).write(tmp_path_factory.mktemp("build") / "tables"))
    with serving(server, jwt_secret=KEY, cache_bytes=0) as found:
        before = fingerprint(conn)
        yield found
        assert fingerprint(conn) == before, "something was written"


def fingerprint(conn) -> list[tuple]:
    """All rows of all tables, and who may log in."""
    tables = rows(
        conn,
        "SELECT table_schema, table_name FROM information_schema.tables"
        " WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2",
    )
    found: list[tuple] = [("roles", rows(conn, "SELECT rolname, rolsuper, rolcanlogin FROM pg_roles ORDER BY 1"))]
    for schema, name in tables:
        whole = f"SELECT count(*), md5(string_agg(t::text, '' ORDER BY t::text)) FROM {quote(schema)}.{quote(name)} t"
        found.append((schema, name, rows(conn, whole)))
    return found


@dataclass(frozen=True)
class Aim:
    """A parameter of a route."""

    operation: str
    place: str
    name: str

    def ask(self, client: TestClient, text: str) -> Raw:
        path, method, _ = OPERATIONS[self.operation]
        for name, value in REAL.items():
            path = path.replace(f"{{{name}}}", text if (self.place, self.name) == ("path", name) else value)
        needed = "q=fire" if self.operation == "search_realm" and self.name != "q" else ""
        query = "&".join(filter(None, [needed, f"{self.name}={text}" if self.place == "query" else ""]))
        headers = {"authorization": OPERATOR} | ({self.name: text.encode()} if self.place == "header" else {})
        return raw(client, path, query, method=method, **headers)

    def texts(self) -> tuple[str, ...]:
        found = escaped()
        if self.place == "query" and self.name not in OWN:
            first = sum(self.name.encode()) % SHARE
            return found[first::SHARE]
        return found


def aims() -> list[Aim]:
    found = []
    for name, (_, _, operation) in OPERATIONS.items():
        for parameter in operation.get("parameters", []):
            if "$ref" not in parameter:
                found.append(Aim(name, parameter["in"], parameter["name"]))
    return found


def harmless(answer: Raw, text: str) -> None:
    """What holds for every answer."""
    tells = TELLS.search(answer.body)
    assert not tells, (text, answer.body)
    assert 200 <= answer.status < 500 or b"not set up" in answer.body, (text, answer.status, answer.body)
    assert all(b"\r" not in value and b"\n" not in value for _, value in answer.headers), answer.headers
    assert b"evil" not in b"".join(name.lower() for name, _ in answer.headers)
    kind = answer.header(b"content-type")
    assert kind == (b"application/json" if answer.status < 300 else b"application/problem+json")
    if answer.status >= 400:
        assert json.loads(answer.body)["status"] == answer.status


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_text_in_a_parameter_is_only_compared(client, conn, operation):
    mine = [aim for aim in aims() if aim.operation == operation]
    assert mine or "{" not in OPERATIONS[operation][0]
    statuses = set()
    for aim in mine:
        for text in aim.texts():
            answer = aim.ask(client, text)
            harmless(answer, text)
            statuses.add(answer.status)
            if answer.status == 200:
                _compare(conn, aim, text, json.loads(answer.body))
    if operation.removeprefix("list_") in resources():
        assert statuses >= {200, 422}, "some are values, some are refused"


def _compare(conn, aim: Aim, text: str, body: dict[str, Any]) -> None:
    """That an answer has the rows that PostgreSQL finds by an equation with a parameter."""
    kind, _, table = aim.operation.partition("_")
    resource = resources().get(table)
    value = unquote_to_bytes(text.replace("+", " ")).decode("utf-8", "replace")
    if kind == "get" and aim.name == "key" and resource is not None:
        assert str(body["data"]["id"]) == value or body["data"][resource.key].lower() == value.lower()
    if kind != "list" or resource is None or aim.name in OWN or aim.place != "query":
        return
    member, _, bound = aim.name.partition(".")
    type_ = resource.table.stored_type(member)
    compared = float(value) if type_ == "float8" else value
    column = quote(resource.table.physical(member))
    if type_ == "text":
        equation = f"lower({column}) = lower(%s)"
    elif type_ == "text[]":
        equation = f"lower(%s) = ANY (SELECT lower(word) FROM unnest({column}) word)"
    elif member in {each.name for each in resource.table.references} and not value.isdecimal():
        assert body["data"] == [], text  # No key of the made-up rows is one of the texts.
        return
    else:
        equation = f"{column} {BOUNDS[bound]} %s::{type_}"
    wanted = rows(conn, f"SELECT id FROM homecoming_v1.{table} WHERE {equation} ORDER BY id", (compared,))
    assert [(row["id"],) for row in body["data"]] == wanted, (aim, text)


@pytest.mark.parametrize("text", ["%25", "_", "%5C%25", "*", ".*", "%26%7C!", "%3A*"])
def test_a_pattern_in_a_search_finds_no_more_than_itself(client, text):
    answer = raw(client, "/v1/realms/homecoming/search", f"q={text}&limit=50")
    assert answer.status == 200
    literal = unquote_to_bytes(text).decode()
    for hit in json.loads(answer.body)["data"]:
        assert any(literal in (hit[part] or "") for part in ("key", "display_name", "excerpt")), hit


HEADERS = (
    *("if_none_match", "mids_at_least", "cookie", "authorization", "host", "x_forwarded_for", "x_forwarded_host"),
    *("accept", "accept_encoding", "content_type", "range", "origin", "referer", "user_agent", "traceparent"),
)


@pytest.mark.parametrize("name", HEADERS)
def test_a_text_in_a_header_changes_nothing(client, name):
    plain = raw(client, "/v1/realms/homecoming/powers", "limit=2").body
    for text in TEXTS:
        sent = re.sub(rb"[\x00\r\n]", b"", text.encode())  # Those the server never lets through.
        forms = {
            "cookie": (sent, b"mids_seen=" + sent, b"mids_seen=homecoming:" + sent),
            "authorization": (b"Bearer " + sent, sent),
        }
        for value in forms.get(name, (sent,)):
            answer = raw(client, "/v1/realms/homecoming/powers", "limit=2", **{name: value})
            if answer.status == 503:  # A number of a publish that is not there yet.
                assert name in ("mids_at_least", "cookie") and sent.isdigit() and len(sent) <= 18
                continue
            harmless(answer, text)
            assert answer.body == plain or answer.status in (401, 422), (value, answer.status)


@pytest.mark.parametrize("operation", [name for name, each in OPERATIONS.items() if "requestBody" in each[2]])
def test_a_text_in_a_body_is_refused_or_only_a_value(client, operation):
    path, method, described = OPERATIONS[operation]
    schema = described["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    fields = list(DOCUMENT["components"]["schemas"][schema].get("properties", {}))
    for name, value in REAL.items():
        path = path.replace(f"{{{name}}}", value)
    for text in TEXTS:
        for body in ({each: text} for each in [*fields, "unknown"]):
            answer = raw(
                client,
                path,
                method=method,
                body=json.dumps(body).encode(),
                authorization=OPERATOR,
                content_type=b"application/json",
            )
            harmless(answer, text)
            assert answer.status >= 400, "there is no Dagster that could do it"


def test_a_parameter_that_stands_twice_is_refused(client):
    for path, query in (
        ("powers", "limit=1&limit=2"),
        ("powers", "full_name=a&full_name=b"),
        ("powers/1", "fields=id&fields=name"),
        ("search", "q=a&q=b"),
        ("archetypes/1/modifiers", "level=1&level=2"),
    ):
        answer = raw(client, f"/v1/realms/homecoming/{path}", query)
        assert (answer.status, json.loads(answer.body)["field"]) == (422, query.partition("=")[0])


@pytest.mark.parametrize(
    "text", ["٣", "１", "0x10", "1_000", "+1", "%201", "1e400", "NaN", "0000000000000000000005", "9" * 400]
)
def test_what_is_no_number_is_none(client, text):
    for name in ("level_available", "accuracy"):
        if (name, text) == ("accuracy", "0000000000000000000005"):
            continue
        answer = raw(client, "/v1/realms/homecoming/powers", f"{name}={text}".encode().decode("latin-1"))
        assert answer.status == 422, (name, text, answer.body)
