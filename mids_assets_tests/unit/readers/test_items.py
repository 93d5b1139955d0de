"""The small binary files: counts of the real ones, and one shape for every layout."""

import struct
from datetime import UTC, datetime

import pytest

from mids_assets.errors import FormatError
from mids_assets.readers import items
from mids_assets.readers.binary_write import encode, write_file
from mids_assets.readers.columnar import frame_from_rows, frame_schema
from mids_assets.readers.layouts import ATTRIBMOD, ENHDB, GLOBALMODS, RECIPE, SALVAGE, SDATA
from mids_assets_tests.unit.readers.binary_support import REAL, needs_real, sample_value

SERVERS = {"Homecoming": (1345, 227, 2378), "Rebirth": (1352, 233, 2344), "Generic": (1222, 210, 2704)}


@needs_real
@pytest.mark.parametrize("server", SERVERS)
def test_counts_of_todays_databases(server):
    folder = REAL / "midsreborn" / server
    enhancements = items.read_enhancements(folder / "EnhDB.mhd").value
    recipes = items.read_recipes(folder / "Recipe.mhd")
    assert (len(enhancements["enhancements"]), len(enhancements["sets"]), len(recipes.rows["recipes"])) == SERVERS[
        server
    ]
    assert {len(one["special_bonuses"]) for one in enhancements["sets"]} == {6}
    assert {len(entry["ingredients"]) for recipe in recipes.value["recipes"] for entry in recipe["entries"]} == {7}
    assert recipes.value["revision_date"] is None
    frame = frame_from_rows(RECIPE.newest.records, "recipe", recipes.rows["recipes"])
    assert frame.schema == frame_schema(RECIPE.newest.records, "recipe")


@needs_real
def test_small_real_files():
    folder = REAL / "midsreborn" / "Homecoming"
    assert len(items.read_salvage(folder / "Salvage.mhd").value["items"]) == 111
    mods = items.read_globalmods(folder / "GlobalMods.mhd")
    assert (len(mods.value["effect_ids"]), mods.magic) == (206, "")
    sdata = items.read_sdata(folder / "SData.mhd").value
    assert (sdata["base_jump_height"], sdata["base_jump_speed"], sdata["max_run_speed"]) == (4.0, 21.0, 135.67)
    assert len(sdata["enabled_incarnates"]) == 10
    assert "enabled_incarnates" not in items.read_sdata(REAL / "midsreborn" / "Rebirth" / "SData.mhd").value
    old = REAL / "midsreborn-older" / "Homecoming-2019-06-05"
    assert len(items.read_compare(old / "Compare.mhd").value["overrides"]) == 13
    tables = items.read_attribmod(old / "AttribMod.mhd").value["tables"]
    assert (len(tables), {len(table["rows"]) for table in tables}) == (94, {55})
    widths = [len(row["values"]) for table in tables for row in table["rows"]]
    assert (widths.count(60), widths.count(0), len(widths)) == (5145, 25, 5170)
    assert items.read_uddata(REAL / "midsreborn-older" / "Homecoming-2022-04-18" / "UdData.mhd").layout == "u0"


@pytest.mark.parametrize("layout", ENHDB.layouts(), ids=lambda layout: layout.id)
def test_enhancements_of_every_layout_have_the_newest_shape(tmp_path, layout):
    write_file(tmp_path / "EnhDB.mhd", layout, sample_value(layout))
    file = items.read_enhancements(tmp_path / "EnhDB.mhd")
    assert file.layout == layout.id
    for one in file.value["enhancements"]:
        assert list(one) == [field.name for field in ENHDB.newest["enhancement"]]
        assert one["is_proc"] is (layout.id in ("e3", "e5", "e6", "e7"))
        assert one["is_scalable"] is (layout.id in ("e6", "e7"))
        for effect in one["effects"]:
            assert list(effect["fx"]) == [field.name for field in ENHDB.newest["effect"]]
    assert frame_from_rows(ENHDB.newest.records, "enhancement", file.rows["enhancements"]).height == 2


def test_an_effect_without_effect_record(tmp_path):
    for layout in ENHDB.layouts():
        value = sample_value(layout)
        value["enhancements"][0]["effects"][1] |= {"has_fx": False, "fx": None}
        write_file(tmp_path / "EnhDB.mhd", layout, value)
        found = items.read_enhancements(tmp_path / "EnhDB.mhd").value["enhancements"][0]["effects"]
        assert found[1]["fx"] is None
        assert found[0]["fx"]["power_full_name"] == "power_full_name é"


@pytest.mark.parametrize("layout", RECIPE.layouts(), ids=lambda layout: layout.id)
def test_recipes_of_every_layout_have_the_newest_shape(tmp_path, layout):
    value = sample_value(layout)
    write_file(tmp_path / "Recipe.mhd", layout, value)
    file = items.read_recipes(tmp_path / "Recipe.mhd")
    assert file.value["revision_date"] == datetime(2022, 3, 31, 16, 12, 4, tzinfo=UTC)
    one = file.value["recipes"][0]
    assert list(one) == [field.name for field in RECIPE.newest["recipe"]]
    assert one["is_hidden"] is (layout.id == "r3")
    assert list(one["entries"][0]["ingredients"][0]) == ["salvage_name", "count", "salvage_index"]


def test_a_date_beyond_the_calendar_is_named(tmp_path):
    value = sample_value(ATTRIBMOD.newest)
    value["revision_date"] = 2**62 - 1
    write_file(tmp_path / "AttribMod.mhd", ATTRIBMOD.newest, value)
    with pytest.raises(FormatError) as caught:
        items.read_attribmod(tmp_path / "AttribMod.mhd")
    assert caught.value.field == "revision_date"


def test_server_data_with_and_without_the_list_at_the_end(tmp_path):
    value = sample_value(SDATA.newest)
    with_list = encode(SDATA.newest, value)
    (tmp_path / "SData.mhd").write_bytes(with_list)
    assert items.read_sdata(tmp_path / "SData.mhd").value == value
    value["enabled_incarnates"] = None
    without = encode(SDATA.newest, value)
    assert with_list.startswith(without)
    (tmp_path / "SData.mhd").write_bytes(without)
    assert "enabled_incarnates" not in items.read_sdata(tmp_path / "SData.mhd").value
    (tmp_path / "SData.mhd").write_bytes(without + b"\0\0")
    with pytest.raises(FormatError) as caught:
        items.read_sdata(tmp_path / "SData.mhd")
    assert caught.value.field == "enabled_incarnates"


@pytest.mark.parametrize("value", [float("nan"), float("-inf")])
def test_a_setting_that_is_no_number(tmp_path, value):
    path = tmp_path / "SData.mhd"
    path.write_bytes(encode(SDATA.newest, sample_value(SDATA.newest) | {"max_run_speed": value}))
    with pytest.raises(FormatError, match="is no number") as caught:
        items.read_sdata(path)
    assert (caught.value.file, caught.value.field) == (str(path), "max_run_speed")


def test_global_modifiers_keep_spellings_and_refuse_what_is_none(tmp_path):
    path = tmp_path / "GlobalMods.mhd"
    path.write_bytes(encode(GLOBALMODS.newest, {"effect_ids": ["Ones", "ones"]}))
    assert items.read_globalmods(path).value == {"effect_ids": ["Ones", "ones"]}
    path.write_bytes(struct.pack("<i", -1))
    with pytest.raises(FormatError, match="count"):
        items.read_globalmods(path)


def test_the_error_names_the_file(tmp_path):
    path = tmp_path / "Salvage.mhd"
    path.write_bytes(encode(SALVAGE.newest, sample_value(SALVAGE.newest))[:-1])
    with pytest.raises(FormatError) as caught:
        items.read_salvage(path)
    assert caught.value.file == str(path)
    assert (caught.value.record, caught.value.field) == ("salvage 1", "origin")
