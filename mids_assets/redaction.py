"""Taking passwords out of texts that people and logs see.

Belongs here: the patterns of passwords in URLs, libpq strings and environment lines, and the passwords this process
has used. Does not belong here: anything that opens a connection.
"""

from __future__ import annotations

import re
from urllib.parse import quote, quote_plus, unquote

HIDDEN = "****"
# Shorter ones would blank out parts of ordinary words; the patterns below still catch them in their places.
_LEAST_LENGTH = 6
_secrets: set[str] = set()

# Up to the last @ of the word: an unescaped @, : or / inside a password must not end it early.
_IN_URL = re.compile(r"(?P<head>[a-zA-Z][\w+.-]*://[^\s:/@]*:)(?P<secret>\S*)(?=@)")
# The password of the login, or that of the key of a client certificate.
_PARAMETER = re.compile(r"[?&](?:ssl)?password=([^&]+)")
_QUOTED = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_AS_WORD = re.compile(
    rf"(?P<head>\b(?:pg)?(?:password|passwd|sslpassword)[\"']?\s*[=:]\s*)(?P<secret>{_QUOTED}|[^\s&,;'\"}}]+)",
    re.IGNORECASE,
)


def remember_secret(url: str) -> None:
    """Note the passwords inside a connection URL, so that `redact` finds them anywhere, in any spelling."""
    for secret in [match["secret"] for match in _IN_URL.finditer(url)] + _PARAMETER.findall(url):
        remember_word(secret)
        remember_word(unquote(secret))


def remember_word(text: str) -> None:
    """Note a secret that is in no URL, such as a key, so that `redact` finds it anywhere, in any spelling."""
    if len(text) >= _LEAST_LENGTH:
        _secrets.update((text, quote(text, safe=""), quote(text), quote_plus(text), repr(text)[1:-1]))


def redact(text: str) -> str:
    """`text` with every password replaced by ****: those in URLs, `password=...` in any quoting, and known ones."""
    text = _IN_URL.sub(rf"\g<head>{HIDDEN}", text)
    text = _AS_WORD.sub(rf"\g<head>{HIDDEN}", text)
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text
