"""What a source cannot say, told by the layouts and, where a source states none, by what it holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from mids_assets.model.tables import TABLES, game_data
from mids_assets.readers.layouts import ENHDB, I12, RECIPE
from mids_assets.transform.diff.lacking import form, lacking
from mids_assets_tests.unit.transform.diff.diff_support import side
from mids_assets_tests.unit.transform.diff.test_compare import BALL, effect, power, release

GAME_DATA = {table.name for table in game_data.TABLES}
SMALL = {table.name for table in TABLES if table.asset == "reference"} - GAME_DATA


def _manifest(main: str, date: str | None = None, **layouts: str) -> dict:
    newest = {family.kind: family.newest.id for family in (ENHDB, RECIPE)} | layouts
    files = [{"kind": kind, "layout": layout} for kind, layout in newest.items()]
    return {"header": {"main": main, "date": date}, "files": files}


def _lacks(tmp_path: Path, manifest: dict, rows: dict) -> set[str]:
    return set(lacking(manifest, side(tmp_path / "tables", rows).tables)) - SMALL


def test_the_newest_layouts_lack_nothing(tmp_path):
    assert _lacks(tmp_path, _manifest("i12", i12=I12.newest.id), release(effect(0))) == set()


def test_small_tables_without_rows_are_lacking(tmp_path):
    tables = side(tmp_path, {"origin": [{"position": 0, "name": "Magic"}]}).tables
    assert lacking(_manifest("i12", i12=I12.newest.id), tables) == SMALL - {"origin"}


def test_an_old_layout_lacks_what_came_later(tmp_path):
    found = _lacks(tmp_path, _manifest("i12", i12="h1", recipe="r0"), release(effect(0)))
    assert {"power.base_recharge_time", "power.inherent_type", "power.inherent_type_code"} <= found
    assert {"power_effect.attrib_original_accuracy", "power_effect.duration_expression"} <= found
    assert {"power_effect_condition", "recipe.is_generic"} <= found
    # One text held both formulas, and what it accepts followed from another field.
    assert not {"power_effect.probability_expression", "power_allowed_enhancement"} & found
    assert not {name for name in found if name.startswith(("enhancement", "salvage"))}


@pytest.mark.parametrize(("date", "is_lacking"), [("2019-07-28T00:00:00+00:00", True), ("2022-04-18", False)])
def test_an_archive_is_judged_by_its_date(tmp_path, date, is_lacking):
    found = _lacks(tmp_path, _manifest("mids_zip", date), release(powers=[power(variable_override=False)]))
    assert ("power.variable_override" in found) == is_lacking


def test_what_an_archive_holds_it_does_not_lack(tmp_path):
    powers = [power(base_recharge_time=1.0), power(BALL + "2", base_recharge_time=2.0)]
    found = _lacks(tmp_path, _manifest("mids_zip", "2019-07-28"), release(powers=powers))
    assert "power.base_recharge_time" not in found and "power.variable_override" in found


def test_only_an_export_of_the_game_can_lack_what_only_it_states(tmp_path):
    tables = side(tmp_path, {}).tables
    for main in ("i12", "mids_zip", "data_exporter"):
        assert not lacking(_manifest(main, i12=I12.newest.id), tables) & GAME_DATA
    assert lacking(_manifest("city_of_data"), tables) >= GAME_DATA | SMALL


@pytest.mark.parametrize("main", ["data_exporter", "city_of_data"])
def test_an_exporter_lacks_what_no_row_has(tmp_path, main):
    found = _lacks(tmp_path, _manifest(main), release(effect(0))) - GAME_DATA
    assert {"power.range", "power_effect.duration", "power_effect_condition", "salvage"} <= found
    assert not {"power.recharge_time", "power_effect.scale", "power", "power_effect"} & found


def test_forms():
    assert form(_manifest("i12", i12="h7")) == "i12 h7"
    assert form(_manifest("mids_zip", "2021-03-31T00:00:00+00:00")) == "mids_zip h7"
    assert form(_manifest("mids_zip", "1999-01-01")) == "mids_zip h1"
    assert form(_manifest("data_exporter")) == "data_exporter"
    assert form(_manifest("city_of_data", "2025-06-17")) == "city_of_data"
