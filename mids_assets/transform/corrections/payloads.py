"""Records in quarantine, corrected: their JSON is patched, and read and validated the exact way once more.

What the decoder refused stands there as the source spells it; what broke a rule afterwards, as the decoded record.
Does not belong here: which entry a correction is about, and whether it still applies (`applying`).
"""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pyarrow as pa

from mids_assets.model.enums import CODES
from mids_assets.model.frames import SOURCE_POSITION
from mids_assets.readers.json_model import RECORDS
from mids_assets.readers.json_records import decode_records
from mids_assets.readers.shapes import CANONICAL, SHAPES, FullName, Key
from mids_assets.transform.corrections.entry import key_field
from mids_assets.transform.corrections.fields import FieldFault
from mids_assets.transform.frames import SOURCE_OFFSET

DECODER_RULES = frozenset(
    ("syntax", "encoding", "text", "type", "range", "missing", "duplicate", "parallel")
)  # `readers.json_exact.RecordFault`


def payload_shape(rule: str, shape: str) -> str:
    """In which shape the record of an entry stands, when the file of its entity is of `shape`."""
    return shape if rule in DECODER_RULES else CANONICAL.name


def parsed(payload: str) -> dict[str, Any] | None:
    """The record, None where it is no JSON object."""
    try:
        value = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def key_of(record: dict[str, Any], entity: str, shape: str) -> str | None:
    """The natural key as the record spells it."""
    root = RECORDS[entity][1]
    place = SHAPES[shape].place(root, key_field(entity))
    value = None
    if isinstance(place, Key):
        value = record.get(place.key)
    elif isinstance(place, FullName):
        group, name = record.get(place.group), next((record[n] for n in place.names if record.get(n)), None)
        if isinstance(group, str) and isinstance(name, str):
            whole = name.count(".") >= 2 or not group or name.startswith(f"{group}.")
            value = name if whole else f"{group}.{name}"
    return value if isinstance(value, str) else None


def row_again(
    record: dict[str, Any], entity: str, rule: str, shape: str, position: int, like: pl.DataFrame
) -> pl.DataFrame:
    """The patched record as one row like those of `like`. Raises `FieldFault` where it is still none."""
    if rule not in DECODER_RULES:
        return row_from({**record, SOURCE_POSITION: position}, like)
    data = json.dumps(record).encode()
    batch = decode_records(data, shape, entity, first_position=position, codes=CODES)
    if batch.failures:
        failure = batch.failures[0]
        raise FieldFault(f"{failure.path or 'the record'}: {failure.message}")
    found = batch.frame.drop(SOURCE_OFFSET, strict=False)
    if found.schema != like.schema:
        raise FieldFault("the record does not fit the frame")
    return found


def row_from(record: dict[str, Any], like: pl.DataFrame) -> pl.DataFrame:
    """One row like those of `like` from a decoded record. Raises `FieldFault` where a value does not fit."""
    arrow = like.head(0).to_arrow(compat_level=pl.CompatLevel.oldest()).schema
    try:
        found = pl.DataFrame(pl.from_arrow(pa.Table.from_pylist([record], schema=arrow)))
    except (pa.ArrowException, TypeError, OverflowError, ValueError) as problem:
        raise FieldFault(f"a value does not fit: {problem}") from None
    return found.cast(dict(like.schema))  # type: ignore[arg-type]
