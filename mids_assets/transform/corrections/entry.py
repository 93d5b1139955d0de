"""What a correction says, and what became of it; plain values that are kept as JSON.

Does not belong here: reading files (`reading`), doing it (`applying`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from mids_assets.model.table import Column
from mids_assets.model.tables import TABLES
from mids_assets.readers.json_model import RECORDS

State = Literal["applied", "gone", "differs", "unchanged", "refused"]
ENTITIES: tuple[str, ...] = tuple(RECORDS)
"""Entities whose records can be corrected: all that are read as records; the small tables are not."""


@dataclass(frozen=True, slots=True)
class Correction:
    """One entry. The record is told by `key` (letter case does not matter), by `position` in its file, or by both.

    `drop` leaves out the record, or the item of a list that `field` names. `since` and `until` are the first and
    last release that it holds for, as dates or versions. `checks_old`: it applies only while the value is `old`.
    """

    file: str
    number: int
    entity: str
    key: str | None
    position: int | None
    field: str
    reason: str
    drop: bool = False
    checks_old: bool = False
    old: Any = None
    new: Any = None
    since: str | None = None
    until: str | None = None

    @property
    def label(self) -> str:
        return f"{self.file}, entry {self.number}"

    @property
    def record(self) -> str:
        """The record as a person names it."""
        place = "" if self.position is None else f"record {self.position}"
        return f"{self.entity} {' at '.join(filter(None, (self.key, place)))}"

    def substance(self) -> dict[str, Any]:
        """What decides the rows: neither where it is written nor why."""
        facts = asdict(self)
        return {name: facts[name] for name in facts if name not in ("file", "number", "reason", "since", "until")}


@dataclass(frozen=True, slots=True)
class Corrected:
    """What became of a correction. `position`: the record's place in its file. `resolved`: it was in quarantine.

    `gone`: there is no such record or field. `differs`: the source says something else than `from`. `unchanged`: the
    source says it already. `refused`: the record would break a rule; `message` says which.
    """

    label: str
    entity: str
    record: str
    field: str
    state: State
    message: str
    reason: str
    position: int | None = None
    resolved: bool = False

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def sentence(self) -> str:
        """For a person who did not look for it."""
        field = f" {self.field}" if self.field else ""
        told = {
            "gone": "no longer applies",
            "differs": "no longer applies",
            "unchanged": "changes nothing",
            "refused": "cannot be applied",
            "applied": "applied",
        }[self.state]
        return f"Correction of {self.record}{field} ({self.label}) {told}: {self.message}."


def outcome(
    correction: Correction, state: State, message: str, position: int | None = None, *, resolved: bool = False
) -> Corrected:
    return Corrected(
        correction.label,
        correction.entity,
        correction.record,
        correction.field,
        state,
        message,
        correction.reason,
        position,
        resolved,
    )


def from_json(value: Mapping[str, Any]) -> Corrected:
    return Corrected(**value)


def key_field(entity: str) -> str:
    """Field of the source record that holds the entity's natural key."""
    table = TABLES[entity]
    columns = [table.by_name[name] for name in table.key]
    return next(column.source for column in columns if isinstance(column, Column) and column.source)
