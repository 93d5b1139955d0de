"""TypeGrades, SData, AttribMod and Compare as JSON."""

import json

import numpy as np
import pytest

from mids_assets.errors import FormatError
from mids_assets.readers.json_files import (
    read_attribute_modifiers,
    read_comparison_overrides,
    read_server_data,
    read_type_grades,
    snake_case,
    stated_manifest,
    write_attribute_modifiers,
    write_server_data,
    write_type_grades,
)
from mids_assets_tests.unit.readers.binary_support import REAL, needs_real

READERS = [read_type_grades, read_server_data, read_attribute_modifiers, read_comparison_overrides]
GRADES = {
    "set_type": [{"name": "Untyped", "short_name": "U", "description": None}],
    "enhancement_grade": [{"name": "é", "short_name": "", "description": "Text"}],
    "special_enhancement_type": [],
}


def test_type_grades_come_back():
    assert read_type_grades(write_type_grades(GRADES)) == GRADES


def test_keys_are_read_without_case_and_unknown_ones_ignored():
    data = b'\xef\xbb\xbf{"NAME": "Mids Reborn Types and Grades", "x": 1, "setTypes": [{"nAme": "A", "Index": 9}]}'
    assert read_type_grades(data)["set_type"] == [{"name": "A", "short_name": "", "description": None}]


def test_another_name_is_refused():
    with pytest.raises(FormatError, match="it must be") as caught:
        read_type_grades(write_type_grades(GRADES).replace(b"Types and", b"Tips and"))
    assert caught.value.field == "Name"


def test_server_data_has_the_defaults_of_the_program():
    found = {record["key"]: (record["value"], record["type"]) for record in read_server_data(b"{}")}
    assert found["base_to_hit"] == ("0.75", "number")
    assert found["max_max_fly_speed"] == ("257.985", "number")
    assert found["max_slots"] == ("67", "integer")
    assert found["health_slot1_level"] == ("8", "integer")
    assert found["enable_inherent_slotting"] == ("false", "boolean")
    assert found["incarnate.Alpha"] == ("true", "boolean")
    assert found["incarnate.Vitae"] == ("false", "boolean")
    assert found["manifest_uri"][1] == "text"
    assert len(found) == 32


def test_server_data_takes_what_is_there_and_comes_back():
    data = b'{"MAXSLOTS": 72, "BaseFlySpeed": 30, "manifestUri": "", "EnabledIncarnates": {"alpha": false, "New": 1}}'
    records = read_server_data(data)
    found = {record["key"]: record["value"] for record in records}
    assert (found["max_slots"], found["base_fly_speed"], found["manifest_uri"]) == ("72", "30.0", "")
    assert found["incarnate.Alpha"] == "false" and "incarnate.New" not in found
    assert read_server_data(write_server_data(records)) == records


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (b'{"MaxSlots": 67.0}', "MaxSlots"),
        (b'{"MaxSlots": "67"}', "MaxSlots"),
        (b'{"MaxSlots": true}', "MaxSlots"),
        (b'{"BaseToHit": true}', "BaseToHit"),
        (b'{"BaseToHit": null}', "BaseToHit"),
        (b'{"BaseToHit": 1e999}', "BaseToHit"),
        (b'{"EnableInherentSlotting": 1}', "EnableInherentSlotting"),
        (b'{"EnabledIncarnates": []}', "EnabledIncarnates"),
        (b'{"EnabledIncarnates": {"Lore": 1}}', "EnabledIncarnates.Lore"),
        (b'{"MaxSlots": 67, "maxslots": 68}', "maxslots"),
    ],
)
def test_a_setting_of_another_kind_is_named(data, field):
    with pytest.raises(FormatError) as caught:
        read_server_data(data, file="SData.json")
    assert (caught.value.file, caught.value.field) == ("SData.json", field)


def test_only_a_stated_manifest_counts():
    assert stated_manifest(b'{"manifesturi": "https://x"}') == "https://x"
    assert stated_manifest(b'{"ManifestUri": null}') == stated_manifest(b"{}") == ""


def test_snake_case():
    assert [snake_case(key) for key in ("MaxSlots", "StaminaSlot1Level", "ManifestUri")] == [
        "max_slots",
        "stamina_slot1_level",
        "manifest_uri",
    ]


def test_attribute_modifiers_pass_through_f32_and_come_back():
    tables = [
        {"name": "Melee_Damage", "base_index": 100, "rows": [[-62.561499, 0.30000001], [], [1.0]]},
        {"name": "Empty", "base_index": 0, "rows": []},
    ]
    found = read_attribute_modifiers(write_attribute_modifiers(tables))
    assert found[0]["rows"] == [[float(str(np.float32(-62.561499))), 0.3], [], [1.0]]
    assert found[1] == tables[1]
    assert read_attribute_modifiers(write_attribute_modifiers(found)) == found


def test_attribute_modifiers_of_old_exports():
    data = b'{"name": "x", "Modifier": [{"Table": [[1], null], "ID": "T"}, {"ID": "U"}]}'
    assert read_attribute_modifiers(data) == [
        {"name": "T", "base_index": 0, "rows": [[1.0], []]},
        {"name": "U", "base_index": 0, "rows": []},
    ]


@pytest.mark.parametrize(
    ("table", "field"),
    [
        ({"ID": "T", "Table": [["1"]]}, "modifier[0].table[0][0]"),
        ({"ID": "T", "Table": [[1e39]]}, "Modifier[0].Table"),
        ({"ID": "T", "BaseIndex": 1.5}, "modifier[0].baseindex"),
        ({"Table": []}, "modifier[0]"),
    ],
)
def test_a_fault_in_a_modifier_table_is_named(table, field):
    with pytest.raises(FormatError) as caught:
        read_attribute_modifiers(json.dumps({"Modifier": [table]}).encode())
    assert caught.value.field == field


def test_comparison_overrides():
    data = b'{"name": "x", "CompOverride": [{"Powerset": "A", "Power": "B", "Override": "C"}]}'
    assert read_comparison_overrides(data) == [{"powerset": "A", "power": "B", "override": "C"}]


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\n", "empty"),
        (b"  <html>", "web page"),
        (b"[]", "object should begin"),
        (b'{"a": ', "no valid JSON"),
        (b'{"a": NaN}', "NaN is no JSON number"),
        (b'{"a": "\xff"}', "no UTF-8"),
        (b'{"a": 1, "A": 2}', "twice"),
        (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
    ],
)
def test_what_is_no_json_object_is_refused_in_words(read, data, words):
    with pytest.raises(FormatError, match=words) as caught:
        read(data, file="f.json")
    assert caught.value.file == "f.json"


def test_a_syntax_error_has_line_and_byte_offset():
    data = '\ufeff{\n"é": ?}'.encode()
    with pytest.raises(FormatError) as caught:
        read_server_data(data)
    assert (caught.value.record, caught.value.offset) == ("line 2", data.index(b"?"))


@needs_real
@pytest.mark.real
def test_real_files():
    sizes = {}
    for realm in ("Homecoming", "Rebirth", "Generic"):
        tables = read_type_grades((REAL / "midsreborn" / realm / "TypeGrades.json").read_bytes())
        assert read_type_grades(write_type_grades(tables)) == tables
        sizes[realm] = (len(tables["set_type"]), tables["set_type"][45]["short_name"])
    assert sizes == {"Homecoming": (50, "Sentinel"), "Rebirth": (50, "Guardian"), "Generic": (46, "Guardian")}
    settings = read_server_data((REAL / "midsreborn/Rebirth/SData.json").read_bytes())
    assert {"key": "max_slots", "value": "72", "type": "integer"} in settings
    assert len(read_comparison_overrides((REAL / "midsreborn/Homecoming/Compare.json").read_bytes())) == 13
