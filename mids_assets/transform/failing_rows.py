"""Rows that break a rule of a finished table, with all that a person needs to find their record and put it right.

Works on the few examples of a report, when a rule is broken. Does not belong here: the rules (`transform.rules`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import polars as pl

from mids_assets.model.frames import SOURCE_POSITION
from mids_assets.model.table import NATURAL_KEY, Table
from mids_assets.readers.record_fields import value_at
from mids_assets.transform.build import BuildManifest
from mids_assets.transform.inputs import Frames
from mids_assets.transform.lineage import frame_fields, origins
from mids_assets.transform.raw_records import RawRecord, raw_record
from mids_assets.transform.reference_frames import ASSET as REFERENCE
from mids_assets.transform.rules import RuleReport, columns_of
from mids_assets.transform.store import BuildPaths

_WIDTH = 200


@dataclass(frozen=True, slots=True)
class FailingRow:
    """`key` and `value` are the row's, the others those of its record.

    `record` is the record's natural key, `field` the paths of what the rule looks at, `field_value` what the source
    says there, as JSON; `byte_offset` counts in `raw_file`. "" and None stand for what does not apply.
    """

    rule: str
    record: str
    key: str
    value: str
    field: str = ""
    field_value: str = ""
    source_file: str = ""
    source_position: int | None = None
    byte_offset: int | None = None
    raw_file: str = ""


def failing_rows(paths: BuildPaths, manifest: BuildManifest, table: Table, report: RuleReport) -> list[FailingRow]:
    """The report's examples, each with its place in the source."""
    frames = Frames(paths.frames)
    return [_failing(paths, manifest, table, frames, **example) for example in report.examples.iter_rows(named=True)]


def _failing(
    paths: BuildPaths,
    manifest: BuildManifest,
    table: Table,
    frames: Frames,
    *,
    rule: str,
    key: str,
    value: str,
    record: str,
    source_position: int | None,
) -> FailingRow:
    owner = table.target(table.reference(table.parent)) if table.parent else table
    position = _position(frames, owner, record) if source_position is None else source_position
    if position is None:
        return FailingRow(rule, record, key, value)
    raw = raw_record(paths, manifest, table.asset, owner.name, position)
    fields = (field for name in columns_of(rule) for field in origins(table, name))
    names = list(dict.fromkeys(field.path for field in fields if field.asset == table.asset))
    return FailingRow(
        rule,
        record,
        key,
        value,
        field=", ".join(names),
        field_value="; ".join(_said(raw, table.asset, name) for name in names),
        source_file=raw.source_file,
        source_position=position,
        byte_offset=raw.start,
        raw_file=str(raw.raw.path),
    )


def _position(frames: Frames, owner: Table, record: str) -> int | None:
    """Number of the record whose row is the parent."""
    if owner.kind == "entity":
        rows = frames.scan(owner.name).select(SOURCE_POSITION).collect()
        keys = frames.keys(owner.name).to_series().alias(NATURAL_KEY)
        found = rows.with_columns(keys).filter(pl.col(NATURAL_KEY) == record)
    else:
        found = frames.reference(owner.name).filter(pl.col(owner.key[0]) == record).collect()
    return found.get_column(SOURCE_POSITION).head(1).to_list()[0] if found.height else None


def _said(raw: RawRecord, asset: str, path: str) -> str:
    """What the source says in a field, by the keys of its shape."""
    if asset == REFERENCE:
        places: tuple[str, ...] = (path.partition(".")[2],)
    else:
        places = frame_fields(asset)[path].keys.get(raw.raw.shape, ())
    said: Any = next((value for place in places if (value := value_at(raw.value, place)) is not None), None)
    text = json.dumps(said, ensure_ascii=False)
    return text if len(text) <= _WIDTH else text[: _WIDTH - 3] + "..."
