"""Which backups are kept, and removing the others.

Backups before a publish are thinned out by themselves: the nightly one after a bad import must not push out the one
that was made before it. Does not belong here: reading manifests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from mids_assets.objects.place import Place
from mids_assets.settings import Settings
from mids_assets.warehouse.backup.manifest import MANIFEST, Manifest, backups

WHOLE = timedelta(days=1)
CUT_SHORT = timedelta(days=1)
"""Files without a manifest that are older belong to a backup that nobody will finish."""


@dataclass(frozen=True, slots=True)
class Keep:
    """Of how many of the latest days, weeks and months with a backup the last one is kept."""

    daily: int
    weekly: int
    monthly: int


def kept(times: Iterable[datetime], keep: Keep) -> set[datetime]:
    """Those of `times` (aware) that stay; days, weeks (from Monday) and months are those of UTC.

    The last day before the newest stays whole: who backs up what went wrong must not lose what was before it.
    """
    newest_first = sorted(set(times), reverse=True)
    found = {at for at in newest_first if newest_first[0] - at < WHOLE}
    spans: list[tuple[int, Callable[[datetime], tuple]]] = [
        (keep.daily, lambda at: (at.date(),)),
        (keep.weekly, lambda at: at.isocalendar()[:2]),
        (keep.monthly, lambda at: (at.year, at.month)),
    ]
    for number, span in spans:
        last: dict[tuple, datetime] = {}
        for at in newest_first:
            last.setdefault(span(at.astimezone(UTC)), at)
        found.update(list(last.values())[:number])
    return found


def thin_out(place: Place, of: str, settings: Settings, now: datetime) -> list[Manifest]:
    """Remove the backups of a realm that are not kept, and what was cut short. Returns those that are gone."""
    keep = Keep(settings.backup_keep_daily, settings.backup_keep_weekly, settings.backup_keep_monthly)
    whole = backups(place, of)
    gone: list[Manifest] = []
    for series in (
        [one for one in whole if one.reason != "before_publish"],
        [one for one in whole if one.reason == "before_publish"],
    ):
        stay = kept((one.created_at for one in series), keep)
        gone += [one for one in series if one.created_at not in stay]
    for one in gone:
        # The manifest first: from then on it is no backup any more, whatever interrupts the rest.
        place.remove([one.path(MANIFEST), *(one.path(file) for file in one.files)])
    left = place.files(of)
    # Any manifest protects its files, also one that this version cannot read.
    folders = {_folder(file.path) for file in left if file.path.endswith(f"/{MANIFEST}")}
    place.remove(file.path for file in left if _folder(file.path) not in folders and now - file.at > CUT_SHORT)
    return gone


def _folder(path: str) -> str:
    return path.rpartition("/")[0]
