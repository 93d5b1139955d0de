"""Applying corrections: to a frame in memory, and to frames on disk one file at a time.

A record that is corrected is validated again, and one that breaks a rule then stays as it was. A quarantined record
that is good afterwards takes its place in the frame. Does not belong here: where files lie (`transform.framing`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from mids_assets.model.frames import SOURCE_POSITION
from mids_assets.readers.shapes import CANONICAL
from mids_assets.transform.corrections import payloads
from mids_assets.transform.corrections.entry import Corrected, Correction, State, key_field, outcome
from mids_assets.transform.corrections.fields import (
    MISSING,
    FieldFault,
    node_at,
    put,
    remove,
    same,
    source_steps,
    steps_of,
    value_at,
)
from mids_assets.transform.frames import validate_records

_Found = tuple[Correction, State, str]


@dataclass(frozen=True, slots=True)
class Place:
    """A record and all corrections of it."""

    position: int
    quarantined: bool
    corrections: list[Correction]


@dataclass(slots=True)
class Applied:
    """Frame and quarantine after it, and what became of each correction."""

    frame: pl.DataFrame
    quarantine: pl.DataFrame
    outcomes: list[Corrected] = field(default_factory=list)


def locate(
    entity: str, corrections: Sequence[Correction], good: pl.LazyFrame, quarantine: pl.DataFrame, shape: str
) -> tuple[list[Place], list[Corrected]]:
    """The records that the corrections are about, in order of the file, and outcomes for those about none.

    Good records count before those in quarantine. `shape` is that of the entity's file.
    """
    keys = {entry.key.lower() for entry in corrections if entry.key is not None}
    positions = {entry.position for entry in corrections if entry.position is not None}
    folded = pl.col(key_field(entity)).str.to_lowercase().alias("key")
    named = (
        good.select(SOURCE_POSITION, folded)
        .filter(pl.col("key").is_in(keys) | pl.col(SOURCE_POSITION).is_in(positions))
        .collect()
    )
    fit = list(named.iter_rows())
    refused = list(_quarantined_keys(entity, quarantine, shape))
    places: dict[tuple[int, bool], Place] = {}
    lost = []
    for entry in corrections:
        matches = [(position, False) for position, key in fit if _is_meant(entry, position, key)]
        matches = matches or [(position, True) for position, key in refused if _is_meant(entry, position, key)]
        matches = list(dict.fromkeys(matches))
        if len(matches) == 1:
            places.setdefault(matches[0], Place(*matches[0], [])).corrections.append(entry)
        elif matches:
            told = ", ".join(str(position) for position, _ in matches[:5])
            lost.append(outcome(entry, "refused", f"{len(matches)} records have this key; add the position: {told}"))
        else:
            lost.append(outcome(entry, "gone", "the source has no such record"))
    return [places[at] for at in sorted(places)], lost


def correct(
    entity: str,
    frame: pl.DataFrame,
    quarantine: pl.DataFrame,
    places: Sequence[Place],
    *,
    shape: str,
    source_file: str,
    taken: Callable[[str], list[int]],
) -> Applied:
    """Apply all corrections of the records at `places`, which are in `frame` or in `quarantine`.

    `taken` gives the positions of the entity's good records with a folded key.
    """
    done = Applied(frame, quarantine)
    changed: list[pl.DataFrame] = []
    left: set[int] = set()
    for place in places:
        before, rule = _record(entity, frame, quarantine, place)
        if before is None:
            done.outcomes += [
                outcome(entry, "refused", "what is in quarantine is no JSON object", place.position)
                for entry in place.corrections
            ]
            continue
        spelled = payloads.payload_shape(rule, shape) if place.quarantined else CANONICAL.name
        found, dropped = _patched(entity, before, place.corrections, spelled)
        applies = any(state == "applied" for _, state, _ in found)
        if applies and not dropped:
            try:
                if place.quarantined:
                    row = payloads.row_again(before, entity, rule, shape, place.position, frame)
                else:
                    row = payloads.row_from(before, frame)
                changed.append(_validated(entity, row, source_file, taken))
            except FieldFault as fault:
                found = [_refused(one, str(fault)) for one in found]
                applies = False
        if applies:
            left.add(place.position)
        done.outcomes += [
            outcome(entry, state, text, place.position, resolved=place.quarantined and state == "applied")
            for entry, state, text in found
        ]
    if left:
        gone = pl.col(SOURCE_POSITION).is_in(sorted(left))
        resolved = [place.position for place in places if place.quarantined and place.position in left]
        done.frame = pl.concat([frame.filter(~gone), *changed]).sort(SOURCE_POSITION, maintain_order=True)
        done.quarantine = quarantine.filter(~pl.col(SOURCE_POSITION).is_in(resolved))
    return done


def _refused(found: _Found, reason: str) -> _Found:
    entry, state, message = found
    return (entry, "refused", reason) if state == "applied" else (entry, state, message)


def _is_meant(entry: Correction, position: int, key: str | None) -> bool:
    return (entry.key is None or entry.key.lower() == key) and entry.position in (None, position)


def _quarantined_keys(entity: str, quarantine: pl.DataFrame, shape: str) -> Iterator[tuple[int, str | None]]:
    for position, rule, payload in quarantine.select(SOURCE_POSITION, "rule", "record").iter_rows():
        record = payloads.parsed(payload)
        key = None if record is None else payloads.key_of(record, entity, payloads.payload_shape(rule, shape))
        yield position, None if key is None else key.lower()


def _record(
    entity: str, frame: pl.DataFrame, quarantine: pl.DataFrame, place: Place
) -> tuple[dict[str, Any] | None, str]:
    """The record as nested dicts and lists; of a quarantined one also the rule that it broke."""
    at = pl.col(SOURCE_POSITION) == place.position
    if not place.quarantined:
        return frame.filter(at).row(0, named=True), ""
    entries = [(payloads.parsed(row["record"]), row["rule"]) for row in quarantine.filter(at).iter_rows(named=True)]
    # Text between two records is told at the position of the second, perhaps beside an entry of that record.
    return next((entry for entry in entries if entry[0] is not None), entries[0])


def _patched(
    entity: str, record: dict[str, Any], corrections: Sequence[Correction], shape: str
) -> tuple[list[_Found], bool]:
    """Change the record in place; says what became of each correction, and whether the record is to be left out."""
    found: list[_Found] = []
    dropped = False
    # Items are left out last and from the end, so that the numbers of the others are those of the source.
    for entry in sorted(corrections, key=lambda entry: (entry.drop, [-s for s in _numbers(entry)])):
        if entry.drop and not entry.field:
            dropped = True
            found.append((entry, "applied", "the record is left out"))
            continue
        try:
            steps = source_steps(shape, entity, entry.field)
        except FieldFault as fault:
            found.append((entry, "refused", str(fault)))
            continue
        node, _ = node_at(entity, entry.field)
        value = value_at(record, steps)
        if entry.checks_old and (value is MISSING or not same(node, value, entry.old)):
            shown = "nothing" if value is MISSING else repr(value)
            found.append((entry, "differs", f"the source says {shown:.200} and no longer {entry.old!r:.200}"))
        elif entry.drop:
            if remove(record, steps):
                found.append((entry, "applied", "the item is left out"))
            else:
                found.append((entry, "gone", "there is no such item"))
        elif value is not MISSING and same(node, value, entry.new):
            found.append((entry, "unchanged", "the source says so already"))
        elif put(record, steps, entry.new):
            old = "nothing" if value is MISSING else repr(value)
            found.append((entry, "applied", f"{old:.200} became {entry.new!r:.200}"))
        else:
            found.append((entry, "gone", "the record has no such place"))
    return found, dropped


def _numbers(entry: Correction) -> list[int]:
    return [step for step in (steps_of(entry.field) if entry.field else ()) if isinstance(step, int)]


def _validated(entity: str, row: pl.DataFrame, source_file: str, taken: Callable[[str], list[int]]) -> pl.DataFrame:
    """The row, if it breaks no rule; else `FieldFault`."""
    good = validate_records(entity, row, source_file=source_file)
    if good.quarantine.height:
        broken = good.quarantine.row(0, named=True)
        raise FieldFault(f"{broken['field']}: {broken['message']}")
    position, key = good.frame.select(SOURCE_POSITION, key_field(entity)).row(0)
    others = [other for other in taken(key.lower()) if other != position]
    # Enhancements may share a uid; they are told apart by their number among equals.
    if others and entity != "enhancement":
        raise FieldFault(f"{key} is record {others[0]} already")
    return good.frame
