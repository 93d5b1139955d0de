"""Asking the manifests of a realm what they offer, without loading what has not changed.

Does not belong here: one question (`updates.conditional`), patches (`updates.download`), what is newer
(`updates.fetch`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

from mids_assets.errors import MidsError
from mids_assets.updates.conditional import ask
from mids_assets.updates.http import Client
from mids_assets.updates.looks import note_look
from mids_assets.updates.manifest import Offer, read_offer


@dataclass(frozen=True, slots=True)
class Polled:
    """`offer` is that of the first manifest that has one, `content` the hash (sha256) of that manifest. `problems` are
    sentences about manifests without use."""

    offer: Offer | None
    problems: tuple[str, ...]
    content: str = ""


def poll(client: Client, urls: Sequence[str], realm: str, folder: Path) -> Polled:
    """Ask the manifests in their order. `folder` keeps what they said; the first address is where names belong.

    Raises the first error where no manifest offers anything and one could not be read.
    """
    base = urljoin(urls[0], ".")
    errors: list[MidsError] = []
    for url in urls:
        try:
            place = folder / f"manifest-{hashlib.sha256(url.encode()).hexdigest()[:12]}.json"
            body = ask(client, url, place, client.limits.manifest_bytes)
            offer = read_offer(body, realm, url, base)
        except MidsError as error:
            errors.append(error)
            continue
        note_look(folder, asked=True)
        if offer is not None:
            return Polled(offer, tuple(str(error) for error in errors), hashlib.sha256(body).hexdigest())
    if errors:
        raise errors[0]
    return Polled(None, ())
