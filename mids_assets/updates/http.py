"""GET over http(s) that cannot run away: time limits, bounded redirects and sizes, bounded repeats of what may pass.

Does not belong here: what is asked for and kept (`updates.polling`, `updates.download`).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError

from mids_assets.errors import NetworkUnavailable, SourceError

_PASSING = {408, 425, 429, 500, 502, 503, 504}
_REDIRECTS = 5
_BLOCK = 64 * 1024
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limits:
    """`connect` and `silence` bound the wait for a connection and for the next byte, `total` a whole answer, `manifest`
    that of a manifest; seconds.

    `tries` counts the first one. The n-th pause is drawn from 0 to `backoff` * 2^n, so that many who were refused
    together do not come back together.
    """

    connect: float = 5.0
    silence: float = 20.0
    total: float = 3600.0
    manifest: float = 30.0
    tries: int = 4
    backoff: float = 1.0
    longest_pause: float = 30.0
    manifest_bytes: int = 1024 * 1024
    hash_bytes: int = 32 * 1024 * 1024
    patch_bytes: int = 1024**3


class Answer:
    """A response whose head was read: its status is one that was asked for."""

    def __init__(self, response: requests.Response, url: str, seconds: float, deadline: float) -> None:
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers
        self._response = response
        self._url = url
        self._seconds = seconds
        self._deadline = deadline

    def blocks(self, limit: int, already: int = 0) -> Iterator[bytes]:
        """The body. Raises `SourceError` above `limit` bytes, of which `already` are there, `NetworkUnavailable` when
        it is cut or takes too long."""
        stated = self.headers.get("Content-Length", "")
        if stated.isdigit() and already + int(stated) > limit:
            raise _too_big(self._url, limit)
        size = 0
        # What one packet brought, not a full block: waiting for that, neither limit of time would hold, and what came
        # before a cut would be lost.
        while block := self._response.raw.read1(_BLOCK):
            size += len(block)
            if already + size > limit:
                raise _too_big(self._url, limit)
            if time.monotonic() > self._deadline:
                raise NetworkUnavailable(f"{self._url}: not done after {self._seconds:g} s; try again later")
            yield block
        if stated.isdigit() and size != int(stated):
            raise NetworkUnavailable(f"{self._url}: the connection broke off after {size:,} of {stated} bytes")


class Client:
    """Asks servers; one for all requests of a fetch, to be used as a context manager."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._session = requests.Session()
        self._session.max_redirects = _REDIRECTS
        # A .netrc of the user's is nobody's business here.
        self._session.auth = _Nobody()
        self._session.headers.update({"User-Agent": "mids-assets", "Accept-Encoding": "identity"})

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def repeated(self, attempt: Callable[[], T]) -> T:
        """What `attempt` gives, tried again after a pause when it raises `NetworkUnavailable`."""
        for number in range(self.limits.tries - 1):
            try:
                return attempt()
            except NetworkUnavailable as error:
                drawn = random.uniform(0, self.limits.backoff * 2**number)  # a pause # nosec B311
                time.sleep(min(max(drawn, getattr(error, "retry_after", 0.0)), self.limits.longest_pause))
        return attempt()

    @contextmanager
    def get(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        also: tuple[int, ...] = (),
        seconds: float | None = None,
    ) -> Iterator[Answer]:
        """One request; statuses other than 200 and `also` are errors. `seconds`: less than the whole answer may take.

        Raises `NetworkUnavailable` for what may pass, `Absent` for a file that is not there, `SourceError` for
        everything else."""
        seconds = min(self.limits.total, seconds or self.limits.total)
        deadline = time.monotonic() + seconds
        try:
            response = self._session.get(
                url, headers=dict(headers or {}), stream=True, timeout=(self.limits.connect, self.limits.silence)
            )
            with response:
                self._check(url, response, {200, *also})
                yield Answer(response, url, seconds, deadline)
        except requests.TooManyRedirects:
            raise SourceError(f"{url}: more than {_REDIRECTS} redirects; look at the address in a browser") from None
        except (requests.exceptions.InvalidSchema, requests.exceptions.MissingSchema, requests.exceptions.InvalidURL):
            raise SourceError(f"{url}: this leads to something that is no http or https address") from None
        except (requests.RequestException, HTTPError) as error:
            raise NetworkUnavailable(f"{url}: {_reason(error)}; try again later") from None

    def _check(self, url: str, response: requests.Response, wanted: set[int]) -> None:
        way = [urlsplit(one.url).scheme for one in (*response.history, response)]
        if "http" in way[way.index("https") :] if "https" in way else False:
            raise SourceError(f"{url}: redirects from https to {response.url}, which is not encrypted; refused")
        status = response.status_code
        if status in _PASSING:
            error = NetworkUnavailable(f"{url}: the server answers {status} ({response.reason}); try again later")
            after = response.headers.get("Retry-After", "")
            error.retry_after = float(after) if after.isdigit() else 0.0
            raise error
        if status in (404, 410):
            raise Absent(f"{url}: the server answers {status}, there is no such file; look at the address")
        if status not in wanted:
            raise SourceError(f"{url}: the server answers {status} ({response.reason}); look at the address")
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise SourceError(f"{url}: the server compresses what it was asked not to; download it by hand")


class Absent(SourceError):
    """The server says that there is no such file."""


class _Nobody(AuthBase):
    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        return r


def _too_big(url: str, limit: int) -> SourceError:
    return SourceError(f"{url}: larger than {limit:,} bytes, which no such file is; look at the address")


def _reason(error: requests.RequestException | HTTPError) -> str:
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return "no connection within the time limit"
    if isinstance(error, requests.Timeout) or "timed out" in str(error).lower():
        return "the server fell silent"
    if isinstance(error, requests.exceptions.SSLError):
        return "the encrypted connection cannot be made (is the certificate good, and the clock right?)"
    return "the connection broke off" if isinstance(error, HTTPError) else "no connection"
