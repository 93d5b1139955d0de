"""Settings of tokens and limits, and the command that makes a token of them."""

from __future__ import annotations

import asyncio

import pytest
from typer.testing import CliRunner

from mids_assets.api.access.tokens import Tokens
from mids_assets.api.settings import ApiSettings
from mids_assets.cli import app
from mids_assets.errors import UserError
from mids_assets.redaction import redact

SECRET = "a secret of more than thirty-two bytes"


def read(**env: str) -> ApiSettings:
    return ApiSettings.from_env({f"MIDS_API_{name}": value for name, value in env.items()})


def test_without_any_everybody_reads_and_nobody_floods():
    found = read()
    assert (found.login, found.rate, found.burst, found.roles_claim) == ("none", 1200, 300, "roles")
    assert (found.jwt_secret, found.jwks, found.audience, found.issuer) == (None, None, None, None)
    assert read(RATE="10").burst == 2 and read(RATE="0").rate == 0 and read(BURST="7").burst == 7


def test_people_find_dagster_where_the_api_does_unless_it_is_said():
    env = {"MIDS_DAGSTER_URL": "http://web:3000/"}
    assert ApiSettings.from_env(env).dagster_page == "http://web:3000"
    found = ApiSettings.from_env({**env, "MIDS_DAGSTER_PAGE_URL": "https://dagster.example.org"})
    assert (found.dagster_url, found.dagster_page) == ("http://web:3000", "https://dagster.example.org")
    assert ApiSettings().dagster_page is None


@pytest.mark.parametrize(
    ("env", "lacking"),
    [
        ({"LOGIN": "yes"}, "MIDS_API_LOGIN='yes'"),
        ({"LOGIN": "token"}, "MIDS_API_JWT_SECRET or MIDS_API_JWKS"),
        ({"JWT_SECRET": "short"}, "fewer than 32 bytes"),
        ({"JWT_SECRET": SECRET, "JWKS": "/keys.json", "AUDIENCE": "planner"}, "both set"),
        ({"JWKS": "http://login.example/keys", "AUDIENCE": "planner"}, "neither an https address nor a file"),
        ({"JWKS": "https://login.example/keys"}, "needs MIDS_API_AUDIENCE"),
        ({"LAUNCH_KEY": "short"}, "fewer than 32 bytes"),
        ({"RATE": "-1"}, "MIDS_API_RATE='-1'"),
        ({"BURST": "0"}, "MIDS_API_BURST='0'"),
    ],
)
def test_what_cannot_be_used_is_told_and_no_secret_with_it(env, lacking):
    with pytest.raises(UserError) as caught:
        read(**env)
    assert lacking in str(caught.value)
    assert not [secret for secret in ("short", SECRET) if secret in str(caught.value)]


def test_a_secret_is_shown_nowhere(tmp_path):
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    found = read(JWT_SECRET_FILE=str(file), LAUNCH_KEY=f"{SECRET} 2")
    assert (found.jwt_secret, found.warehouse.api_launch_key) == (SECRET, f"{SECRET} 2")
    assert SECRET not in repr(found)
    assert SECRET not in redact(f"it says {SECRET} here")


def test_the_command_makes_a_token_that_counts(monkeypatch):
    monkeypatch.setenv("MIDS_API_JWT_SECRET", SECRET)
    done = CliRunner().invoke(app, ["token", "--subject", "olga", "--role", "operator", "--days", "7"])
    assert done.exit_code == 0, done.output
    found = asyncio.run(Tokens(ApiSettings(jwt_secret=SECRET)).caller(done.output.strip().encode()))
    assert (found.subject, found.roles) == ("olga", {"operator"})


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(["--role", "admin"], "a role is one of viewer, operator"), (["--role", "viewer", "--subject", " "], "--subject")],
)
def test_the_command_says_what_is_wrong(monkeypatch, arguments, told):
    monkeypatch.setenv("MIDS_API_JWT_SECRET", SECRET)
    done = CliRunner().invoke(app, ["token", "--subject", "olga", *arguments])
    assert isinstance(done.exception, UserError) and told in str(done.exception)
