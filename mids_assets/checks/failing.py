"""What a failed check shows: the failing rows with their place in the source, and the next steps.

Does not belong here: which rows fail (`transform.failing_rows`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields

import dagster as dg

from mids_assets.model.table import Table
from mids_assets.transform.build import BuildManifest
from mids_assets.transform.corrections.entry import ENTITIES
from mids_assets.transform.failing_rows import FailingRow

_NUMBERS = ("source_position", "byte_offset")


def failing_table(rows: Sequence[FailingRow]) -> dg.TableMetadataValue:
    """One line a row; numbers that do not apply are -1, since the table of the UI knows no null."""
    names = [one.name for one in fields(FailingRow)]
    return dg.MetadataValue.table(
        records=[
            dg.TableRecord({name: -1 if value is None else value for name, value in asdict(row).items()})
            for row in rows
        ],
        schema=dg.TableSchema([dg.TableColumn(name, "int" if name in _NUMBERS else "string") for name in names]),
    )


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
    field, said = first.field.split(", ")[0], first.field_value.split("; ")[0]
    steps += [
        f"- put the record right by a file in `data/corrections/{realm}/` and launch the job `{realm}_ingest` again,"
        " which goes on by itself:",
        "",
        "```yaml",
        f"- entity: {table.asset}",
        f"  position: {first.source_position}  # {first.record}",
        f"  field: {field or '...'}  # the source says {said or '...'}",
        "  to: ...  # or instead of field and to: `drop: true`, to leave the record out",
        "  reason: ...",
        "```",
    ]
    return "\n".join(steps)
