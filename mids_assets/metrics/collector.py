"""What a scrape gets: a reading that is a few seconds old at most, however many ask, and in bounded time.

Does not belong here: reading (reading.py), the server (serving.py).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator

import psycopg2
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from mids_assets.errors import MidsError
from mids_assets.metrics import families as f
from mids_assets.metrics.families import Sample, exported
from mids_assets.redaction import redact

log = logging.getLogger(__name__)

LIMIT_SECONDS = 5.0
"""So long a scrape waits for the database; Prometheus gives up after ten by default."""
KEPT_SECONDS = 5.0
"""So long a reading serves everybody who asks."""


class MidsCollector(Collector):
    """`database` and `surroundings` give samples; the first may fail or hang, and then `mids_up` is 0."""

    def __init__(
        self,
        database: Callable[[], list[Sample]],
        surroundings: Callable[[], Iterable[Sample]],
        *,
        limit: float = LIMIT_SECONDS,
        kept: float = KEPT_SECONDS,
    ) -> None:
        self._database = database
        self._surroundings = surroundings
        self._limit = limit
        self._kept = kept
        self._one_at_a_time = threading.Lock()
        self._samples: list[Sample] = []
        self._read_at: float | None = None
        self._reading: _Reading | None = None
        self._said: str | None = None

    def describe(self) -> Iterator[Metric]:
        """Nothing: registering a collector must not read anything."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        with self._one_at_a_time:
            if self._read_at is None or time.monotonic() - self._read_at >= self._kept:
                self._samples = [*self._surroundings(), *self._of_database()]
                self._read_at = time.monotonic()
            samples = self._samples
        return exported(samples)

    def _of_database(self) -> list[Sample]:
        begun = time.monotonic()
        # One that hangs is waited for again by the next scrape, and no second one is begun beside it.
        reading = self._reading or _Reading(self._database)
        found = reading.wait(self._limit)
        self._reading = None if reading.ended else reading
        self._tell(reading.error if reading.ended else f"it did not answer within {self._limit:g} s")
        if found is None:
            return [f.UP.of(0)]
        return [f.UP.of(1), f.READING_SECONDS.of(time.monotonic() - begun), *found]

    def _tell(self, error: str | None) -> None:
        """Each state is logged once, not at each scrape."""
        if error == self._said:
            return
        self._said = error
        if error:
            log.warning("The database cannot be read, mids_up is 0: %s", error)
        else:
            log.info("The database can be read again.")


class _Reading:
    """A call in a thread of its own that dies with the process."""

    def __init__(self, read: Callable[[], list[Sample]]) -> None:
        self._read = read
        self._samples: list[Sample] | None = None
        self.error: str | None = None
        self._thread = threading.Thread(target=self._run, name="mids-reading", daemon=True)
        self._thread.start()

    @property
    def ended(self) -> bool:
        return not self._thread.is_alive()

    def wait(self, seconds: float) -> list[Sample] | None:
        """What was read; None where it failed, or where it goes on."""
        self._thread.join(seconds)
        return self._samples if self.ended else None

    def _run(self) -> None:
        try:
            self._samples = self._read()
        except (MidsError, psycopg2.Error) as error:
            self.error = " ".join(redact(str(error)).split()) or type(error).__name__
        except Exception as error:
            # Whatever it is, a scrape gets its answer; what it was stands in the log.
            self.error = " ".join(redact(f"{type(error).__name__}: {error}").split())
