"""Before everything else of a request: who it is from, how often they may ask, and whether they may at all.

It stands before the cache, so that an answer is given to nobody who may not read it. Tokens come in the header alone
and never by a cookie, so no page of a stranger can have a browser send one along.
Does not belong here: verifying a token (tokens.py), counting (rates.py), who may change something (routes/).
"""

from __future__ import annotations

import ipaddress
import logging
import math
from functools import lru_cache

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from mids_assets.api.access.tokens import OPERATOR, VIEWER, Caller
from mids_assets.api.problems import RETRY_SECONDS, Problem, problem
from mids_assets.api.services import Services
from mids_assets.errors import InvalidToken, KeysUnavailable

log = logging.getLogger(__name__)

CALLER = "mids_caller"
"""Where the caller is left in the state of a request; None for somebody without a token."""
UNCOUNTED = ("/healthz", "/readyz")
"""What whoever runs the server asks all the time."""
_DATA = "/v1/"
PUBLIC = ("/v1/meta", "/v1/openapi.json", "/v1/docs", "/v1/docs.css")
"""Tell the page, like its files, whether a token is needed, and everybody what the API is; nothing of the data."""
_REALM = 'Bearer realm="mids-assets"'


class Guard:
    """The middleware."""

    def __init__(self, app: ASGIApp, services: Services, *, login: str) -> None:
        """`login`: as the setting has it."""
        self._app = app
        self._services = services
        self._login = login

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in UNCOUNTED:
            return await self._app(scope, receive, send)
        caller, refusal = None, None
        try:
            caller = await self._caller(scope)
        except Problem as error:
            refusal = error
        # Before any refusal: whoever tries out tokens is slowed down by it.
        wait = await self._services.rates.take(_name(scope, caller))
        if wait:
            return await _too_many(self._services.rates.per_minute, wait)(scope, receive, send)
        guarded = scope["path"].startswith(_DATA) and scope["path"] not in PUBLIC
        if refusal is None and self._login != "none" and guarded:
            refusal = lacks(caller, VIEWER)
        if refusal is not None:
            note(refusal, scope, caller)
            answer = problem(refusal.status_code, refusal.detail, headers=refusal.headers)
            return await answer(scope, receive, send)
        scope.setdefault("state", {})[CALLER] = caller
        await self._app(scope, receive, send)

    async def _caller(self, scope: Scope) -> Caller | None:
        """Raises `Problem` for a token that does not count, also where none is needed."""
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        if not given:
            return None
        if len(given) > 1:
            raise _challenge(400, "The header Authorization stands twice.", "invalid_request")
        scheme, _, token = given[0].strip().partition(b" ")
        if scheme.lower() != b"bearer":
            return None  # A password, which is some proxy's and not ours.
        try:
            return await self._services.tokens.caller(token.strip())
        except InvalidToken as error:
            raise _challenge(401, str(error), "invalid_token") from None
        except KeysUnavailable as error:
            raise Problem(503, str(error), headers={"Retry-After": RETRY_SECONDS}) from None


def lacks(caller: Caller | None, role: str) -> Problem | None:
    """The refusal of somebody who lacks a role, None for who has it. Operators may do all that viewers may."""
    if caller is None:
        return _challenge(401, f"This needs a token of the role {role}, as: Authorization: Bearer TOKEN")
    if role in caller.roles or OPERATOR in caller.roles:
        return None
    return _challenge(403, f"This needs the role {role}.", "insufficient_scope", role)


def note(refusal: Problem, scope: Scope, caller: Caller | None) -> None:
    """Log who was refused what, and never the token."""
    if refusal.status_code in (401, 403):
        path = "".join(letter if letter.isprintable() else "?" for letter in scope["path"][:200])
        name = _name(scope, caller)
        log.warning("Refused with %d: %s %s, %s", refusal.status_code, scope["method"], path, name)


def _too_many(per_minute: int, wait: float) -> Response:
    seconds = math.ceil(wait)
    headers = {
        "Retry-After": str(seconds),
        "RateLimit-Policy": f'"client";q={per_minute};w=60',
        "RateLimit": f'"client";r=0;t={seconds}',
    }
    return problem(429, f"More than {per_minute} requests a minute; come again in {seconds} s.", headers=headers)


def _challenge(status: int, detail: str, error: str | None = None, scope: str | None = None) -> Problem:
    """A refusal as RFC 6750 (OAuth 2.0 bearer tokens) has it; without a token there is no error to name."""
    challenge = _REALM
    if error:
        challenge += f', error="{error}", error_description="{detail}"'
    if scope:
        challenge += f', scope="{scope}"'
    return Problem(status, detail, headers={"WWW-Authenticate": challenge})


def _name(scope: Scope, caller: Caller | None) -> str:
    """Who a client is: the subject of its token, else where the connection comes from, or what a proxy says that the
    server was told to believe."""
    if caller is not None:
        return f"subject {caller.subject}"
    client = scope.get("client")
    return _network(client[0]) if client else "unknown"


@lru_cache(maxsize=4096)
def _network(host: str) -> str:
    """An address of IPv6 counts by its /64, all of which one household or server has."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return f"address {host}"
    if isinstance(address, ipaddress.IPv4Address):
        return f"address {address}"
    if address.ipv4_mapped:
        return f"address {address.ipv4_mapped}"
    return f"address {ipaddress.ip_network((int(address), 64), strict=False)}"
