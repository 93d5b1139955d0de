"""Which stored releases and builds give up their files, and giving them up.

The published release and the one before it always stay, and so does what a run works on. The register keeps its rows.
Does not belong here: where files lie (`transform.store`).
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mids_assets.settings import Settings
from mids_assets.transform.store import BuildPaths, Store
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.register import ReleaseRow, predecessor, releases

_MANIFEST = "build-*.json"


@dataclass(frozen=True, slots=True)
class Pruned:
    """`releases`: ids of releases without files now. `builds`: (release, build) whose derived files went. `bytes`:
    what that freed, hard links counted once."""

    releases: list[str]
    builds: list[tuple[str, str]]
    bytes: int


def prune(settings: Settings, realm: str, *, busy: Collection[str] = (), dry_run: bool = False) -> Pruned:
    """Remove what the settings do not keep. `busy`: releases that a run works on. Raises `DatabaseUnavailable`.

    A release that is half removed when the process is killed is removed by the next call.
    """
    store = Store(settings.releases_dir)
    with closing(connect(settings, application_name=f"mids prune {realm}")) as connection:
        rows = releases(connection, realm)
        before = predecessor(connection, realm)
        kept = {before.release} if before else set()
        kept |= {str(found["release"]) for name in ("plan", "newest") if (found := store.pointed(realm, name))}
        plan = store.pointed(realm, "plan") or {}
        gone = to_prune(rows, kept | set(busy), settings, datetime.now(UTC))
        gone = [row for row in gone if store.release_dir(realm, row.release).exists()]
        builds = [
            paths
            for row in rows
            if row not in gone and row.release not in busy
            for paths in _builds(store.release_dir(realm, row.release))
            if paths.build not in (row.build, plan.get("build"))
        ]
        folders = [store.release_dir(realm, row.release) for row in gone] + [p for b in builds for p in _derived(b)]
        freed = _size(folders)
        connection.rollback()
        if not dry_run:
            for paths in builds:
                _remove(_derived(paths))
            for row in gone:
                _remove([store.release_dir(realm, row.release)])
                with connection, connection.cursor() as cur:
                    cur.execute("UPDATE mids.release SET pruned_at = clock_timestamp() WHERE id = %s", (row.id,))
    return Pruned([row.release for row in gone], [(b.release_dir.name, b.build) for b in builds], freed)


def to_prune(rows: list[ReleaseRow], kept: Collection[str], settings: Settings, now: datetime) -> list[ReleaseRow]:
    """Releases beyond the newest `keep_releases` and older than `keep_days`; `rows` come the oldest first."""
    young = now - timedelta(days=settings.keep_days)
    return [
        row
        for row in rows[: -settings.keep_releases]
        if row.state != "published" and row.release not in kept and row.seen_at < young
    ]


def _builds(folder: Path) -> list[BuildPaths]:
    names = sorted(path.stem.removeprefix("build-") for path in folder.glob(_MANIFEST))
    return [BuildPaths(folder, name) for name in names]


def _derived(paths: BuildPaths) -> list[Path]:
    """The manifest last: while it is there, the build is found again and the rest removed."""
    return [paths.raw, paths.chunks, paths.frames, paths.tables, paths.corrections, paths.manifest]


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        if path.is_dir():
            # Out of the way first: whoever looks finds the whole folder or none.
            going = path.with_name(f".{path.name}.gone")
            shutil.rmtree(going, ignore_errors=True)
            path.rename(going)
            shutil.rmtree(going)
        else:
            path.unlink(missing_ok=True)


def _size(paths: Iterable[Path]) -> int:
    seen: dict[tuple[int, int], int] = {}
    for path in paths:
        for file in [path] if path.is_file() else path.rglob("*"):
            if file.is_file():
                facts = file.stat()
                seen[facts.st_dev, facts.st_ino] = facts.st_size
    return sum(seen.values())
