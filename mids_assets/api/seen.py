"""What a client has seen of a realm, in its own words: the header Mids-At-Least, or the cookie that answers set.

A client that has seen a publish is never shown an older one, whichever process or server answers it (freshness.py).
Does not belong here: finding a server that has it.
"""

from __future__ import annotations

import re

from starlette.types import Scope

from mids_assets.api.publishes import Publish

COOKIE = "mids_seen"
COOKIE_SECONDS = 24 * 3600
"""Far longer than a replica may lag."""
_COOKIE = re.compile(rb"(?:^|;\s*)mids_seen=([a-z0-9_:&]{1,2000})(?:;|$)")
_ENTRY = re.compile(rb"([a-z][a-z0-9_]{0,30}):(\d{1,18})")
_NUMBER = re.compile(rb"\d{1,18}")


class NoNumber(ValueError):
    """Mids-At-Least is no number of a publish."""


def seen_by(scope: Scope, realm: str | None) -> dict[str, int]:
    """{realm: number of the publish that the client has seen at least}, of `realm`, or of all where that is None.

    Raises `NoNumber`. A cookie that is none of ours counts as none: a browser sends whatever it was given once.
    """
    found = {}
    for name, value in scope["headers"]:
        if name == b"cookie" and (cookie := _COOKIE.search(value)):
            entries = (_ENTRY.fullmatch(entry) for entry in cookie[1].split(b"&"))
            found = {entry[1].decode(): int(entry[2]) for entry in entries if entry}
    if realm is None:
        return found
    number = found.get(realm, 0)
    for name, value in scope["headers"]:
        if name == b"mids-at-least":
            if not _NUMBER.fullmatch(value):
                raise NoNumber
            number = max(number, int(value))
    return {realm: number} if number else {}


def cookie_of(scope: Scope, *publishes: Publish) -> tuple[bytes, bytes] | None:
    """The header that has a browser remember `publishes`; None where it does already."""
    seen = seen_by(scope, None)
    now = seen | {publish.realm: publish.number for publish in publishes}
    if now == seen:
        return None
    entries = "&".join(f"{realm}:{number}" for realm, number in now.items())
    value = f"{COOKIE}={entries}; Path=/v1; Max-Age={COOKIE_SECONDS}; HttpOnly; SameSite=Lax"
    return b"set-cookie", value.encode()
