"""Receivers of notices: the addresses of MIDS_NOTIFY_URLS, and sending to one through Apprise.

An address is a secret: it stays in here, and a receiver is called by its kind and a checksum.
Does not belong here: what is sent, trying again (telling.py).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import unquote

from mids_assets.notify.notices import Kind
from mids_assets.notify.texts import Text
from mids_assets.redaction import HIDDEN, redact
from mids_assets.settings import Settings

_TYPES = {"published": "info", "failed": "failure", "blocked": "warning", "recovered": "success"}
_LEAST_SECRET = 4
"""Shorter parts of an address are parts of common words, too."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """`name` may be shown and stored: such as `discord://**** (1a2b3c)`."""

    name: str
    url: str = field(repr=False)


def receivers(settings: Settings) -> list[Receiver]:
    """In the order of the setting."""
    return [Receiver(_name(url), url) for url in settings.notify_urls]


def send(receiver: Receiver, text: Text, kind: Kind | None = None) -> str | None:
    """Send one notice, once. Returns None where the receiver took it, else why it did not; raises nothing."""
    import apprise  # A tenth of a second and many modules, for a process that may have nothing to tell.

    with _listening() as said:
        try:
            # In memory: nothing about a receiver is to lie in the user's home.
            asset = apprise.AppriseAsset(storage_mode=apprise.PersistentStoreMode.MEMORY)
            service = apprise.Apprise.instantiate(receiver.url, asset=asset)
            if service is None:
                return "no kind of address that Apprise knows, or a part of it is missing"
            taken = apprise.Apprise(service, asset=asset).notify(
                text.body, title=text.title, notify_type=_TYPES.get(kind or "", "info"), body_format="text"
            )
        except Exception as error:  # Code of a hundred services; none of its faults may end what is told about.
            said.append(f"{type(error).__name__}: {error}")
            taken = False
    return None if taken else _without(receiver.url, "; ".join(dict.fromkeys(said)) or "it was not taken")


def _name(url: str) -> str:
    scheme, _, rest = url.partition("://")
    # A password that a person chose must not be guessed by the checksum; other parts are long and random.
    without_password = re.sub(r"(?<=:)[^/@]*(?=@)", "", rest)
    return f"{scheme.lower()}://{HIDDEN} ({sha256(without_password.encode()).hexdigest()[:6]})"


def _without(url: str, text: str) -> str:
    """What was said of a failure, without any part of the address."""
    rest = url.partition("://")[2]
    parts = {part for part in re.split(r"[/?&=@:#]+", rest) if len(part) >= _LEAST_SECRET}
    for part in sorted({*parts, *map(unquote, parts), url}, key=len, reverse=True):
        text = text.replace(part, HIDDEN)
    return redact(" ".join(text.split()))[:300]


@contextmanager
def _listening() -> Iterator[list[str]]:
    """What Apprise complains of, which then goes nowhere else: it may name parts of the address."""
    said: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    ear = Ear()
    # At its finer levels the HTTP client names the whole address, too.
    loggers = [logging.getLogger(name) for name in ("apprise", "urllib3", "requests_oauthlib", "oauthlib")]
    before = [(logger.level, logger.propagate) for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.WARNING)
        logger.propagate = False
        logger.addHandler(ear)
    try:
        yield said
    finally:
        for logger, (level, propagate) in zip(loggers, before, strict=True):
            logger.removeHandler(ear)
            logger.setLevel(level)
            logger.propagate = propagate
