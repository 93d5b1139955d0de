"""Writes I12.mhd in any of its layouts, record by record.

Takes records in the newest shape; what an older layout does not store is left behind.
Does not belong here: made-up data (`mids sample` has it), the bytes themselves (`binary_write`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from mids_assets.errors import UserError
from mids_assets.readers.binary_write import write_file
from mids_assets.readers.layouts.i12 import I12
from mids_assets.readers.wire import to_net_date


def write_i12(
    path: Path,
    *,
    version: str,
    date: datetime | None,
    archetypes: Iterable[Mapping],
    powersets: Iterable[Mapping],
    powers: Iterable[Mapping],
    entities: Iterable[Mapping],
    issue: int = 27,
    page_volume: int = 0,
    page_volume_text: str = "",
    layout: str = "r3",
) -> None:
    """Write a whole file; each iterable is read once and nothing of it is kept.

    Layouts before r1 store the version as a number: `UserError` where the text is none. `FormatError` names record
    and field of a value that does not fit.
    """
    shape = I12.layout(layout)
    revision = {"revision": 0, "revision_date": 0, "source_file": ""}
    header: dict[str, object] = {
        "date_sentinel": -1,
        "date": to_net_date(date),
        "issue": issue,
        "page_volume": page_volume,
        "page_volume_text": page_volume_text,
    }
    for field in shape["header"]:
        if field.name.startswith("version"):
            header[field.name] = version if field.wire == "string" else _number(version, layout)
    revisions = {field.name: revision for field in shape["file"] if field.record == "revision_info"}
    sections = {"archetypes": archetypes, "powersets": powersets, "powers": powers, "entities": entities}
    write_file(path, shape, {"header": header, **revisions, **sections})


def _number(version: str, layout: str) -> float:
    try:
        return float(version)
    except ValueError:
        raise UserError(f"layout {layout} stores the version as a number, {version!r} is none") from None
