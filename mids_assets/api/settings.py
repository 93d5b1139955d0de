"""The settings of the API alone: what `mids serve` reads from the environment beside `mids_assets.settings`.

Does not belong here: anything that acts on a setting; settings that the rest of the project knows as well.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any

from mids_assets.api.limits import Limits
from mids_assets.errors import UserError
from mids_assets.redaction import remember_secret, remember_word
from mids_assets.secret_files import require_long_key, secret
from mids_assets.settings import MIB, Settings

LOGINS = ("none", "token")
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")


@dataclass(frozen=True)
class ApiSettings:
    """Everything that can be configured of the API. Build it with `from_env`; tests use the constructor."""

    warehouse: Settings = field(default_factory=Settings)
    """Where the database is, and what else the whole project is told."""
    read_database_url: str | None = field(default=None, repr=False)
    """MIDS_READ_DATABASE_URL: a replica that is read first; unset = MIDS_DATABASE_URL, else the embedded server."""
    redis_url: str | None = field(default=None, repr=False)
    """MIDS_REDIS_URL: a Redis that all processes of the API share; unset = each has its own cache alone."""
    cache_bytes: int = 64 * MIB
    """MIDS_API_CACHE_MIB: so much each process keeps of its latest answers; 0 = none."""
    database_connections: int = 8
    """MIDS_API_DATABASE_CONNECTIONS: so many connections each process keeps to the database it reads."""
    connections: int = Limits.connections
    """MIDS_API_CONNECTIONS: so many clients are connected to one process at once."""
    proxies: tuple[str, ...] = ()
    """MIDS_API_PROXIES: addresses and networks of the proxies before the API, whose X-Forwarded-For is believed."""
    processes: int = 1
    """How many processes of this server answer; `mids serve --workers` says it to each."""
    dagster_url: str | None = None
    """MIDS_DAGSTER_URL: Dagster's web server, which operators' calls go to."""
    dagster_page_url: str | None = None
    """MIDS_DAGSTER_PAGE_URL: where people find its UI, as behind a proxy with logins; unset = the same."""
    origins: tuple[str, ...] = ()
    """MIDS_API_ORIGINS: web sites whose pages may read the API from a browser."""
    login: str = "none"
    """MIDS_API_LOGIN: none = everybody reads; token = reading needs a token with a role. Operators always need one."""
    jwt_secret: str | None = field(default=None, repr=False)
    """MIDS_API_JWT_SECRET: tokens are signed with it (HS256)."""
    jwks: str | None = None
    """MIDS_API_JWKS: https address or file of the public keys of whoever issues the tokens (RS256, ES256)."""
    audience: str | None = None
    """MIDS_API_AUDIENCE: whom a token has to be meant for (`aud`)."""
    issuer: str | None = None
    """MIDS_API_ISSUER: whom a token has to be from (`iss`)."""
    roles_claim: str = "roles"
    """MIDS_API_ROLES_CLAIM: claim that holds the roles: a list, or one text with blanks between."""
    rate: int = 1200
    """MIDS_API_RATE: requests a minute and client; 0 = no limit."""
    burst: int = 300
    """MIDS_API_BURST: so many at once, after a time without any; unset = a quarter of the rate."""

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> ApiSettings:
        """Raises `UserError` that names the setting and says what it takes."""
        env = os.environ if env is None else env
        return cls(
            warehouse=Settings.from_env(env),
            read_database_url=_secret(env, "MIDS_READ_DATABASE_URL"),
            redis_url=_redis(_secret(env, "MIDS_REDIS_URL")),
            cache_bytes=_whole(env, "MIDS_API_CACHE_MIB", 64, least=0) * MIB,
            database_connections=_whole(env, "MIDS_API_DATABASE_CONNECTIONS", 8, least=1),
            connections=_whole(env, "MIDS_API_CONNECTIONS", Limits.connections, least=10),
            proxies=_networks(env, "MIDS_API_PROXIES"),
            dagster_url=_web_address(env, "MIDS_DAGSTER_URL"),
            dagster_page_url=_web_address(env, "MIDS_DAGSTER_PAGE_URL"),
            origins=_origins(env, "MIDS_API_ORIGINS"),
            **_access(env),
        )

    @property
    def dagster_page(self) -> str | None:
        """Address under which people open Dagster's UI."""
        return self.dagster_page_url or self.dagster_url


def _access(env: Mapping[str, str]) -> dict[str, Any]:
    """Tokens and limits."""
    key, jwks = _key(env, "MIDS_API_JWT_SECRET"), env.get("MIDS_API_JWKS", "").strip()
    audience = env.get("MIDS_API_AUDIENCE", "").strip()
    login = env.get("MIDS_API_LOGIN", "").strip() or LOGINS[0]
    if login not in LOGINS:
        raise UserError(f"MIDS_API_LOGIN={login!r} is neither {' nor '.join(LOGINS)}")
    if key and jwks:
        raise UserError("MIDS_API_JWT_SECRET and MIDS_API_JWKS are both set: tokens are signed in one way")
    if login != "none" and not (key or jwks):
        raise UserError(
            f"MIDS_API_LOGIN={login} needs MIDS_API_JWT_SECRET or MIDS_API_JWKS, by which tokens are verified"
        )
    if "://" in jwks and not jwks.startswith("https://"):
        raise UserError(f"MIDS_API_JWKS={jwks!r} is neither an https address nor a file")
    if jwks and not audience:
        raise UserError("MIDS_API_JWKS needs MIDS_API_AUDIENCE: its issuer makes tokens for other programs as well")
    rate = _whole(env, "MIDS_API_RATE", 1200, least=0)
    return {
        "login": login,
        "jwt_secret": key,
        "jwks": jwks or None,
        "audience": audience or None,
        "issuer": env.get("MIDS_API_ISSUER", "").strip() or None,
        "roles_claim": env.get("MIDS_API_ROLES_CLAIM", "").strip() or "roles",
        "rate": rate,
        "burst": _whole(env, "MIDS_API_BURST", max(1, rate // 4), least=1),
    }


def _key(env: Mapping[str, str], name: str) -> str | None:
    """A secret that signs or proves something. Raises `UserError` for a short one, which can be guessed."""
    text = secret(env, name).strip()
    require_long_key(name, text)
    remember_word(text)
    return text or None


def _secret(env: Mapping[str, str], name: str) -> str | None:
    text = secret(env, name).strip()
    if text:
        remember_secret(text)
    return text or None


def _redis(address: str | None) -> str | None:
    if address and not address.startswith(("redis://", "rediss://", "unix://")):
        raise UserError("MIDS_REDIS_URL has none of the schemes redis://, rediss:// and unix://")
    return address


def _web_address(env: Mapping[str, str], name: str) -> str | None:
    address = env.get(name, "").strip().rstrip("/")
    if address and not address.startswith(("http://", "https://")):
        raise UserError(f"{name}={address!r} is no http or https address")
    return address or None


def _networks(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    found = tuple(part.strip() for part in env.get(name, "").split(",") if part.strip())
    for one in found:
        try:
            ip_network(one)
        except ValueError:
            raise UserError(
                f"{name}: {one!r} is no IP address or network; give 10.0.0.5 or 10.0.0.0/24, with commas between"
            ) from None
    return found


def _origins(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    found = tuple(part.strip() for part in env.get(name, "").split(",") if part.strip())
    for one in found:
        # As a browser sends it, or it would never be the same.
        if not _ORIGIN.fullmatch(one):
            raise UserError(
                f"{name}: {one!r} is no origin; give https://planner.example.org, with commas between, in small letters"
                " and without a path"
            )
    return found


def _whole(env: Mapping[str, str], name: str, default: int, *, least: int) -> int:
    text = env.get(name, "").strip()
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= 1_000_000:
        raise UserError(f"{name}={text!r} is no whole number from {least} to 1000000")
    return int(text)
