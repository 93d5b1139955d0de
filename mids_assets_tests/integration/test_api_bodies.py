"""Bodies that are no JSON, say two things, are nested without end or unpack to gigabytes: refused, and nothing happens.

How large a body may be and how slowly it may come is held by unit/api/test_connection.py.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from starlette.testclient import TestClient

from mids_assets.api.access.tokens import signed_token
from mids_assets.api.settings import ApiSettings
from mids_assets.warehouse.connection import connect
from mids_assets_tests.api_client import raw, serving
from mids_assets_tests.made_up import made_up
from mids_assets_tests.published import go

KEY = "a-key-of-at-least-thirty-two-bytes-for-tests"
OPERATOR = f"Bearer {signed_token(ApiSettings(jwt_secret=KEY), 'somebody', ['operator'], 3600)}".encode()
JSON = b"application/json"
PATHS = ("imports", f"releases/{'0' * 16}/accept", "rollback")
BODIES = {
    "nothing": b"",
    "half": b'{"reason": "a',
    "two": b'{"reason": "a"} {"reason": "b"}',
    "list": b"[]",
    "text": b'"reason"',
    "number": b"1",
    "deep list": b"[" * 60_000,
    "deep object": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "name twice": b'{"reason": "a", "reason": "b"}',
    "NaN": b'{"reason": NaN}',
    "Infinity": b'{"reason": -Infinity}',
    "huge number": b'{"reason": ' + b"9" * 50_000 + b"}",
    "huge exponent": b'{"reason": 1e999999999}',
    "no UTF-8": b'{"reason": "\xff\xfe"}',
    "UTF-16": '{"reason": "a"}'.encode("utf-16"),
    "half a pair": b'{"reason": 1, "source": "\\ud800"}',
    "NUL": b'{"reason": "a\\u0000b", "source": "a\\u0000b", "release": "\\u0000"}',
    "other fields": b'{"reason": "a", "__class__": "os", "constructor": {"prototype": 1}}',
}


@pytest.fixture(scope="module")
def client(server, tmp_path_factory) -> Iterator[TestClient]:
    with closing(connect(server, application_name="test")) as conn:
        go(conn, server, made_up(3).write(tmp_path_factory.mktemp("build") / "tables"))
    with serving(server, jwt_secret=KEY) as found:
        yield found


def sent(client: TestClient, path: str, body: bytes, **headers: Any) -> tuple[int, str]:
    """Status and sentence of the refusal."""
    answer = raw(client, f"/v1/realms/homecoming/{path}", method="POST", body=body, **headers)
    assert answer.header(b"content-type") == b"application/problem+json", answer
    return answer.status, json.loads(answer.body)["detail"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_is_no_plain_object_is_refused(client, path, name):
    status, detail = sent(client, path, BODIES[name], content_type=JSON, authorization=OPERATOR)
    assert status in (400, 422), (status, detail)
    assert "Traceback" not in detail and len(detail) < 300


@pytest.mark.parametrize(
    "kind", [b"text/plain", b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=x", b"", b"text/json"]
)
def test_what_a_form_of_another_site_sends_is_refused(client, kind):
    for body in (
        b'{"source": null}',
        b"source=a",
        b'--x\r\nContent-Disposition: form-data; name="source"\r\n\r\na\r\n--x--',
    ):
        status, _ = sent(client, "imports", body, content_type=kind, authorization=OPERATOR)
        assert status in (415, 422), (kind, body)


@pytest.mark.parametrize("encoding", [b"gzip", b"deflate", b"br", b"zstd", b"identity, gzip"])
def test_a_body_that_is_compressed_is_never_unpacked(client, encoding):
    bomb = gzip.compress(b'{"reason": "' + b"a" * 20_000_000 + b'"}')
    assert len(bomb) < 64 * 1024
    status, _ = sent(client, "rollback", bomb, content_type=JSON, content_encoding=encoding, authorization=OPERATOR)
    assert status in (400, 422)


def test_a_body_is_not_even_looked_at_where_only_is_read(client):
    plain = raw(client, "/v1/realms/homecoming/powers", "limit=1")
    for body in BODIES.values():
        answer = raw(client, "/v1/realms/homecoming/powers", "limit=1", body=body, content_type=JSON)
        assert (answer.status, answer.body) == (200, plain.body)
