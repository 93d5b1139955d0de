"""The time, as sensors and schedules take it: from `time.time`, like Dagster, so that a test which moves that one
function lets a day pass in a minute.

Does not belong here: durations (`time.monotonic`), moments that PostgreSQL notes.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.fromtimestamp(time.time(), UTC)
