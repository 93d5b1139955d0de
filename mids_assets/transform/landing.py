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
    if not folder.is_dir():
        return None
    moment = time.time() if now is None else now
    entries = [
        (_changed(entry), entry.name, entry)
        for entry in folder.iterdir()
        if not entry.name.startswith(".") and not entry.name.lower().endswith((".part", ".hash"))
    ]
    # A time in the future is somebody's wrong clock, and no sign of a copy under way.
    settled = [entry for entry in entries if abs(moment - entry[0]) >= SETTLED_SECONDS]
    return max(settled)[2] if settled else None


def _changed(entry: Path) -> float:
    if entry.is_dir():
        return max([entry.stat().st_mtime, *(inner.stat().st_mtime for inner in entry.rglob("*"))])
    return entry.stat().st_mtime
