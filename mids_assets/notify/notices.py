"""What people are told of, from facts alone: the same facts give the same notices, whoever looks and however often.

The facts are the entries of mids.import_log. A notice has a key made of them, so it is told once, whatever is
restarted, wiped or started twice:

published  one for each publish that readers see; a rebuild of what they had is none.
failed     one for each cause between two publishes or recoveries: a broken file that is tried ten times is told once.
blocked    one for each build.
recovered  when failures or blocks that were told of are over.

Does not belong here: reading facts (facts.py), words (texts.py), sending (telling.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Literal

from mids_assets import errors
from mids_assets.errors import NetworkUnavailable, PermanentError
from mids_assets.warehouse.history import Entry
from mids_assets.warehouse.import_log import PUBLISHED

Kind = Literal["published", "failed", "blocked", "recovered"]
_PROBLEMS = ("failed", "blocked")
_VARYING = re.compile(r"\b[0-9a-f]{8,}\b|\d+")
"""Ids, numbers of processes and of bytes: they differ between two failures of one cause."""
_CLASS = re.compile(r"\b[A-Z]\w+(?=:)")


@dataclass(frozen=True, slots=True)
class Notice:
    """One piece of news. `log_id`, `at`: the last row of mids.import_log that it is about; `errors`: why, for a
    failure or a block; `over`: keys of the failures and blocks that a `recovered` is about."""

    kind: Kind
    key: str
    log_id: int
    at: datetime
    release: str | None = None
    version: str | None = None
    run_id: str | None = None
    action: str | None = None
    errors: tuple[str, ...] = ()
    over: tuple[tuple[Kind, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a realm at one moment."""

    entries: Sequence[Entry]
    """The newest of the log, the oldest of them first, none from before the first look."""
    last_publish: int
    """Row of the log of the last publish before `entries`; 0 where there is none."""
    told: frozenset[tuple[str, str]] = frozenset()
    """(kind, key) of all that was told."""
    open: Sequence[Notice] = ()
    """Failures and blocks that were told of and are not over."""
    recovered: Sequence[int] = ()
    """`log_id` of each recovery that was told."""
    ahead: frozenset[str] = frozenset()
    """Blocked releases that come after the published one."""
    published: str | None = None
    """Release that readers see."""
    unchanged_at: datetime | None = None
    """When a source was last looked at and held what is published."""


def notices(facts: Facts) -> list[Notice]:
    """What has to be told now, in the order in which it happened; a recovery at the end."""
    found: dict[tuple[Kind, str], Notice] = {}
    went_well = {entry.run_id for entry in facts.entries if entry.action in PUBLISHED}
    marks = [facts.last_publish, *facts.recovered, *(e.id for e in facts.entries if e.action in PUBLISHED)]
    for entry in facts.entries:
        if entry.action in PUBLISHED:
            if entry.action != "rebuild":
                found["published", str(entry.id)] = _notice("published", str(entry.id), entry)
        elif entry.run_id in went_well:
            continue  # A step that was tried again, and then did its work.
        elif entry.action == "blocked":
            key = f"{entry.release}-{entry.build}"
            before = found.get(("blocked", key))
            found["blocked", key] = _notice("blocked", key, entry, before.errors if before else ())
        else:
            since = max(mark for mark in marks if mark < entry.id)
            key = f"{since}-{_cause(entry)}"
            found.setdefault(("failed", key), _notice("failed", key, entry))
    new = [notice for place, notice in found.items() if place not in facts.told]
    return new + _recovery([*facts.open, *(one for one in new if one.kind in _PROBLEMS)], facts)


def _recovery(problems: Iterable[Notice], facts: Facts) -> list[Notice]:
    over = [problem for problem in problems if _is_over(problem, facts)]
    if not over:
        return []
    last = max([*(entry.id for entry in facts.entries), *(problem.log_id for problem in over)])
    places: list[tuple[Kind, str]] = [(problem.kind, problem.key) for problem in over]
    at = max(problem.at for problem in over)
    return [Notice("recovered", f"{over[0].log_id}-{last}", last, at, facts.published, over=tuple(places))]


def _is_over(problem: Notice, facts: Facts) -> bool:
    later = [entry for entry in facts.entries if entry.action in PUBLISHED and entry.id > problem.log_id]
    if problem.kind == "blocked":
        return any(entry.release == problem.release for entry in later) or (
            bool(later) and problem.release not in facts.ahead
        )
    if later:
        return True
    # Without a publish it is over when the same work was done again, found nothing new, and the fault was neither the
    # file's nor that of a server which is not asked then.
    looked_again = facts.unchanged_at is not None and facts.unchanged_at > problem.at
    return looked_again and problem.release in (None, facts.published) and not _is_of_the_source(problem.errors)


def _is_of_the_source(reasons: Iterable[str]) -> bool:
    kinds = [getattr(errors, name, None) for reason in reasons for name in _CLASS.findall(reason)]
    return any(isinstance(kind, type) and issubclass(kind, PermanentError | NetworkUnavailable) for kind in kinds)


def _notice(kind: Kind, key: str, entry: Entry, more: tuple[str, ...] = ()) -> Notice:
    reasons = (*more, entry.error) if entry.error and entry.error not in more else more
    return Notice(kind, key, entry.id, entry.at, entry.release, entry.version, entry.run_id, entry.action, reasons)


def _cause(entry: Entry) -> str:
    text = f"{entry.release} {_VARYING.sub('#', (entry.error or '').lower())}"
    return sha256(text.encode()).hexdigest()[:12]
