"""What a backup says of itself, as manifest.json beside its files. It is written last: without it there is no backup.

Does not belong here: making it (taking.py).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from mids_assets.errors import BackupUnusable, UserError
from mids_assets.objects.place import Place

log = logging.getLogger(__name__)

DAGSTER = "_dagster"
"""What a backup of Dagster's database is of, in the place of a realm; no realm begins so."""
MANIFEST = "manifest.json"
LATEST = "latest"
FORMAT = 1
Reason = Literal["asked", "schedule", "before_publish"]


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Size and SHA-256 of one file of a backup, counted while it was written."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """A backup. `of`: realm, or `DAGSTER`. `release`, `build`, `version`: what was published, None for Dagster's.

    `server`: version of the server, such as "18.6". `dumped_by`: version of pg_dump. `model`: fingerprint of the
    schema's model. `tables`: rows of each, as schema.table. `roles`: roles other than the owner that have rights in
    it. `groups`: our own groups of then, whose rights a restore makes anew. `files`: name -> facts. `seconds`: until it
    was written and verified. `revision`: of schema mids, None before there were any.
    """

    of: str
    name: str
    reason: Reason
    created_at: datetime
    seconds: float
    release: str | None
    build: str | None
    version: str | None
    server: str
    dumped_by: str
    model: str | None
    tables: Mapping[str, int]
    roles: tuple[str, ...]
    groups: tuple[str, ...] = ()
    files: Mapping[str, StoredFile] = field(default_factory=dict)
    revision: str | None = None

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files.values())

    @property
    def rows(self) -> int:
        return sum(self.tables.values())

    @property
    def server_major(self) -> int:
        return int(self.server.split(".")[0])

    @property
    def dumper_major(self) -> int:
        return int(self.dumped_by.split(".")[0])

    @property
    def checksum(self) -> str:
        """SHA-256 of its largest file, which is the dump."""
        return max(self.files.values(), key=lambda file: file.bytes).sha256

    def path(self, file: str) -> str:
        return f"{self.of}/{self.name}/{file}"

    def as_json(self) -> dict[str, Any]:
        return {"format": FORMAT, **asdict(self), "created_at": self.created_at.isoformat(), "bytes": self.bytes}


def write_manifest(place: Place, manifest: Manifest) -> None:
    text = json.dumps(manifest.as_json(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    place.write(manifest.path(MANIFEST), [text.encode()])


def backups(place: Place, of: str | None = None) -> list[Manifest]:
    """All whole backups, or those of one realm, the oldest first. One whose manifest is damaged is none, and logged:
    it must hide no other one."""
    found = []
    for file in place.files(of or ""):
        if file.path.endswith(f"/{MANIFEST}"):
            try:
                found.append(_read(place, file.path))
            except BackupUnusable as error:
                log.warning("%s", error)
            except FileNotFoundError:
                continue  # Thinned out meanwhile.
    return sorted(found, key=lambda one: (one.created_at, one.of))


def find_backup(place: Place, of: str, name: str) -> Manifest:
    """The backup of a realm (or `DAGSTER`) by its name, or the latest. Raises `UserError` naming those that are."""
    return _pick(backups(place, of), of, name, place)


def named_backup(place: Place, name: str) -> Manifest:
    """The backup of that name, whatever it is of. Raises `UserError`."""
    return _pick(backups(place), None, name, place)


def _pick(found: Iterable[Manifest], of: str | None, name: str, place: Place) -> Manifest:
    known = list(found)
    chosen = known if name == LATEST else [one for one in known if one.name == name]
    if chosen:
        return chosen[-1]
    there = ", ".join(one.name for one in known[-5:]) or "none"
    raise UserError(
        f"there is no backup{f' of {of}' if of else ''}{'' if name == LATEST else f' called {name}'} in {place.name};"
        f" the newest: {there}"
    )


def _read(place: Place, path: str) -> Manifest:
    try:
        facts = json.loads(b"".join(place.read(path)))
        if facts["format"] != FORMAT:
            raise BackupUnusable(f"{path} in {place.name} was written by another version of this program")
        files = {name: StoredFile(**file) for name, file in facts["files"].items()}
        own = {name: facts[name] for name in Manifest.__dataclass_fields__ if name in facts}
        return Manifest(
            **own
            | {
                "created_at": datetime.fromisoformat(facts["created_at"]),
                "roles": tuple(facts["roles"]),
                "groups": tuple(facts.get("groups", ())),
                "files": files,
            }
        )
    except (ValueError, KeyError, TypeError) as error:
        raise BackupUnusable(f"{path} in {place.name} is damaged: {error}; remove its folder") from error
