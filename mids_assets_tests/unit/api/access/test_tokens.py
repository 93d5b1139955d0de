"""Tokens: what is one, and every known way to make something that only looks like one."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st
from jwt.algorithms import RSAAlgorithm

from mids_assets.api.access import tokens as module
from mids_assets.api.access.tokens import LONGEST_TOKEN, Caller, Tokens, signed_token
from mids_assets.api.settings import ApiSettings
from mids_assets.errors import InvalidToken, UserError
from mids_assets_tests.unit.api.access.key_server import Issuer

SECRET = "a secret of more than thirty-two bytes"
SETTINGS = ApiSettings(jwt_secret=SECRET, audience="planner", issuer="https://login.example")


def claims(**more: Any) -> dict[str, Any]:
    now = int(time.time())
    given = {"sub": "olga", "aud": "planner", "iss": "https://login.example", "exp": now + 600, "roles": ["operator"]}
    return {name: value for name, value in {**given, **more}.items() if value is not None}


def signed(header: dict[str, Any] | str, payload: dict[str, Any] | str, secret: str | bytes = SECRET) -> bytes:
    """A token by hand, so that header and claims may be what no library writes."""
    texts = (each if isinstance(each, str) else json.dumps(each) for each in (header, payload))
    head = b".".join(_base64(text.encode()) for text in texts)
    key = secret.encode() if isinstance(secret, str) else secret
    return head + b"." + _base64(hmac.new(key, head, hashlib.sha256).digest())


def _base64(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


HEADER = {"alg": "HS256", "typ": "JWT"}


def caller(token: bytes, settings: ApiSettings = SETTINGS) -> Caller:
    return asyncio.run(Tokens(settings).caller(token))


def refused(token: bytes, settings: ApiSettings = SETTINGS) -> str:
    with pytest.raises(InvalidToken) as caught:
        caller(token, settings)
    return str(caught.value)


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    issuer = Issuer()
    issuer.add("rsa")
    issuer.add("curve", "ES256")
    return issuer


@pytest.fixture
def published(issuer, tmp_path) -> ApiSettings:
    file = tmp_path / "keys.json"
    file.write_bytes(issuer.document)
    return ApiSettings(jwks=str(file), audience="planner", issuer="https://login.example")


# ---- What counts


def test_a_good_token_says_who_and_which_roles():
    found = caller(signed(HEADER, claims(exp=2_000_000_000)))
    assert found == Caller("olga", frozenset({"operator"}), 2_000_000_030)


@pytest.mark.parametrize(
    ("given", "roles"),
    [
        ("viewer operator", {"viewer", "operator"}),
        ("viewer", {"viewer"}),
        (["operator", "admin", "Viewer"], {"operator"}),
        ("", set()),
        ([], set()),
        (None, set()),
    ],
)
def test_roles_are_a_list_or_a_text_and_those_of_others_are_none(given, roles):
    assert caller(signed(HEADER, claims(roles=given))).roles == roles


def test_the_claim_of_the_roles_has_the_name_that_is_set():
    settings = ApiSettings(jwt_secret=SECRET, roles_claim="https://mids/roles")
    given = claims(aud=None, **{"https://mids/roles": "viewer"})
    assert caller(signed(HEADER, given), settings).roles == {"viewer"}


@pytest.mark.parametrize(("name", "kind"), [("rsa", "RS256"), ("curve", "ES256")])
def test_published_keys_verify_what_their_owner_signed(issuer, published, name, kind):
    assert caller(issuer.token(claims(), name, kind), published).subject == "olga"


def test_clocks_may_differ_by_half_a_minute_and_no_more():
    now = int(time.time())
    assert caller(signed(HEADER, claims(exp=now - 20, nbf=now + 20, iat=now + 20))).subject == "olga"
    assert "expired" in refused(signed(HEADER, claims(exp=now - 40)))
    for name in ("nbf", "iat"):
        assert "not valid yet" in refused(signed(HEADER, claims(**{name: now + 60})))


def test_a_token_that_was_made_here_counts_here():
    token = signed_token(SETTINGS, "olga", ["operator"], 60).encode()
    assert caller(token).roles == {"operator"}
    for settings, subject, roles in [
        (ApiSettings(), "olga", ["viewer"]),
        (SETTINGS, "olga", ["admin"]),
        (SETTINGS, " ", ["viewer"]),
        (SETTINGS, "olga\n", ["viewer"]),
    ]:
        with pytest.raises(UserError):
            signed_token(settings, subject, roles, 60)


# ---- What does not


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", None, "HS384", "HS512", "RS256", "ES256", 256, []])
def test_the_token_does_not_choose_its_algorithm(algorithm):
    header = {"typ": "JWT"} if algorithm is None else {"typ": "JWT", "alg": algorithm}
    refused(signed(header, claims()))
    refused(b".".join(signed(header, claims()).split(b".")[:2]) + b".")


def test_a_public_key_is_no_secret(issuer, published):
    """RS256 is set up, and the attacker signs by HS256 with what everybody can fetch, in each of its spellings."""
    key = issuer.private["rsa"].public_key()
    spellings = [
        key.public_bytes(encoding, form)
        for encoding in (serialization.Encoding.PEM, serialization.Encoding.DER)
        for form in (serialization.PublicFormat.SubjectPublicKeyInfo, serialization.PublicFormat.PKCS1)
    ]
    spellings += [spellings[0].strip(), issuer.document, json.dumps(issuer.published[0]).encode(), b"rsa", b""]
    for spelling in spellings:
        for kid in ("rsa", "curve", "none"):
            refused(signed({**HEADER, "kid": kid}, claims(), spelling), published)


def test_each_key_verifies_its_own_algorithm_alone(issuer, published):
    token = issuer.token(claims(), "rsa")
    for header in ({"alg": "ES256", "kid": "rsa"}, {"alg": "RS512", "kid": "rsa"}, {"alg": "RS256", "kid": "curve"}):
        parts = token.split(b".")
        refused(b".".join([_base64(json.dumps(header).encode()), *parts[1:]]), published)
    pss = jwt.encode(claims(), issuer.private["rsa"], "PS256", {"kid": "rsa"}).encode()
    refused(pss, published)


@pytest.mark.parametrize("kid", ["../../etc/passwd", "/dev/null", "rsa' OR '1'='1", "", "RSA", 7, ["rsa"], {}, None])
def test_the_name_of_a_key_is_looked_up_and_nothing_else(issuer, published, kid):
    key = issuer.private["rsa"]
    token = jwt.encode(claims(), key, "RS256").encode()
    header = {"alg": "RS256", "typ": "JWT", **({} if kid is None else {"kid": kid})}
    head = _base64(json.dumps(header).encode()) + b"." + token.split(b".")[1]
    signature = _base64(RSAAlgorithm(RSAAlgorithm.SHA256).sign(head, key))
    refused(head + b"." + signature, published)


def test_keys_that_the_token_brings_along_or_points_at_count_for_nothing(issuer, published):
    stranger = Issuer()
    entry = stranger.add("mine")
    for header in (
        {"jwk": entry},
        {"jku": "https://evil.example/keys"},
        {"x5u": "https://evil.example/cert"},
        {"x5c": ["MIIB"]},
        {"jwk": entry, "kid": "rsa"},
    ):
        refused(stranger.token(claims(), "mine", **{"kid": "mine", **header}), published)
    assert caller(issuer.token(claims(), "rsa", jku="https://evil.example/keys", jwk=entry), published)


@pytest.mark.parametrize(
    "header",
    [
        {"crit": ["exp"], "exp": 1},
        {"crit": ["b64"], "b64": True},
        {"crit": []},
        {"b64": False},
        {"crit": "b64"},
    ],
)
def test_an_extension_that_must_be_understood_is_refused(header):
    refused(signed({**HEADER, **header}, claims()))


def test_a_name_that_stands_twice_is_refused_whichever_counts():
    good = json.dumps(claims())
    for name, value in (
        ("sub", '"root"'),
        ("exp", "9999999999"),
        ("roles", '["operator"]'),
        ("other", '1, "other": 2'),
    ):
        refused(signed(HEADER, f'{good[:-1]}, "{name}": {value}}}'))
        refused(signed(HEADER, f'{{"{name}": {value}, {good[1:]}'))
    refused(signed('{"alg": "none", "alg": "HS256"}', claims()))
    refused(signed(HEADER, f'{good[:-1]}, "a": {{"b": 1, "b": 2}}}}'))


@pytest.mark.parametrize(
    "wrong",
    [
        {"exp": None},
        {"exp": "9999999999"},
        {"exp": True},
        {"exp": [1]},
        {"exp": {}},
        {"nbf": "1"},
        {"iat": "1"},
        {"iat": [0]},
        {"aud": None},
        {"aud": "another"},
        {"aud": ["another", "one"]},
        {"aud": {"planner": 1}},
        {"aud": ["planner", 1]},
        {"aud": []},
        {"iss": None},
        {"iss": "https://login.example/"},
        {"iss": ["https://login.example"]},
        {"sub": None},
        {"sub": 7},
        {"sub": ["olga"]},
        {"sub": ""},
        {"sub": "  "},
        {"sub": "o\nlga"},
        {"sub": "o" * 201},
        {"roles": {"operator": True}},
        {"roles": 1},
        {"roles": [["operator"]]},
        {"roles": ["operator", None]},
        {"roles": True},
        {"jti": 5},
    ],
    ids=str,
)
def test_a_claim_that_is_wrong_or_missing(wrong):
    refused(signed(HEADER, claims(**wrong)))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "null", "1" * 5000])
def test_a_moment_that_is_no_number(number):
    text = json.dumps(claims(exp=123456)).replace("123456", number)
    refused(signed(HEADER, text))


def test_a_token_for_somebody_is_not_taken_where_no_audience_is_set():
    refused(signed(HEADER, claims(iss=None)), ApiSettings(jwt_secret=SECRET))
    assert caller(signed(HEADER, claims(aud=None)), ApiSettings(jwt_secret=SECRET))


def test_another_secret_and_a_changed_text_are_refused():
    refused(signed(HEADER, claims(), SECRET + "x"))
    head, _, signature = signed(HEADER, claims(roles="viewer")).split(b".")
    refused(b".".join([head, _base64(json.dumps(claims()).encode()), signature]))
    refused(signed(HEADER, claims()), ApiSettings())


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b".",
        b"..",
        b"...",
        b"a.b",
        b"a.b.c",
        b"a.b.c.d",
        b"\xff\xfe.\x00.\x00",
        _base64(b"[]") + b"." + _base64(b"{}") + b".",
        _base64(b'{"alg":"HS256"}') + b"." + _base64(b"[" * 4000) + b".",
        _base64(b'{"alg":"HS256"}') + b"." + _base64(b'{"a":' * 900) + b".",
        _base64('{"alg":"HS256"}'.encode("utf-16")) + b"." + _base64(b"{}") + b".",
    ],
)
def test_what_is_no_token_at_all(text):
    refused(text)


def test_a_huge_token_is_not_even_looked_into(monkeypatch):
    token = signed(HEADER, claims(more="x" * LONGEST_TOKEN))
    monkeypatch.setattr(module, "_parts", None)
    assert "longer" in refused(token)


@given(st.binary(max_size=300))
def test_garbage_is_refused_in_one_sentence(text):
    refused(text)


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_names = st.sampled_from(["sub", "aud", "iss", "exp", "nbf", "iat", "jti", "roles"])


@given(
    st.dictionaries(_names, _values), st.dictionaries(st.sampled_from(["alg", "kid", "crit", "typ", "b64"]), _values)
)
def test_signed_garbage_is_refused_or_a_caller(changed, header):
    try:
        found = caller(signed({**HEADER, **header}, json.dumps({**claims(), **changed})))
    except InvalidToken as error:
        assert str(error).isascii() and str(error).endswith(".")
    else:
        assert found.subject.isprintable() and found.roles <= {"viewer", "operator"}


# ---- What is remembered


def test_a_good_token_is_verified_once_and_not_beyond_its_end(monkeypatch):
    tokens = Tokens(SETTINGS)
    now = int(time.time())
    token = signed(HEADER, claims(exp=now + 100))
    verified: list[bytes] = []

    def decode(given: bytes, *arguments: Any, **named: Any) -> Any:
        verified.append(given)
        if time.time() > now + 130:  # PyJWT asks another clock than the one that this test moves.
            raise jwt.ExpiredSignatureError
        return whole(given, *arguments, **named)

    whole = jwt.decode
    monkeypatch.setattr(module.jwt, "decode", decode)

    async def ask() -> None:
        first = await tokens.caller(token)
        assert await tokens.caller(token) is first
        monkeypatch.setattr(time, "time", lambda: now + 129.0)
        assert await tokens.caller(token) is first
        assert verified == [token]
        monkeypatch.setattr(time, "time", lambda: now + 131.0)
        with pytest.raises(InvalidToken, match="expired"):
            await tokens.caller(token)

    asyncio.run(ask())


def test_so_many_are_remembered_and_no_more(monkeypatch):
    monkeypatch.setattr(module, "_KEPT", 3)
    tokens = Tokens(SETTINGS)

    async def ask() -> None:
        for number in range(10):
            await tokens.caller(signed(HEADER, claims(jti=str(number))))

    asyncio.run(ask())
    assert len(tokens._known) == 3
