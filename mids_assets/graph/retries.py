"""Bounded retries of a step whose surroundings failed for a moment; what is permanent is never tried again."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from mids_assets.errors import DatabaseUnavailable

RETRIES = 2
SECONDS = 5.0


@contextmanager
def database_may_come_back() -> Iterator[None]:
    """A lost connection inside the block makes Dagster run the step again, `RETRIES` times at most.

    Only for steps that may run twice. A realm that is busy is not among the reasons: it was waited for already.
    """
    try:
        yield
    except DatabaseUnavailable as error:
        raise dg.RetryRequested(max_retries=RETRIES, seconds_to_wait=SECONDS) from error
