"""`mids diff`: two stored releases compared, without database and Dagster.

Does not belong here: which release or build is meant (sides.py), comparing (`transform.diff`), how the outcome is shown
(show_diff.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from mids_assets.commands.sides import NEWEST, named, require_releases, side_of
from mids_assets.settings import Settings
from mids_assets.transform.diff.compare import Diff, compare


@contextmanager
def compared(settings: Settings, realm: str, old: str | None, new: str | None) -> Iterator[Diff]:
    """The diff of two releases as a person names them, while the tables of both are there. Raises `MidsError`.

    Without `new` it is the newest; without `old` the one before `new`, and nothing where there is none.
    """
    releases = require_releases(settings, realm)
    later, later_build = named(settings, realm, releases, new or NEWEST)
    earlier, earlier_build = None, None
    if old is not None:
        earlier, earlier_build = named(settings, realm, releases, old)
    elif (place := releases.index(later)) > 0:
        earlier = releases[place - 1]
    with ExitStack() as stack:
        before = side_of(settings, earlier, earlier_build, stack) if earlier else None
        yield compare(before, side_of(settings, later, later_build, stack))
