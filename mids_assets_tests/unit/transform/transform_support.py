"""Record frames for tests: only the fields that a test is about are given, the rest is empty, as in a blank record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from mids_assets.model.frames import SOURCE_POSITION
from mids_assets.model.tables import ASSETS
from mids_assets.readers.columnar import frame_schema
from mids_assets.readers.json_model import RECORDS
from mids_assets.transform.frames import validate_records, validate_reference
from mids_assets.transform.inputs import Frames
from mids_assets.transform.tables import build_tables


def record_frame(asset: str, records: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """A frame as a reader gives it; record number n has source_position n."""
    declared, root = RECORDS[asset]
    schema = frame_schema(declared, root)
    filled = [{name: _fill(dtype, record.get(name, _MISSING)) for name, dtype in schema.items()} for record in records]
    for given in records:
        assert not given.keys() - schema.keys(), given.keys() - schema.keys()
    frame = pl.DataFrame(filled, schema=schema, strict=True).with_columns(pl.lit(None, pl.String).alias("extra"))
    return frame.insert_column(0, pl.int_range(frame.height, eager=True).alias(SOURCE_POSITION))


_MISSING = object()


def _fill(dtype: Any, value: Any) -> Any:
    if isinstance(dtype, pl.Struct):
        if value is None:
            return None
        inner = {} if value is _MISSING else value
        assert not inner.keys() - {field.name for field in dtype.fields}
        return {field.name: _fill(field.dtype, inner.get(field.name, _MISSING)) for field in dtype.fields}
    if isinstance(dtype, pl.List):
        if value is None:
            return None
        return [] if value is _MISSING else [_fill(dtype.inner, item) for item in value]
    if value is not _MISSING:
        return value
    return {pl.String: "", pl.Boolean: False, pl.Float64: 0.0}.get(type(dtype), 0)


def write_frames(
    folder: Path,
    reference: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    row_group_size: int | None = None,
    **records: Sequence[Mapping[str, Any]],
) -> Frames:
    """Validated frames of a whole made-up release; an entity that is not given has no records."""
    raw = {name: {"source_file": "test", "records": list(rows)} for name, rows in (reference or {}).items()}
    (folder / "reference").mkdir(parents=True, exist_ok=True)
    for name, good in validate_reference(raw).items():
        assert good.quarantine.is_empty(), good.quarantine
        good.frame.write_parquet(folder / "reference" / f"{name}.parquet")
    for asset in ASSETS[1:]:
        frame = record_frame(asset, records.get(asset, ()))
        good = validate_records(asset, frame, source_file="test")
        good.frame.write_parquet(folder / f"{asset}.parquet", row_group_size=row_group_size)
    return Frames(folder)


def tables_of(asset: str, frames: Frames) -> dict[str, pl.DataFrame]:
    return dict(build_tables(asset, frames))
