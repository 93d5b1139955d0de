"""OAuth2 bearer tokens as JWT: made for small installations, and told apart from all that only look like one.

Which algorithm counts is fixed by what is configured, a secret or published keys, and by nothing in the token. Does not
belong here: what a caller may do (guard.py), where keys come from (published_keys.py).
"""

from __future__ import annotations

import base64
import hashlib
import time
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import jwt

from mids_assets.api.access.published_keys import ALGORITHMS, PublishedKeys
from mids_assets.api.access.strict_json import strict_object
from mids_assets.api.settings import ApiSettings
from mids_assets.errors import InvalidToken, UserError

VIEWER, OPERATOR = "viewer", "operator"
ROLES = (VIEWER, OPERATOR)
LEEWAY_SECONDS = 30
"""Clocks may differ by so much."""
LONGEST_TOKEN = 8 * 1024
LONGEST_SUBJECT = 200
_KEPT = 4096


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom a token is of. `expires`: seconds since 1970 up to which it counts."""

    subject: str
    roles: frozenset[str]
    expires: float


class Tokens:
    """Verifies tokens, and remembers those that were good until they expire: a signature costs more than an answer."""

    def __init__(self, settings: ApiSettings) -> None:
        self._settings = settings
        self._published = PublishedKeys(settings.jwks) if settings.jwks else None
        self._generation = 0
        self._known: OrderedDict[bytes, Caller] = OrderedDict()

    async def caller(self, token: bytes) -> Caller:
        """Raises `InvalidToken`, and `KeysUnavailable` where it cannot be verified now."""
        if len(token) > LONGEST_TOKEN:
            raise InvalidToken(f"The token is longer than {LONGEST_TOKEN} bytes.")
        name = hashlib.sha256(token).digest()
        known = self._known.get(name)
        if known is not None and time.time() < known.expires:
            self._known.move_to_end(name)
            return known
        found = await self._verified(token)
        self._known[name] = found
        self._known.move_to_end(name)
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return found

    async def _verified(self, token: bytes) -> Caller:
        header, claims = _parts(token)
        if self._published:
            name = header.get("kid")
            if name is not None and not isinstance(name, str):
                raise InvalidToken("The name of the token's key is no text.")
            key = await self._published.find(name)
            if self._generation != self._published.generation:
                self._generation = self._published.generation
                self._known.clear()
            algorithms: Collection[str] = ALGORITHMS
        else:
            key, algorithms = self._settings.jwt_secret, ("HS256",)
        if not key:
            raise InvalidToken("The token is signed with a key that this server does not know.")
        try:
            jwt.decode(
                token,
                key,
                list(algorithms),
                {"require": ["exp", "sub"]},
                audience=self._settings.audience,
                issuer=self._settings.issuer,
                leeway=LEEWAY_SECONDS,
            )
        except jwt.ExpiredSignatureError:
            raise InvalidToken("The token has expired.") from None
        except jwt.PyJWTError as error:
            # Of another class than the token itself: the texts name claims, and values of headers in one place.
            raise InvalidToken(_SENTENCES.get(type(error), "The token cannot be verified.")) from None
        return Caller(_subject(claims), _roles(claims, self._settings.roles_claim), claims["exp"] + LEEWAY_SECONDS)


_SENTENCES: dict[type[jwt.PyJWTError], str] = {
    jwt.ImmatureSignatureError: "The token is not valid yet.",
    jwt.InvalidAudienceError: "The token is meant for another audience.",
    jwt.InvalidIssuerError: "The token is from another issuer.",
    jwt.InvalidAlgorithmError: "The token is signed with an algorithm that is not taken here.",
    jwt.MissingRequiredClaimError: "The token lacks a claim that is needed here.",
}


def signed_token(settings: ApiSettings, subject: str, roles: Collection[str], seconds: int) -> str:
    """A token signed with MIDS_API_JWT_SECRET, good for so long. Raises `UserError` where there is no secret, or for a
    subject or role that the API would not take."""
    if not settings.jwt_secret:
        raise UserError("MIDS_API_JWT_SECRET is not set: it signs tokens, and `mids serve` needs the same")
    if not set(roles) <= set(ROLES):
        raise UserError(f"a role is one of {', '.join(ROLES)}")
    now = int(time.time())
    claims: dict[str, Any] = {"sub": subject, "iat": now, "exp": now + seconds, settings.roles_claim: sorted(roles)}
    try:
        _subject(claims)
    except InvalidToken as error:
        raise UserError(f"--subject: {error}") from None
    claims |= {"aud": settings.audience} if settings.audience else {}
    claims |= {"iss": settings.issuer} if settings.issuer else {}
    return jwt.encode(claims, settings.jwt_secret, "HS256")


def _parts(token: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a token that is not verified yet.

    A name that stands twice, or a header that must be understood, lets two programs read two things out of one token.
    """
    try:
        header, claims, _ = (_decoded(part) for part in token.split(b"."))
        found = strict_object(header), strict_object(claims)
    except ValueError:
        raise InvalidToken("This is no JSON Web Token.") from None
    if "crit" in found[0] or "b64" in found[0]:
        raise InvalidToken("The token demands an extension that is not known here.")
    for claim in ("exp", "nbf", "iat"):
        value = found[1].get(claim, 0)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InvalidToken(f"The token's {claim} is no number.")
    return found


def _decoded(part: bytes) -> bytes:
    return base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))


def _subject(claims: dict[str, Any]) -> str:
    subject = claims["sub"]
    if not subject.strip() or len(subject) > LONGEST_SUBJECT or not subject.isprintable():
        raise InvalidToken(f"The token's subject has to be 1 to {LONGEST_SUBJECT} characters that can be printed.")
    return subject


def _roles(claims: dict[str, Any], name: str) -> frozenset[str]:
    """The roles that are known here; others are another program's."""
    given = claims.get(name, [])
    listed = given.split() if isinstance(given, str) else given
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise InvalidToken("The token's roles are neither a list of texts nor one text.")
    return frozenset(listed) & frozenset(ROLES)
