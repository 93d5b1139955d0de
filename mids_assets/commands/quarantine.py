"""`mids quarantine`: entries listed, shown, exported, and tried again.

Does not belong here: arguments (quarantine_cli.py), SQL (`warehouse.quarantine`).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NoReturn

from mids_assets.errors import UserError
from mids_assets.settings import Settings
from mids_assets.transform.corrections.template import template
from mids_assets.transform.store import replacing
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.quarantine import QuarantinedRecord, find_quarantined, list_quarantine
from mids_assets.warehouse.register import published, resolve


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries. `release`: id, beginning of it, or version; None is the published one."""

    realm: str
    release: str | None = None
    entity: str | None = None
    rule: str | None = None
    resolved: bool = False
    limit: int | None = None


def entries(settings: Settings, wanted: Wanted) -> list[QuarantinedRecord]:
    with closing(connect(settings, application_name=f"mids quarantine {wanted.realm}")) as connection:
        release = resolve(connection, wanted.realm, wanted.release).release if wanted.release else None
        return list_quarantine(
            connection,
            wanted.realm,
            release=release,
            entity=wanted.entity,
            rule=wanted.rule,
            resolved=wanted.resolved,
            limit=wanted.limit,
        )


def entry(settings: Settings, number: int) -> QuarantinedRecord:
    with closing(connect(settings, application_name="mids quarantine")) as connection:
        found = find_quarantined(connection, number)
    if found is None:
        raise UserError(f"there is no entry {number} in quarantine; `mids quarantine list` shows those that are open")
    return found


def plain(record: QuarantinedRecord) -> dict[str, Any]:
    """The entry for JSON: the record as JSON where it is some, times as text."""
    facts = asdict(record)
    # Only what can be written as JSON again, and says the same then.
    with suppress(ValueError, RecursionError):
        value = json.loads(record.record, object_pairs_hook=_once, parse_constant=_refused)
        json.dumps(value, ensure_ascii=False).encode()
        facts["record"] = value
    facts["resolved_at"] = record.resolved_at.isoformat() if record.resolved_at else None
    return facts


def correction_for(record: QuarantinedRecord) -> str | None:
    """An entry for a file of corrections, as YAML; None where none can help."""
    return template(
        entity=record.entity,
        rule=record.rule,
        field=record.field,
        record=record.record,
        position=record.source_position,
        version=record.version,
    )


def export(found: list[QuarantinedRecord], out: str) -> str:
    """Write entries to a file, by its ending, or give the text of JSON lines for `-`. Raises `UserError`."""
    if out == "-":
        return "".join(_json_lines(found))
    path = Path(out).expanduser()
    if path.suffix not in (".jsonl", ".csv", ".parquet"):
        raise UserError(f"{out}: name a file that ends in .jsonl, .csv or .parquet, or - for JSON lines on the screen")
    try:
        with replacing(path) as temporary:
            if path.suffix == ".jsonl":
                temporary.write_text("".join(_json_lines(found)), "utf-8")
            elif path.suffix == ".csv":
                temporary.write_text(_csv(found), "utf-8")
            else:
                _parquet(found, temporary)
    except OSError as problem:
        raise UserError(f"{path}: {problem.strerror or problem}") from None
    return ""


@dataclass(frozen=True, slots=True)
class Retried:
    """What a retry did to the entries that were open before it."""

    resolved: int
    open: int


def retry(settings: Settings, realm: str, release: str | None, *, quiet: bool):
    """Import a stored release again, under the rules and corrections of now; gives its outcome and `Retried`."""
    from mids_assets.commands.stored import publish_stored

    with closing(connect(settings, application_name=f"mids quarantine {realm}")) as connection:
        row = resolve(connection, realm, release) if release else published(connection, realm)
    if row is None:
        raise UserError(f"realm {realm}: nothing is published yet, so there is nothing to try again")
    wanted = Wanted(realm, row.release)
    before = {one.id for one in entries(settings, wanted)}
    outcome = publish_stored(settings, realm, row.release, older=False, quiet=quiet, asked="retry")
    after = {one.id for one in entries(settings, wanted)}
    return outcome, Retried(len(before - after), len(after))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _refused(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _json_lines(found: list[QuarantinedRecord]) -> Iterator[str]:
    for one in found:
        yield json.dumps(plain(one), ensure_ascii=False) + "\n"


def _csv(found: list[QuarantinedRecord]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, _NAMES)
    writer.writeheader()
    writer.writerows(asdict(one) for one in found)
    return text.getvalue()


def _parquet(found: list[QuarantinedRecord], path: Path) -> None:
    import polars as pl

    texts = {"realm", "release", "version", "build", "entity", "source_file", "rule", "field", "message", "record"}
    texts |= {"resolved_by", "resolution"}
    other = {"expected": pl.Boolean(), "resolved_at": pl.Datetime("us", "UTC")}
    schema = {name: pl.String() if name in texts else other.get(name, pl.Int64()) for name in _NAMES}
    pl.DataFrame([asdict(one) for one in found], schema=schema).write_parquet(path)


_NAMES: tuple[str, ...] = tuple(QuarantinedRecord.__dataclass_fields__)
