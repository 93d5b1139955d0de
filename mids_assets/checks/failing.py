"""What a failed check shows: the failing rows with their place in the source, and the next steps.

Does not belong here: which rows fail (`transform.failing_rows`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path

import dagster as dg

from mids_assets.model.table import Table
from mids_assets.transform.build import BuildManifest
from mids_assets.transform.corrections.entry import ENTITIES
from mids_assets.transform.failing_rows import FailingRow

_SHOWN = ("rule", "record", "source_file", "source_position", "field", "field_value", "byte_offset")
"""Columns that come first: the order of a person's questions."""
_NUMBERS = ("source_position", "byte_offset")


def failing_table(rows: Sequence[FailingRow]) -> dg.TableMetadataValue:
    """One line a row; numbers that do not apply are -1, since the table of the UI knows no null."""
    names = [*_SHOWN, *(one.name for one in fields(FailingRow) if one.name not in _SHOWN)]
    return dg.MetadataValue.table(
        records=[
            dg.TableRecord({name: -1 if value is None else value for name, value in asdict(row).items()})
            for row in rows
        ],
        schema=dg.TableSchema([dg.TableColumn(name, "int" if name in _NUMBERS else "string") for name in names]),
    )


def told(failures: Mapping[str, int], rows: Sequence[FailingRow]) -> str:
    """One or two sentences: how many rows break which rule, and where the first one comes from."""
    counted = "; ".join(f"{rule}: {count:,} {'row' if count == 1 else 'rows'}" for rule, count in failures.items())
    first = next((row for row in rows if row.source_position is not None), None)
    if first is None:
        return f"{counted}."
    offset = "" if first.byte_offset is None else f", byte {first.byte_offset:,} of {Path(first.raw_file).name}"
    said = f": {_first(first.field)} is {_first(first.field_value, '; ')}" if first.field else ""
    return f"{counted}. The first is from record {first.source_position} of {first.source_file}{offset}{said}."


def what_to_do(manifest: BuildManifest, table: Table, rows: Sequence[FailingRow]) -> str:
    """Markdown: what happened to readers, the ways to go on, and a correction to fill in for the first row."""
    realm = manifest.realm
    steps = [
        f"Nothing was published: readers of `{realm}_v1` still see the release before. Either",
        "",
        f"- put another release, or a whole one, into the landing folder and launch the job `{realm}_ingest`; or",
    ]
    first = next((row for row in rows if row.source_position is not None), None)
    if table.asset not in ENTITIES or first is None:
        return "\n".join([*steps, "- edit the source file: the small files cannot be corrected otherwise."])
    field, said = _first(first.field), _first(first.field_value, "; ")
    number = "the item's number goes into the brackets; " if "[]" in field else ""
    steps += [
        f"- put the record right by a file in `data/corrections/{realm}/` and launch the job `{realm}_ingest` again,"
        " which goes on by itself:",
        "",
        "```yaml",
        f"- entity: {table.asset}",
        f"  position: {first.source_position}  # {first.record}",
        f"  field: {field or '...'}  # {number}the source says {said or '...'}",
        "  to: ...  # or instead of field and to: `drop: true`, to leave the record out",
        "  reason: ...",
        "```",
    ]
    return "\n".join(steps)


def _first(text: str, separator: str = ", ") -> str:
    return text.split(separator)[0]
