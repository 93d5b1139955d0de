"""Where backups lie: a folder or an object store, behind one small interface. Nothing else knows which.

Every file appears whole or not at all, in both. Does not belong here: what the files are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import obstore
import obstore.store
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError

from mids_assets.errors import MidsError, NetworkUnavailable, UserError
from mids_assets.redaction import redact
from mids_assets.settings import Settings

SETTING = "MIDS_BACKUP_URL"
PART_BYTES = 8 * 1024 * 1024
"""A store takes 10,000 parts of a file, hence 80 GB; two parts are in memory at a time."""
_READ_BYTES = 1024 * 1024
_RETRIES: Any = {"max_retries": 3}
# Plain HTTP only where an endpoint is written so; the stores' own are HTTPS.
_CLIENT: Any = {"connect_timeout": "5s", "timeout": "600s", "allow_http": True}
_REFUSED = ("401 Unauthorized", "403 Forbidden", "NoSuchBucket")
"""What is a refusal even where the library calls it an error of no kind."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file: path below the place, size in bytes, when it came there (UTC)."""

    path: str
    bytes: int
    at: datetime


class Place:
    """Files below one folder or one prefix of a bucket. `name` is for people and holds no secret.

    Every method raises `UserError` for what a person must put right (rights, a bucket that is not there, a full
    disk) and `NetworkUnavailable` for a store that does not answer.
    """

    def __init__(self, store: obstore.store.ObjectStore, name: str, *, local: bool) -> None:
        self._store = store
        self._local = local
        self.name = name

    def write(self, path: str, chunks: Iterable[bytes]) -> None:
        """A new file of what `chunks` give; nothing stays of it when they raise."""
        with self._typed():
            obstore.put(self._store, path, iter(chunks), chunk_size=PART_BYTES, max_concurrency=2)

    def read(self, path: str) -> Iterator[bytes]:
        """The file in pieces. Raises `FileNotFoundError`."""
        with self._typed():
            for piece in obstore.get(self._store, path).stream(min_chunk_size=_READ_BYTES):
                yield bytes(piece)

    def files(self, below: str = "") -> list[Stored]:
        """All files below a path, ordered by path."""
        with self._typed():
            found = [one for some in obstore.list(self._store, below or None) for one in some]
        return sorted((Stored(o["path"], o["size"], o["last_modified"]) for o in found), key=lambda one: one.path)

    def remove(self, paths: Iterable[str]) -> None:
        with self._typed():
            for path in paths:
                obstore.delete(self._store, path)

    @contextmanager
    def _typed(self) -> Iterator[None]:
        try:
            yield
        except MidsError:
            raise
        except FileNotFoundError:
            raise
        except (PermissionDeniedError, UnauthenticatedError) as error:
            raise self._refused(error) from error
        except (BaseError, OSError) as error:
            if self._local or any(sign in str(error) for sign in _REFUSED):
                raise self._refused(error) from error
            raise NetworkUnavailable(f"the store of backups {self.name} does not answer: {_sentence(error)}") from error

    def _refused(self, error: Exception) -> UserError:
        return UserError(f"{self.name} does not take or give backups: {_sentence(error)}; {SETTING} names the place")


def open_place(settings: Settings) -> Place:
    """The place that the settings name. A folder is made where it is missing, for its owner alone.

    Raises `UserError` for an address that no store has.
    """
    url = settings.backup_place
    if "://" not in url or url.startswith("file://"):
        return _folder(Path(url.removeprefix("file://")).expanduser())
    try:
        # Key, secret, region and endpoint come from AWS_* and the like, as every program of that store reads them.
        store = obstore.store.from_url(url, client_options=_CLIENT, retry_config=_RETRIES)
    except (BaseError, ValueError) as error:
        raise UserError(f"{SETTING}={redact(url)!r} is neither a folder nor the address of a store") from error
    return Place(store, redact(url), local=False)


def _folder(path: Path) -> Place:
    if not path.is_absolute():
        raise UserError(f"{SETTING}={str(path)!r}: a folder is written from / on")
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Place(obstore.store.LocalStore(path), str(path), local=True)
    except (BaseError, OSError) as error:
        raise UserError(f"{SETTING}: the folder {path} cannot be made: {_sentence(error)}") from error


def _sentence(error: Exception) -> str:
    """What the library says, without its dumps of structures and of the server's answer."""
    text = str(error).split("Debug source:")[0]
    code = text.partition("<Code>")[2].partition("</Code>")[0]
    head = text.split("<?xml")[0].strip().removesuffix(":")
    return redact(" ".join(f"{head} {code}".split()))
