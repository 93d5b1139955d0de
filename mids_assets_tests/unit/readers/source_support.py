"""A small made-up database folder, written with the readers' own writers. Only for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mids_assets.readers.binary_write import write_file
from mids_assets.readers.i12_write import write_i12
from mids_assets.readers.layouts import COMPARE, ENHDB, GLOBALMODS, RECIPE, SALVAGE
from mids_assets.readers.mids_zip import DatabaseHeader, write_mids_zip
from mids_assets.readers.text_tables import write_enhancement_classes
from mids_assets_tests.unit.readers.json_support import make

MOMENT = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
HEADER = DatabaseHeader("2024.5.1", MOMENT, issue=27, page_volume=7, page_volume_text="Page")
CLASSES = [{"id": 1, "name": "A", "short_name": "a", "class_id": "A_Boost", "description": ""}]


def records() -> dict[str, list[dict[str, Any]]]:
    return {
        "archetypes": [make(1, "archetype")],
        "powersets": [make(2, "powerset"), make(3, "powerset")],
        "powers": [make(seed, "power") for seed in range(6)],
        "entities": [make(4, "summoned_entity")],
    }


def write_items(folder: Path) -> None:
    """The four required item files."""
    items = {
        "EnhDB.mhd": (
            ENHDB,
            {"version": 0.0, "enhancements": [make(1, "enhancement")], "sets": [make(2, "enhancement_set")]},
        ),
        "Recipe.mhd": (
            RECIPE,
            {"source1": "", "source2": "", "revision_date": 0, "recipes": [make(s, "recipe") for s in range(3)]},
        ),
        "Salvage.mhd": (SALVAGE, {"items": [make(1, "salvage")]}),
    }
    for name, (family, value) in items.items():
        write_file(folder / name, family.newest, {"magic": family.newest.magics[0], **value})
    (folder / "EClasses.mhd").write_bytes(write_enhancement_classes(CLASSES))


def write_main(folder: Path, form: str, *, header: DatabaseHeader = HEADER) -> None:
    if form == "i12":
        write_i12(
            folder / "I12.mhd",
            version=header.version,
            date=header.date,
            issue=header.issue,
            page_volume=header.page_volume,
            page_volume_text=header.page_volume_text,
            archetypes=records()["archetypes"],
            powersets=records()["powersets"],
            powers=records()["powers"],
            entities=records()["entities"],
        )
    else:
        write_mids_zip(folder / "Mids.zip", header, *records().values())


def write_globalmods(folder: Path, names: list[str]) -> None:
    write_file(folder / "GlobalMods.mhd", GLOBALMODS.newest, {"effect_ids": names})


def write_compare(folder: Path, overrides: list[dict[str, str]]) -> None:
    write_file(folder / "Compare.mhd", COMPARE.newest, {"magic": COMPARE.newest.magics[0], "overrides": overrides})


def database(folder: Path, form: str = "i12", *, header: DatabaseHeader = HEADER) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    write_items(folder)
    write_main(folder, form, header=header)
    return folder
