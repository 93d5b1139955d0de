"""What the machine gives: room on the disk, folders that can be written, a password nobody else reads, versions.

Does not belong here: PostgreSQL itself (server.py).
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from packaging.markers import Marker

from mids_assets.health.finding import Finding
from mids_assets.settings import PROJECT_ROOT, Settings
from mids_assets.warehouse import embedded_cluster

GIB = 1024**3
LITTLE_ROOM, NO_ROOM = 5 * GIB, 1 * GIB
"""Bytes: a real release with all that is made of it takes about 1 GiB, and ten of them are kept."""
NAMED = 5
_LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(?:\s*;\s*([^\\]+))?", re.MULTILINE)


def room(settings: Settings, home: Path) -> Iterator[Finding]:
    """Free bytes on the disks of the data folder and of Dagster's folder; one disk is told once."""
    disks = {}
    for folder in (settings.data_dir, home):
        existing = _existing(folder)
        disks.setdefault(existing.stat().st_dev, (folder, existing))
    for folder, existing in disks.values():
        free = shutil.disk_usage(existing).free
        text = f"{free / GIB:,.1f} GiB are free for {folder}."
        if free >= LITTLE_ROOM:
            yield Finding("disk", "ok", text)
        else:
            yield Finding(
                "disk",
                "broken" if free < NO_ROOM else "warn",
                text,
                "Make room there, let `mids prune` with a lower MIDS_KEEP_RELEASES do so, or set MIDS_DATA_DIR.",
            )


def folders(settings: Settings, home: Path) -> Iterator[Finding]:
    """Whether files can be made in every folder that an import writes to and that is there already."""
    asked = [settings.data_dir, settings.releases_dir, settings.landing_dir, settings.updates_dir, home]
    refused = False
    for folder in asked:
        try:
            if not folder.exists():
                continue
            with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-") as file:
                file.write(b"\0" * 4096)
        except OSError as error:
            refused = True
            yield Finding(
                "folders",
                "broken",
                f"{folder} cannot be written: {error.strerror}.",
                "Make it writable for the user who imports, make room on its disk, or set MIDS_DATA_DIR.",
            )
    if not refused:
        yield Finding("folders", "ok", f"{settings.data_dir} and {home} can be written.")


def password_file(settings: Settings) -> Iterator[Finding]:
    """Whether the password of the embedded server is there, and its owner's alone."""
    cluster = embedded_cluster.locate(settings.postgres_dir)
    place = cluster.base / "password"
    if not place.exists():
        if cluster.data.exists():
            embedded_cluster.read_password(cluster)
        return
    mode = place.stat().st_mode & 0o777
    if mode & 0o077:
        yield Finding("password", "broken", f"{place} has mode {mode:04o}: others can read it.", f"chmod 600 {place}")
    elif not os.access(place, os.R_OK):
        raise embedded_cluster.foreign_owner(cluster)
    else:
        yield Finding("password", "ok", f"{place} is its owner's alone.")


def secret_files(settings: Settings) -> Iterator[Finding]:
    """Files that hold a secret and that every user of the machine can read."""
    for place in settings.secret_files:
        mode = place.stat().st_mode & 0o777
        if mode & 0o004:
            text = f"{place} holds a secret and has mode {mode:04o}: every user of this machine can read it."
            yield Finding("password", "warn", text, f"chmod o-r {place}")
        else:
            yield Finding("password", "ok", f"{place} is closed to other users.")


def versions(lock: Path = PROJECT_ROOT / "requirements.lock") -> Iterator[Finding]:
    """Python, and every package of the lock file that is installed in another version, or not at all."""
    yield Finding("versions", "ok", f"Python {platform.python_version()}, mids-assets {_version('mids-assets')}.")
    if not lock.exists():
        return
    # A package that is for another system or Python is in the lock file with a condition.
    locked = {
        name: wanted
        for name, wanted, condition in _LOCKED.findall(lock.read_text("utf-8"))
        if not condition or Marker(condition).evaluate()
    }
    others = [
        f"{name} {found or 'missing'} instead of {wanted}"
        for name, wanted in locked.items()
        if (found := _version(name)) != wanted
    ]
    if others:
        more = f" and {len(others) - NAMED} more" if len(others) > NAMED else ""
        text = f"Packages differ from {lock.name}: {', '.join(others[:NAMED])}{more}."
        yield Finding("versions", "warn", text, "make clean setup")
    else:
        yield Finding("versions", "ok", f"All {len(locked)} packages are those of {lock.name}.")


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(one for one in (folder, *folder.parents) if one.exists())
