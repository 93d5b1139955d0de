"""How backups fare: the last one that was made, and the last attempt that failed. A small file for each realm.

What backups there are is asked at their place, which may be a store that is slow or away. Whether they are made must
be told at once and without it, and no store keeps a failure. Does not belong here: what is wrong with it (`health`).
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from mids_assets import clock
from mids_assets.redaction import redact
from mids_assets.settings import Settings
from mids_assets.warehouse.backup.manifest import Manifest, Reason


@dataclass(frozen=True, slots=True)
class Attempts:
    """Of one realm, or of Dagster's database. Times are aware; None is never. `scheduled_at`: when the schedule tried
    first. `bytes`, `seconds`: of the last one that was made. `error`: why the one at `failed_at` failed."""

    scheduled_at: datetime | None = None
    made_at: datetime | None = None
    bytes: int = 0
    seconds: float = 0.0
    failed_at: datetime | None = None
    error: str | None = None

    @property
    def last_failed(self) -> bool:
        """Whether none was made since the last failure."""
        return self.failed_at is not None and (self.made_at is None or self.made_at < self.failed_at)


_TIMES = ("scheduled_at", "made_at", "failed_at")


def note_made(settings: Settings, manifest: Manifest) -> None:
    before = last_attempts(settings, manifest.of)
    made = replace(before, made_at=clock.now(), bytes=manifest.bytes, seconds=manifest.seconds)
    _write(settings, manifest.of, _tried(made, manifest.reason))


def note_failed(settings: Settings, of: str, reason: Reason, error: BaseException) -> None:
    text = " ".join(redact(str(error)).split()) or type(error).__name__
    failed = replace(last_attempts(settings, of), failed_at=clock.now(), error=text)
    _write(settings, of, _tried(failed, reason))


def last_attempts(settings: Settings, of: str) -> Attempts:
    """What was noted; nothing where nothing was, or where it cannot be read."""
    try:
        facts = json.loads(_path(settings, of).read_text())
        times = {name: datetime.fromisoformat(facts[name]) for name in _TIMES if facts[name]}
        return Attempts(**facts | times)
    except (OSError, ValueError, KeyError, TypeError):
        return Attempts()


def _tried(attempts: Attempts, reason: Reason) -> Attempts:
    first = attempts.scheduled_at or (clock.now() if reason == "schedule" else None)
    return replace(attempts, scheduled_at=first)


def _write(settings: Settings, of: str, attempts: Attempts) -> None:
    """A disk that is full or read-only must not fail a backup that was made, nor hide why another one was not."""
    path = _path(settings, of)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps(asdict(attempts), default=datetime.isoformat, indent=2) + "\n")
        temporary.replace(path)


def _path(settings: Settings, of: str) -> Path:
    return settings.backup_attempts_dir / f"{of}.json"
