"""The corrections that hold for a release, as a part of its build: chosen, named by a hash, kept beside it.

They are chosen once, where the build gets its id; the steps after it read what was kept, so that a file that is
edited meanwhile changes nothing before the next import. Does not belong here: the YAML (`reading`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from mids_assets.errors import UserError
from mids_assets.transform.corrections.entry import ENTITIES, Corrected, Correction, from_json
from mids_assets.transform.corrections.fields import steps_of
from mids_assets.transform.corrections.ranges import holds
from mids_assets.transform.corrections.reading import read_folder
from mids_assets.transform.parts import CORRECTIONS
from mids_assets.transform.store import BuildPaths, read_json, write_json

ID_DIGITS = 16


def corrections_for(folder: Path, realm: str, version: str | None, moment: datetime | None) -> list[Correction]:
    """The entries of a realm that hold for a release. Raises `UserError` for files that cannot be meant."""
    found = [
        entry
        for entry in read_folder(folder / realm)
        if holds(entry.since, entry.until, version=version, moment=moment)
    ]
    _refuse_rivals(folder / realm, found)
    return found


def fingerprint(corrections: Iterable[Correction]) -> str:
    """Hash over what decides the rows, "" for none: comments, reasons and the order of entries do not."""
    parts = sorted(json.dumps(entry.substance(), sort_keys=True) for entry in corrections)
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:ID_DIGITS] if parts else ""


def keep(paths: BuildPaths, corrections: Sequence[Correction]) -> None:
    """Pin the corrections to the build."""
    if corrections or paths.corrections.exists():
        write_json(paths.corrections, [asdict(entry) for entry in corrections])
    paths.keep(CORRECTIONS)


def kept(paths: BuildPaths, entity: str | None = None) -> list[Correction]:
    """The corrections of the build, or those of one entity."""
    if not paths.corrections.exists():
        return []
    found = [Correction(**entry) for entry in read_json(paths.corrections)]  # type: ignore[arg-type]
    return [entry for entry in found if entity in (None, entry.entity)]


def write_outcomes(paths: BuildPaths, entity: str, outcomes: Iterable[Corrected]) -> None:
    """Leave beside the entity's frame what became of its corrections."""
    write_json(_outcomes(paths, entity), [one.as_json() for one in outcomes])


def read_outcomes(paths: BuildPaths, entity: str) -> list[Corrected]:
    path = _outcomes(paths, entity)
    return [from_json(one) for one in read_json(path)] if path.exists() else []  # type: ignore[arg-type]


def all_outcomes(paths: BuildPaths) -> list[dict[str, Any]]:
    """What became of all corrections of a build, for JSON."""
    return [one.as_json() for entity in ENTITIES for one in read_outcomes(paths, entity)]


def _outcomes(paths: BuildPaths, entity: str) -> Path:
    return paths.frames / f"{entity}.corrections.json"


def _refuse_rivals(folder: Path, corrections: Sequence[Correction]) -> None:
    """Two entries about one place of one record: what comes out would depend on their order."""
    per_record: dict[tuple, list[Correction]] = {}
    for entry in corrections:
        others = per_record.setdefault((entry.entity, (entry.key or "").lower(), entry.position), [])
        for other in others:
            one, two = (steps_of(each.field) if each.field else () for each in (other, entry))
            shorter = min(len(one), len(two))
            if one[:shorter] == two[:shorter]:
                raise UserError(
                    f"{folder}: {other.label} and {entry.label} correct the same place of {entry.record}; keep one of"
                    " them, or let them hold for different releases"
                )
        others.append(entry)
