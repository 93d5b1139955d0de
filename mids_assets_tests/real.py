"""Where the real releases lie, for the tests that need them; they skip where the folder is absent."""

from __future__ import annotations

import os
import tarfile
import tempfile
from functools import cache
from pathlib import Path

import pytest

from mids_assets.commands.exporting import Exported, run_export
from mids_assets.settings import Settings

PROJECT = Path(__file__).resolve().parents[1]
SAMPLE = PROJECT / "data" / "sample"
REAL = Path(os.environ.get("MIDS_REAL_DATA") or PROJECT.parent / "shared" / "real")

needs_real = pytest.mark.skipif(not REAL.is_dir(), reason=f"no real data at {REAL} (MIDS_REAL_DATA)")


CITY_OF_DATA = REAL / "city-of-data" / "city-of-data-2025-06-17.tar.xz"
"""A City of Data export; in its folder filtered_data/."""

needs_city = pytest.mark.skipif(not CITY_OF_DATA.is_file(), reason=f"no export at {CITY_OF_DATA} (MIDS_REAL_DATA)")


@cache
def _unpacked_city() -> tempfile.TemporaryDirectory[str]:
    folder = tempfile.TemporaryDirectory(prefix="mids-city-")
    with tarfile.open(CITY_OF_DATA) as archive:
        archive.extractall(folder.name, filter="data")
    return folder


def city_of_data_folder() -> Path:
    """The real export as a folder, unpacked once a process. Only to be read."""
    return Path(_unpacked_city().name) / "filtered_data"


@cache
def _exported_city() -> tuple[Exported, Path, tempfile.TemporaryDirectory[str]]:
    folder = tempfile.TemporaryDirectory(prefix="mids-city-tables-")
    out = Path(folder.name) / "out"
    return run_export(Settings(), city_of_data_folder(), out, "parquet"), out, folder


def city_of_data_tables() -> tuple[Exported, Path]:
    """The real export as `mids export` writes it, and the folder with its frames/ and tables/; made once a process."""
    exported, out, _ = _exported_city()
    return exported, out


def release(name: str) -> Path:
    return REAL / "releases" / name


ROWS_2022 = {
    "archetype": 60,
    "powerset": 3_568,
    "powerset_mutex": 22,
    "power": 9_649,
    "power_effect": 65_293,
    "power_effect_condition": 1_997,
    "power_prerequisite": 1_687,
    "power_archetype_rule": 790,
    "power_allowed_enhancement": 22_889,
    "power_allowed_set_type": 10_076,
    "power_sub_power": 40,
    "power_group": 278,
    "power_ignored_aspect": 1_763,
    "summoned_entity": 464,
    "summoned_entity_powerset": 526,
    "enhancement_class": 32,
    "enhancement_class_member": 226,
    "set_type": 50,
    "origin": 5,
    "enhancement": 1_330,
    "enhancement_effect": 3_352,
    "enhancement_set": 226,
    "enhancement_set_bonus": 1_132,
    "recipe": 2_377,
    "recipe_level": 24_695,
    "recipe_salvage": 78_015,
    "salvage": 111,
    "effect_tag": 201,
    "power_replacement": 7,
    "level_schedule": 100,
    "server_setting": 0,
    "attribute_modifier_table": 0,
    "attribute_modifier": 0,
}
"""Rows of each table that homecoming-2022-03-31 makes, whatever way it comes."""
