"""Columns of an asset and where they come from, as metadata of its definition: it costs no event.

`dagster/column_schema` is what the UI shows, and there each column says its source in words, because the open-source
UI does not draw `dagster/column_lineage`; that one is for whoever asks by the API. Does not belong here: what comes
from what (`transform.lineage`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import dagster as dg

from mids_assets.graph import keys
from mids_assets.model.frames import frame_schema
from mids_assets.model.table import Table
from mids_assets.model.tables import TABLES
from mids_assets.transform.lineage import Field, FrameField, frame_fields, origins, raw_fields, raw_origins
from mids_assets.warehouse.stored import StoredColumn, stored_columns


def raw_columns(asset: str) -> dict[str, Any]:
    return _metadata(_field(field) for field in raw_fields(asset).values())


def frame_columns(realm: str, asset: str) -> dict[str, Any]:
    """Of frames/<asset>; those of the powers come by way of `i12_records`, which has the same columns."""
    fields = frame_fields(asset)
    if asset == "power":
        records = keys.asset_key(realm, keys.RECORDS)
        lineage = {path: [dg.TableColumnDep(records, path)] for path in fields}
    else:
        lineage = _from_raw(realm, asset)
    return _metadata((_field(field) for field in fields.values()), lineage)


def record_columns(realm: str) -> dict[str, Any]:
    """Of `i12_records`."""
    return _metadata((_field(field) for field in frame_fields("power").values()), _from_raw(realm, "power"))


def table_columns(realm: str, table: Table) -> dict[str, Any]:
    """Of tables/<table>: logical columns, references as natural keys."""
    stored = {column.logical: column for column in stored_columns(table.name)}
    columns, lineage = [], {}
    for name in frame_schema(table, TABLES):
        found = origins(table, name)
        column = stored.get(name) or stored_columns(table.name)[0]
        columns.append(_column(name, table.logical_type(name) if name in table.by_name else column.type, column, found))
        if found:
            lineage[name] = [dg.TableColumnDep(keys.asset_key(realm, "frames", f.asset), f.path) for f in found]
    return _metadata(columns, lineage)


def warehouse_columns(realm: str, table: Table) -> dict[str, Any]:
    """Of warehouse/<table>: the columns in PostgreSQL, references as ids."""
    upstream = keys.asset_key(realm, "tables", table.name)
    columns, lineage = [], {}
    for column in stored_columns(table.name):
        logical = column.logical or ("natural_key" if column.role == "id" else None)
        found = origins(table, logical) if logical else ()
        columns.append(_column(column.name, column.type, column, found))
        if logical:
            lineage[column.name] = [dg.TableColumnDep(upstream, logical)]
    return _metadata(columns, lineage)


def _from_raw(realm: str, asset: str) -> dict[str, list[dg.TableColumnDep]]:
    raw = keys.asset_key(realm, "raw", asset)
    found = {path: raw_origins(asset, path) for path in frame_fields(asset)}
    return {path: [dg.TableColumnDep(raw, f.path) for f in fields] for path, fields in found.items() if fields}


def _field(field: FrameField) -> dg.TableColumn:
    return dg.TableColumn(field.path, field.type, description=field.description or None)


def _column(name: str, type_: str, column: StoredColumn, found: tuple[Field, ...]) -> dg.TableColumn:
    source = f" Source: {', '.join(f'{field.asset} {field.path}' for field in found)}." if found else ""
    return dg.TableColumn(
        name,
        type_,
        description=f"{column.comment}{source}",
        constraints=dg.TableColumnConstraints(nullable=not column.required),
    )


def _metadata(
    columns: Iterable[dg.TableColumn], lineage: dict[str, list[dg.TableColumnDep]] | None = None
) -> dict[str, Any]:
    found: dict[str, Any] = {"dagster/column_schema": dg.TableSchema(columns=list(columns))}
    if lineage:
        found["dagster/column_lineage"] = dg.TableColumnLineage(lineage)
    return found
