"""Every metric that is exported: its name, kind, labels and what it says. Nothing else names one.

Names are those of Prometheus' conventions: base units (seconds, bytes, ratio), `_total` for counters only, moments as
Unix time so that whoever reads computes an age. Labels are realms, names of the model and words of the code: their
number is bounded, and none holds a secret. Does not belong here: where a value comes from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric


@dataclass(frozen=True, slots=True)
class Family:
    name: str
    help: str
    labels: tuple[str, ...] = ()
    kind: Literal["gauge", "counter"] = "gauge"

    def of(self, value: float, *labels: str) -> Sample:
        return Sample(self, float(value), labels)


@dataclass(frozen=True, slots=True)
class Sample:
    family: Family
    value: float
    labels: tuple[str, ...]


UP = Family("mids_up", "1 while the database answers in time; 0 means that all that is read from it is missing.")
READING_SECONDS = Family("mids_reading_duration_seconds", "How long the last reading of all figures took.")
BUILD = Family("mids_build_info", "1, with the version of mids-assets that exports this.", ("version",))

RELEASE = Family(
    "mids_release_info",
    "1 for the release that readers of the realm see, with its id, build and version.",
    ("realm", "release", "build", "version", "sample"),
)
PUBLISHED_AT = Family(
    "mids_release_published_timestamp_seconds", "When the published release was last published.", ("realm",)
)
RELEASE_DATE = Family("mids_release_date_timestamp_seconds", "The date that the published release states.", ("realm",))
FRESH_LIMIT = Family(
    "mids_release_fresh_limit_seconds", "MIDS_FRESH_DAYS: a release published longer ago is out of date."
)
RELEASES = Family("mids_releases", "Releases that are known, by what became of them.", ("realm", "state"))
SOURCE_CHECKED = Family(
    "mids_source_checked_timestamp_seconds",
    "When a server of updates last answered, or somebody last looked into the landing folder.",
    ("realm",),
)
CHECKS = Family(
    "mids_checks",
    "Tables of the published release whose checks failed, or only warned.",
    ("realm", "result"),
)
TABLE_ROWS = Family("mids_table_rows", "Rows of a published table, as its publish counted them.", ("realm", "table"))
TABLE_BYTES = Family(
    "mids_table_size_bytes",
    "Size of a table with its indexes and long values; the realm of operational tables is mids.",
    ("realm", "table"),
)
DATABASE_BYTES = Family("mids_database_size_bytes", "Size of the whole database.")

RECORDS_IN = Family("mids_import_records_in", "Records of an entity in the published release.", ("realm", "entity"))
RECORDS_OUT = Family("mids_import_records_out", "Records of an entity that were imported from it.", ("realm", "entity"))
QUARANTINED = Family(
    "mids_quarantine_records",
    "Records of the published release that are in quarantine now, those that the format foresees included.",
    ("realm", "entity"),
)
QUARANTINE_RATIO = Family(
    "mids_quarantine_ratio",
    "Share of an entity's records that are in quarantine now and should not be there.",
    ("realm", "entity"),
)
QUARANTINE_LIMIT = Family("mids_quarantine_limit_ratio", "MIDS_QUARANTINE_SHARE: the share that is let pass.")
DISCREPANCIES = Family(
    "mids_discrepancies",
    "Values that differed from the game's when the realm was last compared with City of Data, by suspicion.",
    ("realm", "suspicion"),
)
STAGE_SECONDS = Family(
    "mids_import_stage_duration_seconds",
    "How long a stage of the import took that made what is published.",
    ("realm", "stage"),
)
STAGE_BYTES = Family(
    "mids_import_stage_bytes",
    "Bytes that the stage stored (release), parsed (records) or wrote (raw, frames, tables).",
    ("realm", "stage"),
)
PEAK_MEMORY = Family(
    "mids_import_peak_memory_bytes", "Highest resident memory of any one process of that import.", ("realm",)
)
IMPORTS = Family(
    "mids_imports_total",
    "Publishes and attempts in the import log: first, update, rebuild, rollback, blocked or failed.",
    ("realm", "action"),
    "counter",
)
IMPORT_AT = Family(
    "mids_import_last_timestamp_seconds",
    "When an import last ended that was published, blocked or failed.",
    ("realm", "outcome"),
)
PROBLEMS = Family("mids_problems", "Standing problems, as `mids status` lists them, by kind.", ("realm", "kind"))
PENDING = Family("mids_notifications_pending", "Notifications on their way to a receiver.", ("realm",))
SENT = Family(
    "mids_notifications_total",
    "Notifications that a receiver took (delivered), or never took (dropped).",
    ("realm", "state"),
    "counter",
)

BACKUP_MADE = Family(
    "mids_backup_made_timestamp_seconds",
    "When the newest backup was made. Here and below, `of` is a realm, or _dagster for Dagster's database.",
    ("of",),
)
BACKUP_FAILED = Family("mids_backup_failed_timestamp_seconds", "When a backup last failed.", ("of",))
BACKUP_SCHEDULED = Family(
    "mids_backup_scheduled_timestamp_seconds", "When the schedule first tried to make a backup.", ("of",)
)
BACKUP_LIMIT = Family(
    "mids_backup_fresh_limit_seconds", "MIDS_BACKUP_FRESH_DAYS: how old the newest backup may be; 0 means any age."
)
BACKUP_BYTES = Family("mids_backup_size_bytes", "Size of the newest backup.", ("of",))
BACKUP_SECONDS = Family("mids_backup_duration_seconds", "How long the newest backup took.", ("of",))
DISK_FREE = Family("mids_data_free_bytes", "Free bytes on the disk of the data folder.")
DISK_SIZE = Family("mids_data_disk_bytes", "Size of the disk of the data folder.")

FAMILIES = tuple(value for value in list(globals().values()) if isinstance(value, Family))


def exported(samples: Iterable[Sample]) -> Iterator[Metric]:
    """The samples as prometheus_client wants them: each family that has any, once, in the order of this module."""
    found: dict[Family, list[Sample]] = {}
    for sample in samples:
        found.setdefault(sample.family, []).append(sample)
    for family in FAMILIES:
        if family not in found:
            continue
        if family.kind == "counter":
            metric: Metric = CounterMetricFamily(family.name, family.help, labels=family.labels)
        else:
            metric = GaugeMetricFamily(family.name, family.help, labels=family.labels)
        for sample in found[family]:
            metric.add_metric(sample.labels, sample.value)  # type: ignore[attr-defined]
        yield metric
