"""The landing folder of a realm, where people drop releases; nothing is opened here."""

from __future__ import annotations

import time
from pathlib import Path

SETTLED_SECONDS = 2.0
"""An entry that changed within this time may still be being copied."""


def newest_entry(folder: Path, now: float | None = None) -> Path | None:
    """The folder or archive that changed last, left alone while it is still being copied. None = nothing there.

    Hidden entries, unfinished downloads (*.part) and the hashes beside a patch (*.hash) do not count.
    """
    moment = time.time() if now is None else now
    dated = [(_changed(entry), entry.name, entry) for entry in entries(folder)]
    # A time in the future is somebody's wrong clock, and no sign of a copy under way.
    settled = [entry for entry in dated if abs(moment - entry[0]) >= SETTLED_SECONDS]
    return max(settled)[2] if settled else None


def entries(folder: Path) -> list[Path]:
    """What may be a release in a landing folder, by name; none where there is no such folder."""
    if not folder.is_dir():
        return []
    return sorted(
        entry
        for entry in folder.iterdir()
        if not entry.name.startswith(".") and not entry.name.lower().endswith((".part", ".hash"))
    )


def _changed(entry: Path) -> float:
    if entry.is_dir():
        return max([entry.stat().st_mtime, *(inner.stat().st_mtime for inner in entry.rglob("*"))])
    return entry.stat().st_mtime
