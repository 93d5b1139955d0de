"""Which revisions there are, told from the names of their files: Alembic is slow to import, and most of the time there
is nothing to do.

The order of the names is the order of the history, which has no branches. Does not belong here: their content
(scripts.py), a database (applying.py).
"""

from __future__ import annotations

from pathlib import Path

from mids_assets.errors import UserError

VERSIONS = Path(__file__).parent / "versions"


def revisions() -> list[str]:
    """Ids of all revisions, the oldest first."""
    return sorted(path.stem for path in VERSIONS.glob("[0-9]*.py"))


def head() -> str:
    """The newest revision: what this version of the code needs."""
    return revisions()[-1]


def missing(at: str | None) -> list[str]:
    """Revisions that what is at `at` lacks, the oldest first; None is before the first."""
    return [one for one in revisions() if at is None or one > at]


def require_known(at: str | None, what: str) -> None:
    """Raise `UserError` when `what` was made by a newer version of this code."""
    if at is not None and at not in revisions():
        raise UserError(
            f"{what} is at revision {at}, and this version of mids-assets knows no revision after {head()}: a newer"
            " version made it. Use that version here too (git pull, then make upgrade), or restore a backup that was"
            " taken before into an empty database"
        )
