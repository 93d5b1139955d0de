"""Asking the manifests of a realm what they offer, without loading what has not changed.

What came last is kept with its ETag and Last-Modified, so that a 304 answers as well as the manifest itself.
Does not belong here: patches (`updates.download`), what is newer (`updates.fetch`).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import msgspec

from mids_assets.errors import MidsError, UserError
from mids_assets.updates.http import Client
from mids_assets.updates.looks import note_look
from mids_assets.updates.manifest import Offer, read_offer


class _Kept(msgspec.Struct):
    url: str
    etag: str
    last_modified: str
    body: bytes


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
            body = _manifest(client, url, folder)
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


def _manifest(client: Client, url: str, folder: Path) -> bytes:
    place = folder / f"manifest-{hashlib.sha256(url.encode()).hexdigest()[:12]}.json"
    kept = _kept(place, url)
    headers = {}
    if kept is not None and kept.etag:
        headers["If-None-Match"] = kept.etag
    if kept is not None and kept.last_modified:
        headers["If-Modified-Since"] = kept.last_modified

    def attempt() -> bytes:
        with client.get(url, headers, also=(304,) if headers else (), seconds=client.limits.manifest) as answer:
            if answer.status == 304 and kept is not None:
                return kept.body
            body = b"".join(answer.blocks(client.limits.manifest_bytes))
            _keep(place, _Kept(url, answer.headers.get("ETag", ""), answer.headers.get("Last-Modified", ""), body))
            return body

    return client.repeated(attempt)


def _kept(place: Path, url: str) -> _Kept | None:
    try:
        kept = msgspec.json.decode(place.read_bytes(), type=_Kept)
    except (OSError, msgspec.DecodeError):
        return None
    return kept if kept.url == url else None


def _keep(place: Path, kept: _Kept) -> None:
    temporary = place.with_name(f"{place.name}.{os.getpid()}.part")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(msgspec.json.encode(kept))
        temporary.replace(place)
    except OSError as problem:
        raise UserError(
            f"{place} cannot be written ({problem.strerror}); make room there, make it writable or set MIDS_DATA_DIR to"
            " another folder"
        ) from None
