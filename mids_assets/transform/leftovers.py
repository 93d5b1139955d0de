"""Names of files and folders that are being written, and which of them nobody will finish any more.

A process that is killed leaves them behind. The name says who was writing: on the same host, those of processes that
are gone are removed at once; whoever else wrote, only what nobody has touched for an hour.
Does not belong here: where files lie (`transform.store`).
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

ABANDONED_SECONDS = 3600.0
_HOST = re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname()) or "host"
_WRITER = re.compile(rf"\.{re.escape(_HOST)}-(\d+)(?:\.[^.]*)?\.part$")


def unfinished_name(path: Path) -> str:
    """A hidden name beside `path`, of this process; ".part" has to follow."""
    return f".{path.name}.{_HOST}-{os.getpid()}."


def remove_leftovers(folder: Path) -> None:
    """Remove what is unfinished and will stay so, in `folder` and all below it."""
    for path in leftovers(folder):
        with suppress(FileNotFoundError):
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink()


def leftovers(folder: Path) -> Iterator[Path]:
    """What is unfinished and will stay so, in `folder` and all below it."""
    for path in sorted(folder.rglob(".*.part")):
        with suppress(FileNotFoundError):
            if _is_abandoned(path):
                yield path


def _is_abandoned(path: Path) -> bool:
    writer = _WRITER.search(path.name)
    if writer and _is_gone(int(writer[1])):
        return True
    return time.time() - path.stat().st_mtime > ABANDONED_SECONDS


def _is_gone(process: int) -> bool:
    try:
        return psutil.Process(process).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
