"""Which of two releases is the older one.

Does not belong here: what follows from it (a rollback, a direction of evidence).
"""

from __future__ import annotations

from datetime import UTC, datetime

from mids_assets.versions import version_key


def order_key(date: datetime | None, version: str | None) -> tuple:
    """Sorts releases: by the date that the database states, then by its version as .NET compares versions.

    A release without a date or version comes before those that have one; a part of a version that is not given is
    less than 0 (1.2 < 1.2.0), and parts are numbers (20.10 > 20.9). When a release was seen, or when its files were
    written, counts for nothing: clocks are wrong, and copies get new dates.
    """
    moment = (0.0,) if date is None else (1.0, (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp())
    return (moment, version_key(version))
