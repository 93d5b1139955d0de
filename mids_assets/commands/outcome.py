"""What an import came to; plain data, without Dagster, so that showing it is cheap to import."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Outcome:
    """What an import came to. `action`: published, nothing_to_do, stored (older than the published), checked."""

    realm: str
    action: str
    release: str
    build: str
    version: str
    seconds: float
    summary: dict[str, Any]
    changed: dict[str, dict[str, int]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    new_warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    published_at: str | None = None
    peak_memory_mib: float = 0.0
    """The most that one of our processes took; PostgreSQL apart."""
    exit_code: int = 0

    def as_json(self) -> dict[str, Any]:
        """The shape of `mids status --json` for the realm, with `seconds` and `changed` beside it."""
        facts = {
            "release": self.release,
            "version": self.version,
            "published_at": self.published_at,
            "tables": self.summary.get("tables", {}),
            "quarantined": self.summary.get("quarantined", {}),
            "checks": self.summary.get("checks", {"failed": 0, "warned": 0}),
        }
        return {
            "realms": {self.realm: facts},
            "action": self.action,
            "build": self.build,
            "seconds": round(self.seconds, 3),
            "peak_memory_mib": round(self.peak_memory_mib, 1),
            "changed": self.changed,
            "corrections": self.summary.get("corrections", []),
            "warnings": self.warnings,
            "notes": self.notes,
        }
