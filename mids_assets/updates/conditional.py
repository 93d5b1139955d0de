"""A small file of a server, loaded only when it changed: what came last is kept with its ETag and Last-Modified.

A 304 then answers as well as the file itself. Does not belong here: what the file means, large files (`download`).
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from mids_assets.errors import UserError
from mids_assets.updates.http import Client


class _Kept(msgspec.Struct):
    url: str
    etag: str
    last_modified: str
    body: bytes


def ask(client: Client, url: str, place: Path, limit: int) -> bytes:
    """The file at `url`, of at most `limit` bytes; it is kept in `place`. Raises as `Client.get` does, and `UserError`
    where it cannot be kept."""
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
            body = b"".join(answer.blocks(limit))
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
