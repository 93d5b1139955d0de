"""A fetch against the server of a test, in a folder of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from mids_assets.errors import MidsError
from mids_assets.updates.fetch import Fetched, obtain
from mids_assets.updates.http import Client, Limits
from mids_assets.updates.manifest import Offer
from mids_assets.updates.polling import Polled, poll
from mids_assets_tests.update_server import UpdateServer

MANIFEST = "/update_manifest.json"
PATCH, HASH = "/homecoming-2025.1.2.mru", "/homecoming-2025.1.2.hash"
NAME = "homecoming-2025.1.2-cumulative"


class Fetcher:
    """The two calls of a fetch, in a folder of its own and without waiting."""

    def __init__(self, server: UpdateServer, folder: Path) -> None:
        self.server = server
        self.cache = folder / "updates"

    def poll(self, *more: str, **limits) -> Polled:
        with Client(Limits(backoff=0.0, **limits)) as client:
            return poll(client, (self.server.manifest, *more), "homecoming", self.cache)

    def fetch(self, **limits) -> Fetched:
        offer = self.poll().offer
        assert offer is not None
        return self.obtain(offer, **limits)

    def obtain(self, offer: Offer, **limits) -> Fetched:
        with Client(Limits(backoff=0.0, **limits)) as client:
            return obtain(client, offer, "homecoming", self.cache)

    def refused(self, kind: type[MidsError], words: str, **limits) -> None:
        """A fetch that ends in such an error and keeps no patch, unless it goes on the next time."""
        with pytest.raises(kind, match=words):
            self.fetch(**limits)
        assert not (self.cache / f"{NAME}.mru").exists()


def publish(server: UpdateServer, made: tuple[bytes, bytes]) -> None:
    server.files[PATCH], server.files[HASH] = made
