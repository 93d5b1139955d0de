"""`mids trace`: from a published row to the record of the source that it came from.

Knows the database and the files of the published build, no Dagster. Does not belong here: arguments, how it looks
(tracing_cli.py), finding the row (`warehouse.locating`), what comes from what (`transform.lineage`).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import Any

import polars as pl
from psycopg2.extensions import connection

from mids_assets.errors import UserError
from mids_assets.model.frames import SOURCE_POSITION
from mids_assets.model.table import Column, Table
from mids_assets.readers.record_fields import value_at
from mids_assets.settings import Settings
from mids_assets.transform.build import read_manifest
from mids_assets.transform.corrections.kept import read_outcomes
from mids_assets.transform.inputs import Frames
from mids_assets.transform.lineage import Field, frame_fields, origins
from mids_assets.transform.parts import ABOUT, frames
from mids_assets.transform.raw_records import RawRecord, raw_record
from mids_assets.transform.reference_frames import ASSET as REFERENCE
from mids_assets.transform.store import BuildPaths, open_store, read_json
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.locating import Located, locate
from mids_assets.warehouse.quarantine import list_quarantine
from mids_assets.warehouse.register import published
from mids_assets.warehouse.stored import stored_columns


def trace(settings: Settings, realm: str, table: str, key: Sequence[str], columns: Sequence[str]) -> dict[str, Any]:
    """Everything on the way from a row back to its record, fit for JSON.

    `key` as in `locate`; `columns` are those whose values are followed one by one, all where none is named. Raises
    `UserError` where the row, a column or the files are not there.
    """
    with closing(connect(settings, application_name=f"mids trace {realm}")) as conn:
        row = published(conn, realm)
        if row is None or row.build is None:
            raise UserError(f"realm {realm}: nothing is published yet")
        found = locate(conn, realm, table, key)
        asset = found.table.asset
        quarantined = [
            {"id": one.id, "rule": one.rule, "field": one.field, "message": one.message, "resolution": one.resolution}
            for one in list_quarantine(conn, realm, release=row.release, entity=asset, resolved=True)
            if asset != REFERENCE and one.source_position == found.position
        ]
        since = _release_of(conn, found)
    paths, manifest = read_manifest(open_store(settings), realm, row.release, row.build)
    paths.require(ABOUT, frames(asset))
    record = raw_record(paths, manifest, asset, found.owner_table.name, found.position)
    frame = _frame_record(paths, found)
    stored = read_json(paths.release_dir / "release.json")
    return {
        "realm": realm,
        "table": table,
        "key": {name: found.row[name] for name in _key(found.table)},
        "row": found.row,
        "release": {
            "release": row.release,
            "version": row.version,
            "date": row.release_date.isoformat() if row.release_date else None,
            "build": row.build,
            "origin": stored["origin"],
            "last_change": since,
        },
        "source": {
            "file": record.source_file,
            "folder": str(paths.source),
            "position": found.position,
            "raw_file": str(record.raw.path),
            "shape": record.raw.shape,
            "byte_offset": record.start,
            "bytes": None if record.start is None or record.end is None else record.end - record.start,
        },
        "columns": [_followed(found, name, record, frame) for name in columns or _all_columns(found.table)],
        "corrections": [
            one.as_json() | {"sentence": one.sentence}
            for one in (read_outcomes(paths, asset) if asset != REFERENCE else [])
            if one.position == found.position
        ],
        "quarantine": quarantined,
        "record": record.value,
    }


def _key(table: Table) -> list[str]:
    """Columns that tell which row it is, for a person: the natural key, and the id before it."""
    ids = ["id"] if table.kind == "entity" else []
    return ids + [table.physical(name) for name in table.key]


def _all_columns(table: Table) -> list[str]:
    return [table.physical(name) for name in table.own]


def _release_of(conn: connection, found: Located) -> dict[str, Any] | None:
    """The release in which the record's row changed last."""
    with conn.cursor() as cur:
        cur.execute("SELECT release, version FROM mids.release WHERE id = %s", (found.owner["release_id"],))
        row = cur.fetchone()
    return {"release": row[0], "version": row[1]} if row else None


def _frame_record(paths: BuildPaths, found: Located) -> dict[str, Any]:
    """The validated record, corrections applied, as the tables were made from it."""
    frames = Frames(paths.frames)
    small = found.table.asset == REFERENCE
    scan = frames.reference(found.owner_table.name) if small else frames.scan(found.table.asset)
    rows = scan.filter(pl.col(SOURCE_POSITION) == found.position).collect()
    return next(rows.iter_rows(named=True), {})


def _followed(found: Located, name: str, record: RawRecord, frame: dict[str, Any]) -> dict[str, Any]:
    """A column's value, and what frame and raw record hold in the fields that it comes from."""
    columns = {column.name: column.logical for column in stored_columns(found.table.name)}
    if name not in columns:
        raise UserError(f"{found.table.name} has no column {name!r}; it has {', '.join(columns)}")
    logical = columns[name]
    fields = origins(found.table, logical) if logical else ()
    member = found.table.by_name.get(logical or "")
    return {
        "column": name,
        "value": found.row.get(name),
        "unit": member.unit if isinstance(member, Column) else None,
        "made": not (isinstance(member, Column) and member.source) and found.table.asset != REFERENCE,
        "sources": [_source(found, field, record, frame) for field in fields],
    }


def _source(found: Located, field: Field, record: RawRecord, frame: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {"asset": field.asset, "field": field.path}
    if field.asset != found.table.asset:
        return told
    if field.asset == REFERENCE:
        owner, _, name = field.path.partition(".")
        if owner == found.owner_table.name:
            told |= {"frame": frame.get(name), "key": name, "raw": _plain(record.value).get(name)}
        return told
    indexes = _indexes(found, field.path)
    told["frame"] = value_at(frame, field.path, indexes)
    places = frame_fields(field.asset)[field.path].keys.get(record.raw.shape, ())
    for place in places:
        raw = value_at(record.value, place, indexes)
        if raw is not None or place == places[-1]:
            return told | {"key": _numbered(place, indexes), "raw": raw}
    return told


def _indexes(found: Located, path: str) -> list[int]:
    """Places of a child's row in the lists of a path, outermost first; none where the key does not say all of them."""
    places = [
        found.row[name]
        for name in found.table.key
        if isinstance(member := found.table.by_name[name], Column) and member.minimum == 0 and not member.source
    ]
    lists = path.count("[]")
    return places[:lists] if len(places) >= lists else []


def _numbered(place: str, indexes: Sequence[int]) -> str:
    for index in indexes:
        place = place.replace("[]", f"[{index}]", 1)
    return place


def _plain(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
