"""What a step saw in records that are good all the same: kept beside its frame, for metadata and the summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from mids_assets.transform.store import read_json, write_json


@dataclass(frozen=True, slots=True)
class Notes:
    """`unknown_keys`: JSON keys that the alias table does not know, by path. `replaced`: good records whose text held
    a NUL, which PostgreSQL cannot store, by field. Both count records."""

    unknown_keys: Mapping[str, int] = field(default_factory=dict)
    replaced: Mapping[str, int] = field(default_factory=dict)


def write_notes(frame: Path, notes: Notes) -> None:
    write_json(_beside(frame), asdict(notes))


def read_notes(frame: Path) -> Notes:
    return Notes(**read_json(_beside(frame)))


def together(parts: Iterable[Notes]) -> Notes:
    """The sum of several notes."""
    unknown: Counter[str] = Counter()
    replaced: Counter[str] = Counter()
    for part in parts:
        unknown.update(part.unknown_keys)
        replaced.update(part.replaced)
    return Notes(dict(sorted(unknown.items())), dict(sorted(replaced.items())))


def _beside(frame: Path) -> Path:
    return frame.with_name(f"{frame.name}.notes.json")
