"""The public keys of whoever issues the tokens (a JSON Web Key Set): fetched once, kept, and fetched again for a name
that is not among them.

An attacker chooses the name that a token gives its key, hence at most one fetch a minute whatever is asked for; and
never the address, which is the setting's alone. Does not belong here: tokens (tokens.py).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from mids_assets.api.access.strict_json import strict_object
from mids_assets.errors import KeysUnavailable
from mids_assets.redaction import redact

log = logging.getLogger(__name__)

ALGORITHMS = ("RS256", "ES256")
FETCH_SECONDS = 5.0
MOST_BYTES = 256 * 1024
PAUSE_SECONDS = 60.0
"""Between two fetches while keys are there."""
FIRST_PAUSE_SECONDS = 5.0
"""The same while there are none, so that a server which started before its issuer does not wait for a minute."""
OLDEST_SECONDS = 3600.0
"""So old keys are fetched anew, which is how one that was withdrawn goes."""
_LEAST_RSA_BITS = 2048


class PublishedKeys:
    """The keys of one place: an https address or a file."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetching = asyncio.Lock()
        self._tried_at = self._fetched_at = float("-inf")
        self._failure = ""
        self.generation = 0
        """Grows with each fetch that brought keys: what was verified before may no longer hold."""

    async def find(self, name: str | None) -> jwt.PyJWK | None:
        """The key of that name (`kid`), or the only one for a token that names none; None where it is not published.

        Raises `KeysUnavailable` where that cannot be told, since the place did not answer.
        """
        if time.monotonic() - self._fetched_at > OLDEST_SECONDS:
            await self._fetch()
        key = self._named(name)
        if key is None:
            await self._fetch()
            key = self._named(name)
        if key is None and self._failure:
            raise KeysUnavailable(self._failure)
        return key

    def _named(self, name: str | None) -> jwt.PyJWK | None:
        if name is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(name)

    async def _fetch(self) -> None:
        """Take what is published now, unless that was tried just before; keys that are there stay where it fails."""
        async with self._fetching:
            pause = PAUSE_SECONDS if self._keys else FIRST_PAUSE_SECONDS
            if time.monotonic() - self._tried_at < pause:
                return
            self._tried_at = time.monotonic()
            try:
                async with asyncio.timeout(FETCH_SECONDS):
                    text = await self._read()
                self._keys = await asyncio.to_thread(_keys, text)
            except (OSError, ValueError, TimeoutError, httpx.HTTPError) as error:
                self._failure = "The keys for tokens cannot be read now; try again in a minute."
                log.warning("MIDS_API_JWKS cannot be read: %s", redact(str(error) or type(error).__name__))
                return
            self._failure = ""
            self._fetched_at = self._tried_at
            self.generation += 1

    async def _read(self) -> bytes:
        if not self._place.startswith("https://"):
            return await asyncio.to_thread(_beginning, Path(self._place))
        client = httpx.AsyncClient(follow_redirects=False, timeout=FETCH_SECONDS)
        asked = {"Accept": "application/json", "Accept-Encoding": "identity"}
        async with client, client.stream("GET", self._place, headers=asked) as answer:
            if answer.status_code != 200:
                raise ValueError(f"status {answer.status_code}")
            if answer.headers.get("Content-Encoding", "identity") != "identity":
                raise ValueError("compressed although it was not to be")
            text = bytearray()
            async for part in answer.aiter_raw():
                text += part
                _require_size(text)
        return bytes(text)


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        text = file.read(MOST_BYTES + 1)
    _require_size(text)
    return text


def _require_size(text: bytes | bytearray) -> None:
    if len(text) > MOST_BYTES:
        raise ValueError(f"more than {MOST_BYTES // 1024} KiB")


def _keys(text: bytes) -> dict[str, jwt.PyJWK]:
    """{name: key} of a key set; those that no token may be signed with here are left out. Raises `ValueError` where
    none is left."""
    listed = strict_object(text).get("keys")
    if not isinstance(listed, list):
        raise ValueError("no list of keys")
    found: dict[str, jwt.PyJWK] = {}
    for each in listed:
        key = _key(each) if isinstance(each, dict) else None
        name = each.get("kid", "") if key else None
        if key and isinstance(name, str):
            found.setdefault(name, key)
    if not found:
        raise ValueError("no key for RS256 or ES256 among them")
    return found


def _key(given: Mapping[str, Any]) -> jwt.PyJWK | None:
    """A key with the one algorithm that its kind is for: so none can be used as the secret of another."""
    kind = (given.get("kty"), given.get("crv"))
    algorithm = {("RSA", None): "RS256", ("EC", "P-256"): "ES256"}.get(kind)
    if algorithm is None or given.get("use", "sig") != "sig" or given.get("alg", algorithm) != algorithm:
        return None
    try:
        key = jwt.PyJWK(dict(given), algorithm)
    except jwt.PyJWTError:
        return None
    if isinstance(key.key, RSAPublicKey) and key.key.key_size < _LEAST_RSA_BITS:
        return None
    return key
