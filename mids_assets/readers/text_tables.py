"""The tab-separated tables of a database folder: EClasses, Origins, NLevels/RLevels/Levels, Maths, SetTypes.

Each `read_*(data, *, file)` takes the bytes of a file and returns plain records in file order; `file` only names
the place in a `FormatError`. Each `write_*` is the way back. Positions in a list are zero-based.
Does not belong here: files of comma-separated pairs (`readers.text_power_names`), what the numbers are used for.
Source: formats items.md 4.2 to 4.6.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from mids_assets.readers.text_cells import join_cells, read_cells

File = str | PurePath | None
Records = list[dict[str, Any]]

LEVELS = 50
INVENTION_LEVELS = 53
SCHEDULES = "ABCD"
GRADES = ("training", "dual", "single", "hamidon")


def read_enhancement_classes(data: bytes, *, file: File = None) -> Records:
    """EClasses.mhd: id (int), name, short_name, class_id (such as Accuracy_Boost), description."""
    lines = read_cells(data, file)
    rows = iter(lines.rows)
    lines.text(lines.seek(rows, "Version:"), 1, "version")
    lines.seek(rows, "Index")
    return [
        {
            "id": lines.integer(row, 0, "id"),
            "name": lines.text(row, 1, "name"),
            "short_name": row.cell(2),
            "class_id": lines.text(row, 3, "class_id"),
            "description": row.cell(4),
        }
        for row in lines.until_end(rows)
    ]


def write_enhancement_classes(records: Sequence[dict[str, Any]]) -> bytes:
    fields = ("id", "name", "short_name", "class_id", "description")
    return join_cells(
        [
            ["Enhancement Classes"],
            ["Version:", "1.0"],
            ["Index", "Name", "Short", "Class", "Description"],
            *([record[field] for field in fields] for record in records),
            ["End"],
        ]
    )


def read_origins(data: bytes, *, file: File = None) -> Records:
    """Origins.mhd: name, dual_graphic, single_graphic."""
    lines = read_cells(data, file)
    rows = iter(lines.rows)
    lines.text(lines.seek(rows, "Version:"), 1, "version")
    lines.seek(rows, "Origin")
    return [
        {"name": lines.text(row, 0, "name"), "dual_graphic": row.cell(1), "single_graphic": row.cell(2)}
        for row in lines.until_end(rows)
    ]


def write_origins(records: Sequence[dict[str, Any]]) -> bytes:
    fields = ("name", "dual_graphic", "single_graphic")
    return join_cells(
        [
            ["Origin Graphics Matching"],
            ["Version:", "1.0"],
            ["Origin", "DO", "SO"],
            *([record[field] for field in fields] for record in records),
            ["End"],
        ]
    )


def read_levels(data: bytes, *, file: File = None) -> Records:
    """NLevels.mhd, RLevels.mhd, Levels.mhd: 50 records of level (0-based), powers, slots, inspirations (int), note.

    A number that is none counts as 0, as in the source program.
    """
    lines = read_cells(data, file)
    rows = iter(lines.rows)
    lines.seek(rows, "Level")
    records = []
    for level, row in enumerate(lines.take(rows, LEVELS, "levels")):
        powers, slots, inspirations = (_count(row.cell(place)) for place in (1, 2, 3))
        records.append(
            {"level": level, "powers": powers, "slots": slots, "inspirations": inspirations, "note": row.cell(4)}
        )
    return records


def _count(text: str) -> int:
    text = text.strip()
    return int(text) if text.isascii() and text.removeprefix("-").isdigit() and len(text) < 10 else 0


def write_levels(records: Sequence[dict[str, Any]]) -> bytes:
    if [record["level"] for record in records] != list(range(LEVELS)):
        raise ValueError(f"a level file holds the levels 0 to {LEVELS - 1} in order")
    counts = ("powers", "slots", "inspirations")
    rows = [[r["level"] + 1, *(r[count] or "" for count in counts), r["note"]] for r in records]
    return join_cells([["Level", "Power", "Slots", "Inspirations", "Other"], *rows])


def read_maths(data: bytes, *, file: File = None) -> dict[str, Records]:
    """Maths.mhd, as two tables.

    diversification_threshold: schedule ('A' to 'D'), threshold (1 to 3), value (fraction).
    enhancement_strength: grade (training, dual, single, hamidon with level -1; invention with level 0 to 52),
    schedule, value (fraction).
    """
    lines = read_cells(data, file)
    rows = iter(lines.rows)
    lines.text(lines.seek(rows, "Version:"), 1, "version")
    lines.seek(rows, "EDRT")
    thresholds: Records = [
        {"schedule": schedule, "threshold": number, "value": lines.number(row, place, f"threshold {schedule}")}
        for number, row in enumerate(lines.take(rows, 3, "EDRT"), 1)
        for place, schedule in enumerate(SCHEDULES, 1)
    ]
    lines.seek(rows, "EGE")
    strengths: Records = [
        {"grade": grade, "level": -1, "schedule": schedule, "value": lines.number(row, place, f"{grade} {schedule}")}
        for grade, row in zip(GRADES, lines.take(rows, len(GRADES), "EGE"), strict=True)
        for place, schedule in enumerate(SCHEDULES, 1)
    ]
    lines.seek(rows, "LBIOE")
    strengths += [
        {
            "grade": "invention",
            "level": level,
            "schedule": schedule,
            "value": lines.number(row, place, f"invention {schedule}"),
        }
        for level, row in enumerate(lines.take(rows, INVENTION_LEVELS, "LBIOE"))
        for place, schedule in enumerate(SCHEDULES, 1)
    ]
    return {"diversification_threshold": thresholds, "enhancement_strength": strengths}


def write_maths(tables: dict[str, Records]) -> bytes:
    """The way back; raises KeyError when a cell of the file has no record."""
    limits = {
        (record["threshold"], record["schedule"]): record["value"] for record in tables["diversification_threshold"]
    }
    values = {
        (record["grade"], record["level"], record["schedule"]): record["value"]
        for record in tables["enhancement_strength"]
    }

    def cells(grade: str, level: int) -> list[float]:
        return [values[grade, level, schedule] for schedule in SCHEDULES]

    return join_cells(
        [
            ["Enhancement Multiplier Data"],
            ["Version:", "1.0"],
            ["EDRT", *SCHEDULES],
            *([f"EDThresh_{number}", *(limits[number, schedule] for schedule in SCHEDULES)] for number in (1, 2, 3)),
            ["EGE", *SCHEDULES],
            *([grade, *cells(grade, -1)] for grade in GRADES),
            ["LBIOE", *SCHEDULES],
            *([level + 1, *cells("invention", level)] for level in range(INVENTION_LEVELS)),
        ]
    )


def read_set_types(data: bytes, *, file: File = None) -> Records:
    """SetTypes.mhd (older releases): name, short_name; the position in the list counts, not the number in it."""
    lines = read_cells(data, file)
    rows = iter(lines.rows)
    lines.text(lines.seek(rows, "Version:"), 1, "version")
    lines.seek(rows, "SetID")
    return [{"name": row.cell(2), "short_name": lines.text(row, 1, "short_name")} for row in lines.until_end(rows)]


def write_set_types(records: Sequence[dict[str, Any]]) -> bytes:
    return join_cells(
        [
            ["Set Type Names"],
            ["Version:", "1.0"],
            ["SetID", "Short", "Full"],
            *([number, record["short_name"], record["name"]] for number, record in enumerate(records)),
            ["End"],
        ]
    )
