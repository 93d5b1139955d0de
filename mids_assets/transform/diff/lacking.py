"""What the source of a release cannot say: fields that its layout does not have, small tables whose file is absent.

Only declarations decide: `since` and `until` of the layouts, the lists that a child's rows come from. A binary file
states its layout. Mids.zip states none and leaves values out that are 0 or empty, so a field is missing there when
layouts of its date do not have it and no row holds another value; of a DataExporter folder and of a City of Data
export, when no row has a value. Tables that only such exports fill are missed nowhere else.
Does not belong here: which columns are compared at all (`columns.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from mids_assets.model.table import Column
from mids_assets.model.tables import TABLES, game_data
from mids_assets.readers.json_model import RECORDS
from mids_assets.readers.layout import Family, Layout, Record
from mids_assets.readers.layouts import FAMILIES, I12
from mids_assets.readers.upgrade import invented
from mids_assets.transform.diff.columns import CODE
from mids_assets.transform.tables import fields_of

_FILE_OF = {"enhancement": "enhdb", "enhancement_set": "enhdb", "recipe": "recipe", "salvage": "salvage"}
"""Entity -> kind of its file; all others are in the main database."""


def lacking(manifest: Mapping[str, Any], tables: Path) -> frozenset[str]:
    """Names of tables, and `table.column`, that a release lacks: its manifest (release.json), its logical tables."""
    found: set[str] = set()
    foreign = () if manifest["header"]["main"] == "city_of_data" else game_data.TABLES
    for table in TABLES:
        if table in foreign:
            continue
        path = tables / f"{table.name}.parquet"
        if table.asset == "reference":
            if _is_empty(path):
                found.add(table.name)
            continue
        missing, is_certain = _missing(manifest, table.asset)
        if is_certain and not missing:
            continue
        if missing is None and table.kind == "entity" and _is_empty(path):
            found.add(table.name)
            continue
        same = None if is_certain else _same_everywhere(path)
        fields = fields_of(table)
        if fields and all(_in(field, missing) for field in fields) and (is_certain or _is_empty(path)):
            found.add(table.name)
            continue
        for column in table.columns:
            place = f"{table.rows_from}.{column.source}" if table.rows_from else column.source
            own = column.source and (table.kind == "entity" or table.rows_from)
            if own and _in(place, missing) and (same is None or _is_empty_everywhere(column, same, missing)):
                found.add(f"{table.name}.{column.name}")
    return frozenset(found)


def form(manifest: Mapping[str, Any]) -> str:
    """What wrote the main database: values that no column holds (`extra`) compare within one form only."""
    header = manifest["header"]
    layout = _layout_of(manifest)
    return f"{header['main']} {layout.id if layout else ''}".strip()


def _missing(manifest: Mapping[str, Any], asset: str) -> tuple[frozenset[str] | None, bool]:
    """Dotted fields that a source does not have (None = perhaps any), and whether that is certain."""
    header = manifest["header"]
    if header["main"] in ("data_exporter", "city_of_data"):
        return None, False
    kind = _FILE_OF.get(asset, "i12")
    family = FAMILIES[kind]
    if kind == "i12":
        layout = _layout_of(manifest)
        is_certain = header["main"] == "i12"
    else:
        layout = _stated(manifest, kind, family)
        is_certain = True
    if layout is None:
        return frozenset(), True
    return frozenset(_fields(family, layout, RECORDS[asset][1])), is_certain


def _layout_of(manifest: Mapping[str, Any]) -> Layout | None:
    """Layout of the main database; of Mids.zip the one that binary files of its date have."""
    if manifest["header"]["main"] == "i12":
        return _stated(manifest, "i12", I12)
    day = (manifest["header"]["date"] or "")[:10]
    if manifest["header"]["main"] != "mids_zip" or not day:
        return None
    return next((layout for layout in I12.layouts() if layout.written[0] <= day), I12.layouts()[-1])


def _stated(manifest: Mapping[str, Any], kind: str, family: Family) -> Layout | None:
    names = [file.get("layout") for file in manifest["files"] if file["kind"] == kind]
    return next((layout for layout in family.layouts() if layout.id in names), None)


def _fields(family: Family, layout: Layout, record: str, prefix: str = "") -> Iterable[str]:
    """Dotted names of the fields of the newest layout that older records got by default."""
    newest: Record = family.newest[record]
    made_up = invented(family, layout, record)
    for field in newest:
        if field.name in made_up:
            yield prefix + field.name
        elif field.record:
            yield from _fields(family, layout, field.record, f"{prefix}{field.name}.")


def _in(place: str, missing: frozenset[str] | None) -> bool:
    """Whether the field, or a list that it is in, is missing."""
    if missing is None:
        return True
    parts = place.split(".")
    return any(".".join(parts[:length]) in missing for length in range(1, len(parts) + 1))


def _is_empty(path: Path) -> bool:
    return not pq.read_metadata(path).num_rows


def _is_empty_everywhere(column: Column, same: Mapping[str, Any], missing: frozenset[str] | None) -> bool:
    """Whether all rows hold what stands for an absent key: null, and in an archive 0 or an empty text, too."""
    name = f"{column.name}{CODE}" if f"{column.name}{CODE}" in same else column.name
    return name in same and (same[name] is None or (missing is not None and same[name] in (0, "")))


def _same_everywhere(path: Path) -> dict[str, Any]:
    """Columns in which all rows of a file hold one value, by its statistics, and that value."""
    metadata = pq.read_metadata(path)
    ends: dict[str, set[Any]] = {}
    for group in range(metadata.num_row_groups):
        for number in range(metadata.num_columns):
            column = metadata.row_group(group).column(number)
            name, statistics = column.path_in_schema.partition(".")[0], column.statistics
            values = ends.setdefault(name, set())
            if statistics is None or (statistics.null_count != column.num_values and not statistics.has_min_max):
                values |= {object(), object()}
                continue
            if statistics.null_count:
                values.add(None)
            if statistics.has_min_max:
                values |= {statistics.min, statistics.max}
    if not metadata.num_rows:
        return {}
    return {name: next(iter(values), None) for name, values in ends.items() if len(values) <= 1}
