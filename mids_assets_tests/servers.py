"""Embedded PostgreSQL servers for tests: real ones, in folders of their own, gone afterwards.

Does not belong here: anything about tables; tests of those make their schema themselves.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from mids_assets.settings import Settings
from mids_assets.warehouse import embedded, embedded_cluster


@contextlib.contextmanager
def open_folder() -> Iterator[Path]:
    """A temporary folder that every user may enter (pytest's own are closed, which is a case for itself)."""
    folder = Path(tempfile.mkdtemp(prefix="mids-test-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def temporary_settings(folder: Path | None = None) -> Iterator[Settings]:
    """Settings with a data folder of their own; a server started on it is stopped and its files are removed."""
    with contextlib.ExitStack() as stack:
        base = stack.enter_context(open_folder()) if folder is None else folder
        settings = Settings(data_dir=base / "data")
        try:
            yield settings
        finally:
            embedded.stop(settings, force=True)
            data = embedded_cluster.locate(settings.postgres_dir).data
            if settings.postgres_dir not in data.parents:
                shutil.rmtree(data.parent, ignore_errors=True)


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """A bare environment for a child process that uses the server of `settings`, and no server of the public."""
    bare = {"PATH": os.environ["PATH"], "MIDS_DATA_DIR": str(settings.data_dir), "MIDS_UPDATE_URL_HOMECOMING": ""}
    return {**bare, **more}
