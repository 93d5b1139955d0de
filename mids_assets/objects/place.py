"""A place for files: a folder or an object store, behind one small interface. Nothing else knows which.

Every file appears whole or not at all, in both. Does not belong here: what the files are.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import IO, Any

import obstore
import obstore.store
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError

from mids_assets.errors import MidsError, NetworkUnavailable, UserError
from mids_assets.redaction import redact
from mids_assets.settings import is_address

PART_BYTES = 8 * 1024 * 1024
"""A store takes 10,000 parts of a file, hence 80 GB; two parts of a file are in memory at a time."""
_READ_BYTES = 1024 * 1024
_RETRIES: Any = {"max_retries": 3, "retry_timeout": timedelta(seconds=60)}
# Plain HTTP only where an endpoint is written so; the stores' own are HTTPS.
_CLIENT: Any = {"connect_timeout": "5s", "read_timeout": "60s", "timeout": "600s", "allow_http": True}
_process: int | None = None
"""Which process used the library first."""
_REFUSED = ("401 Unauthorized", "403 Forbidden", "NoSuchBucket", "InvalidBucketName")
"""What is a refusal even where the library calls it an error of no kind."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file: path below the place, size in bytes, when it came there (UTC)."""

    path: str
    bytes: int
    at: datetime


class Place:
    """Files below one folder or one prefix of a bucket. `name` is for people and holds no secret; `setting` names it.

    Every method raises `UserError` for what a person must put right (rights, a bucket that is not there, a full
    disk) and `NetworkUnavailable` for a store that does not answer, after it was asked several times.
    """

    def __init__(self, store: obstore.store.ObjectStore, name: str, setting: str, *, local: bool) -> None:
        self._store = store
        self._local = local
        self.name = name
        self.setting = setting

    def write(self, path: str, chunks: Iterable[bytes]) -> None:
        """A new file of what `chunks` give; nothing stays of it when they raise."""
        self._put(path, iter(chunks))

    def put(self, path: str, data: bytes | IO[bytes]) -> None:
        """A new file of bytes that are there, or of an open file from where it stands."""
        self._put(path, data)

    def read(self, path: str) -> Iterator[bytes]:
        """The file in pieces. Raises `FileNotFoundError`."""
        with self._typed():
            for piece in obstore.get(self._store, path).stream(min_chunk_size=_READ_BYTES):
                yield bytes(piece)

    def read_range(self, path: str, start: int, end: int) -> bytes:
        """Bytes [start, end) of the file. Raises `FileNotFoundError`."""
        with self._typed():
            return bytes(obstore.get_range(self._store, path, start=start, end=end))

    def size(self, path: str) -> int | None:
        """Bytes of the file; None where there is none."""
        with self._typed():
            try:
                return obstore.head(self._store, path)["size"]
            except FileNotFoundError:
                return None

    def files(self, below: str = "") -> list[Stored]:
        """All files below a path, ordered by path."""
        with self._typed():
            found = [one for some in obstore.list(self._store, below or None) for one in some]
        return sorted((Stored(o["path"], o["size"], o["last_modified"]) for o in found), key=lambda one: one.path)

    def folders(self, below: str) -> list[str]:
        """Names of the folders right below a path in which anything lies, in order."""
        with self._typed():
            found = obstore.list_with_delimiter(self._store, below)["common_prefixes"]
            # Some stores go on listing a folder whose last file was removed.
            filled = [path for path in found if any(obstore.list(self._store, path))]
        return sorted(path.rstrip("/").rpartition("/")[2] for path in filled)

    def remove(self, paths: Iterable[str]) -> None:
        with self._typed():
            for path in paths:
                obstore.delete(self._store, path)

    def _put(self, path: str, data: Any) -> None:
        with self._typed():
            obstore.put(self._store, path, data, chunk_size=PART_BYTES, max_concurrency=2)

    @contextmanager
    def _typed(self) -> Iterator[None]:
        _require_no_fork()
        # From None: what ended a run is told by its innermost cause, which has to be ours.
        try:
            yield
        except MidsError:
            raise
        except FileNotFoundError:
            raise
        except (PermissionDeniedError, UnauthenticatedError) as error:
            raise self._refused(error) from None
        except (BaseError, OSError) as error:
            if self._local or any(sign in str(error) for sign in _REFUSED):
                raise self._refused(error) from None
            raise NetworkUnavailable(
                f"the store {self.name} ({self.setting}) does not answer: {_sentence(error)}"
            ) from None

    def _refused(self, error: Exception) -> UserError:
        return UserError(f"{self.name} does not take or give files: {_sentence(error)}; {self.setting} names the place")


def open_place(address: str, setting: str) -> Place:
    """The place with that folder or address, which came from `setting`. A folder is made where it is missing, for its
    owner alone.

    Raises `UserError` for an address that no store has.
    """
    if not is_address(address):
        return _folder(Path(address.removeprefix("file://")).expanduser(), setting)
    # Key, secret, region and endpoint come from AWS_* and the like, as every program of that store reads them.
    return _store(address, setting, tuple(sorted(item for item in os.environ.items() if item[0].startswith("AWS_"))))


@cache
def _store(address: str, setting: str, _: tuple[tuple[str, str], ...]) -> Place:
    """One for each address and environment, since its connections stay open from call to call."""
    try:
        store = obstore.store.from_url(address, client_options=_CLIENT, retry_config=_RETRIES)
    except (BaseError, ValueError) as error:
        raise UserError(f"{setting}={redact(address)!r} is neither a folder nor the address of a store") from error
    return Place(store, redact(address), setting, local=False)


def _require_no_fork() -> None:
    """The library's threads do not live on in a forked process, where a call would wait for ever."""
    global _process
    _process = _process or os.getpid()
    if _process != os.getpid():
        raise RuntimeError(
            "an object store was used before this process was forked off: fork first, or start a new one"
        )


def _folder(path: Path, setting: str) -> Place:
    if not path.is_absolute():
        raise UserError(f"{setting}={str(path)!r}: a folder is written from / on")
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Place(obstore.store.LocalStore(path), str(path), setting, local=True)
    except (BaseError, OSError) as error:
        raise UserError(f"{setting}: the folder {path} cannot be made: {_sentence(error)}") from error


def _sentence(error: Exception) -> str:
    """What the library says, without its dumps of structures and of the server's answer."""
    text = str(error).split("Debug source:")[0]
    code = text.partition("<Code>")[2].partition("</Code>")[0]
    head = text.split("<?xml")[0].strip().removesuffix(":")
    return redact(" ".join(f"{head} {code}".split()))
