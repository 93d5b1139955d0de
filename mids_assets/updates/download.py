"""A file of a server onto the disk, going on where an earlier try broke off.

What is there of it lies in `<name>.part`, beside it in `<name>.part.json` the address and the validator by which the
server knows whether it is still the same file. Without a validator it begins anew.
Does not belong here: whether the content is right (`updates.fetch`).
"""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from mids_assets.errors import NetworkUnavailable
from mids_assets.updates.http import Client

_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


class _Part(msgspec.Struct):
    url: str
    validator: str


def download(client: Client, url: str, target: Path, limit: int) -> int:
    """Load `url` into `target`, which appears when it is complete. Gives the bytes that came over the line.

    Raises `NetworkUnavailable` when it broke off again and again; the next call goes on from there. `SourceError` (of
    which `Absent` is one) removes what was there.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    loaded = 0

    def attempt() -> None:
        nonlocal loaded
        for received in _go_on(client, url, part, limit):
            loaded += received

    try:
        client.repeated(attempt)
    except NetworkUnavailable:
        raise
    except Exception:
        _forget(part)
        raise
    part.replace(target)
    _note(part).unlink(missing_ok=True)
    return loaded


def _go_on(client: Client, url: str, part: Path, limit: int):
    known = _known(part, url)
    size = part.stat().st_size if known else 0
    headers = {"Range": f"bytes={size}-", "If-Range": known} if known and size else {}
    with client.get(url, headers, also=(206, 416) if headers else ()) as answer:
        if answer.status == 416:
            _forget(part)
            raise NetworkUnavailable(f"{url}: the server has no more of it than is there; it begins anew")
        start = 0
        if answer.status == 206:
            stated = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
            if stated is None or int(stated[1]) != size:
                _forget(part)
                raise NetworkUnavailable(f"{url}: the server gives another part than the one asked for")
            start = size
        else:
            _remember(part, url, answer.headers)
        with part.open("ab" if start else "wb") as out:
            for block in answer.blocks(limit, start):
                out.write(block)
                yield len(block)


def _known(part: Path, url: str) -> str:
    """The validator of what is there of this address, "" where it cannot be gone on with."""
    try:
        found = msgspec.json.decode(_note(part).read_bytes(), type=_Part)
    except (OSError, msgspec.DecodeError):
        return ""
    return found.validator if found.url == url and part.is_file() else ""


def _remember(part: Path, url: str, headers) -> None:
    etag = headers.get("ETag", "")
    # A weak one promises no equal bytes, and a part may be asked for by a strong one only.
    validator = etag if etag.startswith('"') else headers.get("Last-Modified", "")
    part.unlink(missing_ok=True)
    _note(part).write_bytes(msgspec.json.encode(_Part(url, validator)))


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    _note(part).unlink(missing_ok=True)


def _note(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")
