"""The guard before an application that tells who came through: tokens, roles, limits, and how a refusal looks."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import pytest

from mids_assets.api.access.guard import CALLER, Guard
from mids_assets.api.access.rates import Rates
from mids_assets.api.access.tokens import Tokens, signed_token
from mids_assets.api.services import Services
from mids_assets.api.settings import ApiSettings

SETTINGS = ApiSettings(jwt_secret="a secret of more than thirty-two bytes", login="token", rate=0)
OPEN = ApiSettings(jwt_secret=SETTINGS.jwt_secret, rate=0)
DATA = "/v1/realms/homecoming/powers"


async def inner(scope: Any, receive: Any, send: Any) -> None:
    """Says who came through."""
    caller = scope["state"][CALLER] if CALLER in scope.get("state", {}) else None
    body = json.dumps(caller and [caller.subject, sorted(caller.roles)]).encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


def token(*roles: str, settings: ApiSettings = SETTINGS, subject: str = "olga") -> dict[str, str]:
    return {"Authorization": f"Bearer {signed_token(settings, subject, roles, 60)}"}


Get = Callable[..., Coroutine[Any, Any, httpx.Response]]


def asking(settings: ApiSettings, ask: Callable[[Get], Coroutine[Any, Any, None]]) -> None:
    """Run `ask` with a function that makes one request of its own connection, from an address that it names."""

    async def run() -> None:
        services = Services()
        services.tokens, services.rates = Tokens(settings), Rates.of(settings)
        guard = Guard(inner, services, login=settings.login)

        async def get(path: str = DATA, *, method: str = "GET", address: str = "192.0.2.1", **more: Any) -> Any:
            transport = httpx.ASGITransport(guard, client=(address, 1234))
            async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
                return await client.request(method, path, **more)

        await ask(get)

    asyncio.run(run())


def problem(answer: httpx.Response, status: int) -> str:
    """The sentence of a refusal, which has the shape of all."""
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert answer.headers["Cache-Control"] == "no-store"
    body = answer.json()
    assert body["status"] == status and body["type"] == "about:blank"
    return body["detail"]


def test_without_a_token_nothing_is_read_where_one_is_demanded():
    async def ask(get: Get) -> None:
        for path in (DATA, "/v1/realms", "/v1/docs/", "/v1/", "/v1/meta/", "/v1//meta"):
            answer = await get(path)
            problem(answer, 401)
            # There is no error to name where nothing was sent (RFC 6750).
            assert answer.headers["WWW-Authenticate"] == 'Bearer realm="mids-assets"'
        for path in ("/", "/assets/page.js", "/v1/meta", "/v1/openapi.json", "/v1/docs", "/healthz", "/readyz"):
            assert (await get(path)).status_code == 200

    asking(SETTINGS, ask)


def test_each_role_may_what_it_may():
    async def ask(get: Get) -> None:
        for roles in (("viewer",), ("operator",)):
            answer = await get(headers=token(*roles))
            assert answer.json() == ["olga", list(roles)]
        answer = await get(headers=token())
        assert problem(answer, 403) == "This needs the role viewer."
        assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]
        assert 'scope="viewer"' in answer.headers["WWW-Authenticate"]

    asking(SETTINGS, ask)


def test_where_everybody_reads_a_token_is_taken_note_of():
    async def ask(get: Get) -> None:
        assert (await get()).json() is None
        assert (await get(headers=token(settings=OPEN))).json() == ["olga", []]

    asking(OPEN, ask)


def test_a_token_that_is_no_good_is_refused_also_where_none_is_needed():
    async def ask(get: Get) -> None:
        for path in (DATA, "/v1/meta", "/"):
            answer = await get(path, headers={"Authorization": "Bearer eyJhbGciOiJub25lIn0.e30."})
            problem(answer, 401)
            assert 'error="invalid_token", error_description="' in answer.headers["WWW-Authenticate"]
        good = token("operator", settings=OPEN)["Authorization"]
        for spelling in (good.replace("Bearer", "bearer"), good.replace("Bearer ", "BEARER   "), f"{good}  "):
            assert (await get(headers={"Authorization": spelling})).json() == ["olga", ["operator"]]
        for other in ("Basic b2xnYTp4", "Bearer", good.replace(" ", ""), good.replace("Bearer", "Token"), ""):
            answer = await get(headers={"Authorization": other})
            assert answer.status_code == 401 if other == "Bearer" else answer.json() is None

    asking(OPEN, ask)


def test_of_two_tokens_none_counts():
    async def ask(get: Get) -> None:
        both = [("Authorization", token(*roles)["Authorization"]) for roles in (("viewer",), ("operator",))]
        answer = await get(headers=both)
        problem(answer, 400)
        assert 'error="invalid_request"' in answer.headers["WWW-Authenticate"]

    asking(SETTINGS, ask)


def test_a_token_counts_in_the_header_alone():
    async def ask(get: Get) -> None:
        value = token("operator")["Authorization"].removeprefix("Bearer ")
        problem(await get(f"{DATA}?access_token={value}"), 401)
        problem(await get(headers={"Cookie": f"Authorization=Bearer {value}; access_token={value}"}), 401)
        problem(await get(method="POST", data={"access_token": value}), 401)

    asking(SETTINGS, ask)


def test_keys_that_cannot_be_had_are_no_fault_of_the_caller(tmp_path):
    settings = ApiSettings(jwks=str(tmp_path / "none"), audience="planner", rate=0)

    async def ask(get: Get) -> None:
        answer = await get(headers=token("operator"))
        problem(answer, 503)
        assert answer.headers["Retry-After"]
        assert (await get()).status_code == 200

    asking(settings, ask)


def test_a_refusal_is_logged_with_who_and_what_and_never_the_token(caplog):
    async def ask(get: Get) -> None:
        sent = token(subject="victor")
        await get("/v1/realms/homecoming/powers?x=1", headers=sent)
        await get("/v1/a%0Ab", headers={"Authorization": "Bearer abc.def.ghi"}, address="2001:db8::7")
        secrets = (sent["Authorization"].split(".")[-1], "abc.def.ghi")
        assert not [secret for secret in secrets if secret in caplog.text]

    with caplog.at_level(logging.INFO):
        asking(SETTINGS, ask)
    lines = [record.getMessage() for record in caplog.records if record.name == "mids_assets.api.access.guard"]
    assert lines == [
        "Refused with 403: GET /v1/realms/homecoming/powers, subject victor",
        "Refused with 401: GET /v1/a?b, address 2001:db8::/64",
    ]


# ---- Limits

FEW = ApiSettings(jwt_secret=SETTINGS.jwt_secret, rate=60, burst=5)


async def passed(get: Get, times: int = 8, **more: Any) -> int:
    return sum([(await get(**more)).status_code != 429 for _ in range(times)])


@pytest.fixture(autouse=True)
def stopped(monkeypatch) -> None:
    """No bucket fills while a test runs."""
    moment = time.monotonic()
    monkeypatch.setattr("mids_assets.api.access.rates.time.monotonic", lambda: moment)


def test_each_client_has_a_bucket_of_its_own():
    async def ask(get: Get) -> None:
        assert await passed(get, address="192.0.2.1") == 5
        assert await passed(get, address="192.0.2.2") == 5
        # The same one over IPv6, as a server that listens on both sees it.
        assert await passed(get, address="::ffff:192.0.2.1") == 0
        # A household has a /64 of addresses, and so has an attacker.
        assert await passed(get, address="2001:db8:0:1::1") == 5
        assert await passed(get, address="2001:db8:0:1:ffff::2") == 0
        assert await passed(get, address="2001:db8:0:2::1") == 5
        # Whoever has a token is known by it, wherever he comes from.
        assert await passed(get, times=3, headers=token("viewer"), address="192.0.2.1") == 3
        assert await passed(get, headers=token("operator"), address="192.0.2.9") == 2
        assert await passed(get, headers=token("viewer", subject="victor"), address="192.0.2.1") == 5

    asking(FEW, ask)


def test_a_refusal_says_when_to_come_again():
    async def ask(get: Get) -> None:
        assert await passed(get) == 5
        answer = await get()
        assert "60 requests a minute" in problem(answer, 429)
        assert answer.headers["Retry-After"] == "1"
        assert answer.headers["RateLimit-Policy"] == '"client";q=60;w=60'
        assert answer.headers["RateLimit"] == '"client";r=0;t=1'
        # Whoever asks whether the server lives is not counted.
        assert (await get("/healthz")).status_code == 200

    asking(FEW, ask)


def test_who_tries_out_tokens_is_slowed_down():
    async def ask(get: Get) -> None:
        wrong = {"Authorization": "Bearer abc"}
        statuses = [(await get(headers=wrong)).status_code for _ in range(8)]
        assert statuses == [401] * 5 + [429] * 3

    asking(FEW, ask)


def test_a_bucket_fills_with_time(monkeypatch):
    start = time.monotonic()

    async def ask(get: Get) -> None:
        assert await passed(get) == 5
        for seconds, again in ((0.9, 0), (1.1, 1), (3.2, 2), (1000, 5)):
            monkeypatch.setattr("mids_assets.api.access.rates.time.monotonic", lambda at=start + seconds: at)
            assert await passed(get) == again

    asking(FEW, ask)


def test_without_redis_each_process_gives_its_share():
    settings = ApiSettings(rate=60, burst=6, processes=3)

    async def ask(get: Get) -> None:
        assert await passed(get) == 2

    asking(settings, ask)
