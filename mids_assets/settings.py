"""The only reader of the environment: every MIDS_* variable, its default and what it means.

Does not belong here: anything that acts on a setting.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mids_assets.errors import UserError
from mids_assets.secret_files import require_long_key, secret, secret_file

PROJECT_ROOT = Path(__file__).resolve().parent.parent
MIB = 1024 * 1024
_MAIN_MANIFEST = "https://updates.midsreborn.com/update_manifest.json"
DEFAULT_UPDATE_URLS: Mapping[str, tuple[str, ...]] = {
    "homecoming": (_MAIN_MANIFEST,),
    "rebirth": (_MAIN_MANIFEST, "https://join.cityofheroesrebirth.com/Mids/update_manifest.xml"),
}
"""The public addresses; a realm that is not named has none."""
CELERY = "celery"
EXECUTORS = ("in_process", CELERY)
_REALM = re.compile(r"[a-z][a-z0-9_]{0,30}")
_OWNER = re.compile(r"team:\S+|[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_RESERVED_REALMS = {"mids", "mids_v1", "cross_check", "public", "information_schema"}
_SECRETS = (
    "MIDS_DATABASE_URL",
    "MIDS_DAGSTER_DATABASE_URL",
    "MIDS_NOTIFY_URLS",
    "MIDS_CELERY_BROKER",
    "MIDS_CELERY_RESULTS",
    "MIDS_API_LAUNCH_KEY",
)


def realm_name(text: str) -> str:
    """Fold a realm's name to its canonical form, or raise `UserError`.

    A realm is a PostgreSQL schema and the first part of every asset key, hence the narrow alphabet.
    """
    name = text.strip().lower()
    if not _REALM.fullmatch(name) or name in _RESERVED_REALMS or name.startswith("pg_"):
        raise UserError(
            f"{text!r} is no usable realm name: a letter followed by up to 30 letters, digits or underscores,"
            " and not mids, mids_v1, cross_check, public or pg_*"
        )
    return name


def is_address(place: str) -> bool:
    """Whether a place for files is the address of an object store, and not a folder."""
    return "://" in place and not place.startswith("file://")


@dataclass(frozen=True)
class Settings:
    """Everything that can be configured. Build it with `Settings.from_env`; tests use the constructor."""

    data_dir: Path = PROJECT_ROOT / "data"
    """MIDS_DATA_DIR: landing folder, corrections, stored releases, embedded PostgreSQL."""
    storage: str | None = field(default=None, repr=False)
    """MIDS_STORAGE: folder, or address of an object store (s3://bucket/prefix), for releases with all that is made of
    them, and for backups; unset = the data folder."""
    database_url: str | None = field(default=None, repr=False)
    """MIDS_DATABASE_URL: an external PostgreSQL (14 or newer); unset = the embedded server."""
    dagster_database_url: str | None = field(default=None, repr=False)
    """MIDS_DAGSTER_DATABASE_URL: Dagster's own storage; unset = database `dagster` on the same server."""
    realms: tuple[str, ...] = ("homecoming",)
    """MIDS_REALMS: comma-separated; one asset graph is built for each."""
    chunk_bytes: int = 8 * MIB
    """MIDS_CHUNK_BYTES: nominal size of an I12 partition."""
    workers: int | None = 1
    """MIDS_WORKERS: processes that parse I12 chunks side by side; None (unset) = what the machine has room for."""
    worker_memory_mib: int | None = None
    """MIDS_WORKER_MEMORY_MIB: the most memory of its own that such a process may take; None (unset) = no limit."""
    executor: str = "in_process"
    """MIDS_EXECUTOR: where the steps of a run are executed: in_process, or celery (workers of any machines)."""
    celery_broker: str | None = field(default=None, repr=False)
    """MIDS_CELERY_BROKER: the broker that steps are handed out through (redis://.., amqp://..)."""
    celery_results: str | None = field(default=None, repr=False)
    """MIDS_CELERY_RESULTS: where results of steps are kept; unset = the broker where it is Redis, else by messages."""
    celery_lost_seconds: float = 3600.0
    """MIDS_CELERY_LOST_SECONDS: a step whose worker said nothing for so long is handed out again (Redis)."""
    backfill_chunks: int | None = None
    """MIDS_BACKFILL_CHUNKS: so many I12 chunks each run of several parses; None (unset) = one run parses all."""
    concurrent_runs: int = 2
    """MIDS_CONCURRENT_RUNS: so many runs are under way at once; others wait in the queue."""
    lock_timeout_seconds: float = 30.0
    """MIDS_LOCK_TIMEOUT_SECONDS: how long a publish waits for PostgreSQL locks."""
    lock_wait_seconds: float = 600.0
    """MIDS_LOCK_WAIT_SECONDS: how long an import waits for another one of the same realm."""
    takeover_seconds: float = 60.0
    """MIDS_TAKEOVER_SECONDS: how long after the ingest of a killed `mids import` the daemon starts its publish."""
    vanished_share: float = 0.05
    """MIDS_VANISHED_SHARE: the greatest share of a table's rows (of more than 50) that a release may lose."""
    keep_releases: int = 10
    """MIDS_KEEP_RELEASES: how many of the newest stored releases of a realm keep their files."""
    keep_days: int = 0
    """MIDS_KEEP_DAYS: a release seen within so many days keeps its files, whatever the number of newer ones."""
    keep_run_days: int = 30
    """MIDS_KEEP_RUN_DAYS: so long Dagster keeps runs that are over, with their events."""
    fresh_days: int = 180
    """MIDS_FRESH_DAYS: after so many days without a publish the tables count as out of date; after half, a warning."""
    quarantine_share: float = 0.01
    """MIDS_QUARANTINE_SHARE: the greatest share of an entity's records that may be in quarantine unexpectedly."""
    schedule_cron: str = "0 2 * * *"
    """MIDS_SCHEDULE: cron line of the nightly import."""
    schedule_timezone: str = "UTC"
    """MIDS_SCHEDULE_TIMEZONE."""
    backup_url: str | None = field(default=None, repr=False)
    """MIDS_BACKUP_URL: folder, or address of an object store (s3://bucket/prefix), for backups; unset = backups/ of
    MIDS_STORAGE, or of the data folder."""
    backup_before_share: float = 0.25
    """MIDS_BACKUP_BEFORE_SHARE: a publish that changes more than this share of the realm's rows is preceded by a
    backup; inf = never."""
    backup_keep_daily: int = 7
    """MIDS_BACKUP_KEEP_DAILY: of so many of the latest days with a backup the last one is kept."""
    backup_keep_weekly: int = 4
    """MIDS_BACKUP_KEEP_WEEKLY: the same of weeks."""
    backup_keep_monthly: int = 12
    """MIDS_BACKUP_KEEP_MONTHLY: the same of months."""
    backup_cron: str = "0 4 * * *"
    """MIDS_BACKUP_SCHEDULE: cron line of the nightly backup."""
    backup_fresh_days: int = 2
    """MIDS_BACKUP_FRESH_DAYS: once the schedule has begun to back a realm up, its newest backup may be so old; 0 = do
    not ask."""
    landing_seconds: int = 15
    """MIDS_LANDING_SECONDS: time between two looks at the landing folder; what changed in between is still copied."""
    update_urls: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: DEFAULT_UPDATE_URLS, hash=False)
    """MIDS_UPDATE_URL_<REALM>: manifests of updates with blanks between, asked in this order; empty = none."""
    notify_urls: tuple[str, ...] = field(default=(), repr=False)
    """MIDS_NOTIFY_URLS: Apprise addresses of who is told, with blanks between; each is a secret. Empty = nobody."""
    secret_files: tuple[Path, ...] = ()
    """MIDS_DATABASE_URL_FILE, MIDS_DAGSTER_DATABASE_URL_FILE, MIDS_NOTIFY_URLS_FILE: files that hold those settings."""
    user_header: str | None = None
    """MIDS_USER_HEADER: header in which the proxy before the web UI hands on who is logged in; unset = nobody is."""
    api_launch_key: str | None = field(default=None, repr=False)
    """MIDS_API_LAUNCH_KEY: the web server knows by it that a launch is the read API's, and believes it who asked."""
    traces: bool = False
    """OTEL_EXPORTER_OTLP_ENDPOINT, or .._TRACES_ENDPOINT, is set, and OTEL_SDK_DISABLED is not true: runs are traced.
    Where to and how is read by OpenTelemetry's own library, by the names of its standard."""
    owner: str = "team:mids-assets"
    """MIDS_OWNER: who the UI names as owner of the assets: an e-mail address, or team: and a name."""

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Read MIDS_* from `env` (default: the process environment). Raises `UserError` on a value it cannot use."""
        env = os.environ if env is None else env
        defaults = cls()

        def number(name: str, default, kind, least):
            text = env.get(name, "").strip()
            if not text:
                return default
            try:
                value = kind(text)
            except ValueError:
                raise UserError(f"{name}={text!r} is not a number") from None
            if value < least:
                raise UserError(f"{name}={text} is below the least value {least}")
            return value

        realms = tuple(
            dict.fromkeys(realm_name(part) for part in env.get("MIDS_REALMS", "homecoming").split(",") if part.strip())
        )
        return cls(
            data_dir=Path(env.get("MIDS_DATA_DIR") or defaults.data_dir).expanduser().resolve(),
            storage=_storage(env.get("MIDS_STORAGE", "").strip()),
            database_url=secret(env, "MIDS_DATABASE_URL") or None,
            dagster_database_url=secret(env, "MIDS_DAGSTER_DATABASE_URL") or None,
            realms=realms or defaults.realms,
            chunk_bytes=number("MIDS_CHUNK_BYTES", defaults.chunk_bytes, int, 1024),
            workers=number("MIDS_WORKERS", None, int, 1),
            worker_memory_mib=number("MIDS_WORKER_MEMORY_MIB", None, int, 256),
            executor=_executor(env),
            celery_broker=_celery_address(env, "MIDS_CELERY_BROKER"),
            celery_results=_celery_address(env, "MIDS_CELERY_RESULTS"),
            celery_lost_seconds=number("MIDS_CELERY_LOST_SECONDS", defaults.celery_lost_seconds, float, 1.0),
            backfill_chunks=number("MIDS_BACKFILL_CHUNKS", None, int, 1),
            concurrent_runs=number("MIDS_CONCURRENT_RUNS", defaults.concurrent_runs, int, 1),
            lock_timeout_seconds=number("MIDS_LOCK_TIMEOUT_SECONDS", defaults.lock_timeout_seconds, float, 0.1),
            lock_wait_seconds=number("MIDS_LOCK_WAIT_SECONDS", defaults.lock_wait_seconds, float, 0.0),
            takeover_seconds=number("MIDS_TAKEOVER_SECONDS", defaults.takeover_seconds, float, 0.0),
            quarantine_share=number("MIDS_QUARANTINE_SHARE", defaults.quarantine_share, float, 0.0),
            vanished_share=number("MIDS_VANISHED_SHARE", defaults.vanished_share, float, 0.0),
            keep_releases=number("MIDS_KEEP_RELEASES", defaults.keep_releases, int, 1),
            keep_days=number("MIDS_KEEP_DAYS", defaults.keep_days, int, 0),
            keep_run_days=number("MIDS_KEEP_RUN_DAYS", defaults.keep_run_days, int, 1),
            fresh_days=number("MIDS_FRESH_DAYS", defaults.fresh_days, int, 1),
            backup_url=env.get("MIDS_BACKUP_URL", "").strip() or None,
            backup_before_share=number("MIDS_BACKUP_BEFORE_SHARE", defaults.backup_before_share, float, 0.0),
            backup_keep_daily=number("MIDS_BACKUP_KEEP_DAILY", defaults.backup_keep_daily, int, 1),
            backup_keep_weekly=number("MIDS_BACKUP_KEEP_WEEKLY", defaults.backup_keep_weekly, int, 0),
            backup_keep_monthly=number("MIDS_BACKUP_KEEP_MONTHLY", defaults.backup_keep_monthly, int, 0),
            backup_cron=env.get("MIDS_BACKUP_SCHEDULE") or defaults.backup_cron,
            backup_fresh_days=number("MIDS_BACKUP_FRESH_DAYS", defaults.backup_fresh_days, int, 0),
            schedule_cron=env.get("MIDS_SCHEDULE") or defaults.schedule_cron,
            schedule_timezone=env.get("MIDS_SCHEDULE_TIMEZONE") or defaults.schedule_timezone,
            traces=_traces(env),
            owner=_owner(env.get("MIDS_OWNER", "").strip() or defaults.owner),
            landing_seconds=number("MIDS_LANDING_SECONDS", defaults.landing_seconds, int, 1),
            update_urls={realm: _update_urls(env, realm) for realm in realms or defaults.realms},
            notify_urls=_notify_urls(env),
            user_header=_header(env.get("MIDS_USER_HEADER", "").strip()),
            api_launch_key=_launch_key(env),
            secret_files=tuple(path for name in _SECRETS if (path := secret_file(env, name))),
        )

    def require_realm(self, text: str) -> str:
        """The canonical realm, which must be one of `realms`: its asset graph exists only then."""
        name = realm_name(text)
        if name not in self.realms:
            raise UserError(
                f"realm {name!r} has no asset graph: set MIDS_REALMS={','.join([*self.realms, name])} and try again"
            )
        return name

    def updates_of(self, realm: str) -> tuple[str, ...]:
        """Addresses of the manifests that are asked for updates of a realm; none = it is not asked for any."""
        return self.update_urls.get(realm, ())

    @property
    def corrections_dir(self) -> Path:
        return self.data_dir / "corrections"

    @property
    def landing_dir(self) -> Path:
        return self.data_dir / "landing"

    @property
    def releases_dir(self) -> Path:
        """Folder of the releases; where they are in an object store, of the copies that this machine works on."""
        if self.releases_address:
            return self.data_dir / "cache" / "releases"
        return Path(self.storage or self.data_dir) / "releases"

    @property
    def releases_address(self) -> str | None:
        """Address of the object store that the releases are in; None where they are in a folder."""
        return f"{self.storage}/releases" if self.storage and is_address(self.storage) else None

    @property
    def updates_dir(self) -> Path:
        return self.data_dir / "updates"

    @property
    def backup_place(self) -> str:
        """Folder, or address of a store, that backups go to."""
        return self.backup_url or f"{self.storage or self.data_dir}/backups"

    @property
    def backup_setting(self) -> str:
        """The setting that says so, or would."""
        return "MIDS_STORAGE" if self.storage and not self.backup_url else "MIDS_BACKUP_URL"

    @property
    def backup_attempts_dir(self) -> Path:
        return self.data_dir / "backup_attempts"

    @property
    def postgres_dir(self) -> Path:
        return self.data_dir / "postgres"


def _executor(env: Mapping[str, str]) -> str:
    name = env.get("MIDS_EXECUTOR", "").strip() or EXECUTORS[0]
    if name not in EXECUTORS:
        raise UserError(f"MIDS_EXECUTOR={name!r} is none of {', '.join(EXECUTORS)}")
    if name == CELERY and not secret(env, "MIDS_CELERY_BROKER").strip():
        raise UserError("MIDS_EXECUTOR=celery needs MIDS_CELERY_BROKER, such as redis://host:6379/0")
    return name


def _celery_address(env: Mapping[str, str], name: str) -> str | None:
    address = secret(env, name).strip()
    if address and not re.match(r"[a-z][a-z0-9+]*://", address):
        # Its words are left out: they may be a password.
        raise UserError(f"{name} has no scheme such as redis:// or amqp://")
    return address or None


def _storage(text: str) -> str | None:
    if not text or is_address(text):
        return text.rstrip("/") or None
    folder = Path(text.removeprefix("file://")).expanduser()
    if not folder.is_absolute():
        raise UserError(f"MIDS_STORAGE={text!r}: a folder is written from / on, an object store as s3://bucket/prefix")
    return str(folder)


def log_format(env: Mapping[str, str]) -> str:
    """MIDS_LOG_FORMAT: text, or json for a JSON object a line. Apart, since it says how a wrong setting is told."""
    name = env.get("MIDS_LOG_FORMAT", "").strip().lower() or "text"
    if name not in ("text", "json"):
        raise UserError(f"MIDS_LOG_FORMAT={name!r} is neither text nor json")
    return name


def _traces(env: Mapping[str, str]) -> bool:
    endpoints = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
    return any(env.get(name, "").strip() for name in endpoints) and env.get("OTEL_SDK_DISABLED", "").lower() != "true"


def _owner(text: str) -> str:
    if not _OWNER.fullmatch(text):
        raise UserError(f"MIDS_OWNER={text!r} is neither an e-mail address nor team: and a name")
    return text


def _header(text: str) -> str | None:
    if text and not re.fullmatch(r"[A-Za-z0-9-]+", text):
        raise UserError(f"MIDS_USER_HEADER={text!r} is no name of a header, such as X-Forwarded-User")
    return text or None


def _launch_key(env: Mapping[str, str]) -> str | None:
    key = secret(env, "MIDS_API_LAUNCH_KEY").strip()
    require_long_key("MIDS_API_LAUNCH_KEY", key)
    return key or None


def _update_urls(env: Mapping[str, str], realm: str) -> tuple[str, ...]:
    name = f"MIDS_UPDATE_URL_{realm.upper()}"
    text = env.get(name)
    if text is None:
        return DEFAULT_UPDATE_URLS.get(realm, ())
    urls = tuple(text.split())
    for url in urls:
        if not re.fullmatch(r"https?://[^/\s]+(/\S*)?", url):
            raise UserError(f"{name}: {url!r} is no http or https address; give manifests with blanks between")
    return urls


def _notify_urls(env: Mapping[str, str]) -> tuple[str, ...]:
    urls = tuple(dict.fromkeys(secret(env, "MIDS_NOTIFY_URLS").split()))
    for number, url in enumerate(urls, start=1):
        if not re.match(r"[a-z][a-z0-9.+-]*://\S", url, re.IGNORECASE):
            # Its words are left out: they may be a password with a blank in it.
            raise UserError(
                f"MIDS_NOTIFY_URLS: address {number} of {len(urls)} has no scheme such as discord:// or mailto://; give"
                " addresses with blanks between, and write a blank inside one as %20"
            )
    return urls
