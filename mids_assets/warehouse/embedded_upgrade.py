"""The embedded server's data brought over to a newer major version of PostgreSQL, by dump and restore.

It happens only when asked for (`mids db upgrade`): it needs room for a second copy, and programs of the old version.
The old folder is put aside first, so that nobody finds and changes it meanwhile; both servers run on ports that nobody
knows. It stays aside afterwards, whole. `UPGRADE_FILE` says that this is under way: killed at any moment, the next call
goes on. An error puts the old folder back.
Does not belong here: copying and comparing (embedded_copy.py).
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg2

from mids_assets.errors import UserError
from mids_assets.progress import report
from mids_assets.settings import Settings
from mids_assets.warehouse import embedded, embedded_cluster, embedded_process
from mids_assets.warehouse.embedded_cluster import UPGRADE_FILE, Cluster
from mids_assets.warehouse.embedded_copy import STAGE, copy_all, require_equal
from mids_assets.warehouse.embedded_programs import find_programs, server_user
from mids_assets.warehouse.failures import typed

_SPARE_BYTES = 256 * 1024 * 1024
"""What the new server writes beside the data: its own catalogue, the first of its log."""


@dataclass(frozen=True, slots=True)
class BroughtOver:
    """`old`: the folder that was put aside, with `bytes`; `rows`: of all tables, counted on both sides."""

    from_major: int
    to_major: int
    old: Path
    bytes: int
    rows: int


@dataclass(frozen=True, slots=True)
class _UnderWay:
    """What UPGRADE_FILE holds. `old`: where the data of before lies; `new`: where that of the new version is made.
    `rows`: of the copy that was found to be whole, None before that."""

    from_major: int
    to_major: int
    old: str
    new: str
    rows: int | None = None


def bring_over(settings: Settings) -> BroughtOver | None:
    """Bring the data folder to the newest major version that there are programs of; None where it is of that one.

    Raises `UserError` where others are connected, the disk has no room or the old version's programs are missing,
    `MidsError` for what cannot be copied; all is as before then.
    """
    with embedded.locked(settings):
        cluster = embedded_cluster.locate(settings.postgres_dir)
        under_way = _read(cluster) or _needed(cluster)
        if under_way is None:
            return None
        if under_way.rows is None:
            under_way = _copied(settings, cluster, under_way)
        return _settled(cluster, under_way)


def _needed(cluster: Cluster) -> _UnderWay | None:
    if not (cluster.data / "PG_VERSION").exists():
        return None
    current = embedded_cluster.programs_of(cluster)
    newest = find_programs(cluster.data.parent, server_user())
    if newest.major <= current.major:
        return None
    old = cluster.data.with_name(f"{cluster.data.name}-{current.major}")
    if old.exists():
        raise UserError(f"{old} is there already: move it away, and try again")
    return _UnderWay(current.major, newest.major, str(old), f"{cluster.data}-{newest.major}.new")


def _copied(settings: Settings, cluster: Cluster, under_way: _UnderWay) -> _UnderWay:
    """Old and new beside each other, and found equal; on an error the old one is where it was."""
    old, new = Cluster(cluster.base, Path(under_way.old)), Cluster(cluster.base, Path(under_way.new))
    if not old.data.exists():
        # Nothing was moved yet, or the call before this one was killed right before it.
        _require_unused(settings)
        _require_room(cluster)
        _write(cluster, under_way)
        cluster.data.rename(old.data)
    try:
        for one in (old, new):
            _end(one)
        shutil.rmtree(new.data, ignore_errors=True)
        report(STAGE, 0, 1, f"making a folder of PostgreSQL {under_way.to_major}")
        embedded_cluster.make(new)
        programs = embedded_cluster.programs_of(new)
        embedded_cluster.write_settings(new, programs)
        with _running(old) as before, _running(new) as after:
            copy_all(before, after, programs.bin_dir)
            rows = require_equal(before, after)
    except BaseException as error:
        _end(new)
        shutil.rmtree(new.data, ignore_errors=True)
        old.data.rename(cluster.data)
        (cluster.base / UPGRADE_FILE).unlink()
        if isinstance(error, psycopg2.Error):
            raise typed(error) from error
        raise
    found = _UnderWay(under_way.from_major, under_way.to_major, under_way.old, under_way.new, rows)
    _write(cluster, found)
    return found


def _settled(cluster: Cluster, under_way: _UnderWay) -> BroughtOver:
    """The new folder takes the place of the old one."""
    if not cluster.data.exists():
        Path(under_way.new).rename(cluster.data)
    (cluster.base / UPGRADE_FILE).unlink()
    old = Path(under_way.old)
    return BroughtOver(under_way.from_major, under_way.to_major, old, _size(old), under_way.rows or 0)


def _require_unused(settings: Settings) -> None:
    running = embedded.status(settings)
    if running is None:
        return
    others = embedded.other_clients(running)
    if others:
        raise UserError(
            f"the embedded server is in use ({', '.join(sorted(set(others)))}): stop `make dev` and all imports first"
        )
    embedded_process.stop(embedded_cluster.locate(settings.postgres_dir))


def _require_room(cluster: Cluster) -> None:
    needed = _size(cluster.data / "base") + _SPARE_BYTES
    free = shutil.disk_usage(cluster.data.parent).free
    if free < needed:
        raise UserError(
            f"bringing {cluster.data} over needs {needed / 2**20:,.0f} MiB for a second copy, and its disk has"
            f" {free / 2**20:,.0f} MiB: make room there"
        )


@contextmanager
def _running(cluster: Cluster) -> Iterator[str]:
    """URL of a server on `cluster` while the block lasts, on a port that is written down nowhere."""
    port = embedded_process.choose_port()
    said = embedded_process.start(cluster, port)
    if said is not None:
        raise embedded_cluster.explain(cluster, said)
    try:
        yield embedded.url_of(port, embedded_cluster.read_password(cluster), "postgres")
    finally:
        embedded_process.stop(cluster)


def _end(cluster: Cluster) -> None:
    """A server that a killed call left running."""
    postmaster = embedded_process.read_postmaster(cluster)
    if postmaster is not None and postmaster.alive:
        embedded_process.stop(cluster)
    elif postmaster is not None:
        embedded_process.discard_stale_postmaster(cluster)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _read(cluster: Cluster) -> _UnderWay | None:
    try:
        return _UnderWay(**json.loads((cluster.base / UPGRADE_FILE).read_text()))
    except FileNotFoundError:
        return None


def _write(cluster: Cluster, under_way: _UnderWay) -> None:
    path = cluster.base / UPGRADE_FILE
    partial = path.with_suffix(".partial")
    with partial.open("w") as file:
        json.dump(asdict(under_way), file)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(path)
