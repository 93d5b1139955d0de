"""When the source of a realm was looked at last: the one truth of it, a small file in data/updates/<realm>/.

A realm with servers of updates is looked at when one of its manifests answers, whatever it says. One without is looked
at when somebody who is asked for the newest source looks into its landing folder.
Does not belong here: how long is too long (`health`).
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from mids_assets import clock

_NAMES = {True: "asked.json", False: "looked.json"}


def note_look(folder: Path, *, asked: bool) -> None:
    """Note that a manifest answered (`asked`), or that the landing folder was looked into, just now.

    A disk that is full or read-only fails whatever comes next, and is no reason to fail here.
    """
    place = folder / _NAMES[asked]
    temporary = place.with_name(f"{place.name}.{os.getpid()}.part")
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps({"at": clock.now().isoformat(timespec="seconds")}) + "\n")
        temporary.replace(place)


def last_look(folder: Path, *, asked: bool) -> datetime | None:
    """The moment that was noted last, aware; None where none was, or where it cannot be read."""
    try:
        return datetime.fromisoformat(json.loads((folder / _NAMES[asked]).read_text())["at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
