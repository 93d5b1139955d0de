"""I12_extracted.txt as records."""

import json

import pytest

from mids_assets.errors import FormatError
from mids_assets.model.enums import CODES
from mids_assets.readers.i12_text import power_records
from mids_assets.readers.json_records import decode_records
from mids_assets_tests.unit.readers.exporter_support import TEXT


@pytest.fixture
def read(tmp_path):
    def raw(text: str | bytes, powersets=()) -> list[bytes]:
        path = tmp_path / "I12_extracted.txt"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return list(power_records(path, set(powersets)))

    return raw


def test_every_line_of_the_documented_form(read):
    flares, healing = map(json.loads, read(TEXT, ["willpower"]))
    assert flares == {
        "InternalName": "Blaster_Ranged.Fire_Blast.Flares",
        "Name": "Flares",
        "PowersetName": "Blaster_Ranged.Fire_Blast",
        "DisplayName": "Flares",
        "Level": 1,
        "AllowedSlots": 6,
        "EnduranceCost": 3.7,
        "RechargeTime": 2.18,
        "ActivationTime": 1.0,
        "Range": 80,
        "TargetType": "SingleTarget",
        "RequiresLineOfSight": True,
        "Effects": [
            {"EffectType": "Damage", "Attribute": "Fire", "Magnitude": 0.84, "Duration": 0.0, "Chance": 1.0},
            {"EffectType": "SelfDoubt", "Magnitude": 2},
        ],
    }
    assert healing == {
        "InternalName": "Tanker_Defense.Willpower.Fast_Healing",
        "Name": "Fast_Healing",
        "PowersetName": "Willpower",
        "DisplayName": "Fast Healing",
        "Level": 2,
    }


@pytest.mark.parametrize(
    ("powersets", "found"),
    [(["a.b", "b"], "A.B"), (["b"], "B"), ([], "A.B"), (["a.b"], "A.B")],
)
def test_the_powerset_is_the_one_that_exists(read, powersets, found):
    (record,) = read("Power: A.B.C", powersets)
    assert json.loads(record)["PowersetName"] == found


def test_mark_line_ends_blank_lines_and_a_missing_last_line_end_change_nothing(read):
    plain = read(TEXT)
    assert read("\ufeff" + TEXT) == plain
    assert read(TEXT.replace("\n", "\r\n")) == plain
    assert read(TEXT.replace("\n", "\n\n").rstrip()) == plain


def test_what_says_nothing_here_is_kept(read):
    text = (
        "Power: A.B.C\n  Level: 1\n  Level: 2\n  no colon\n  Needs:\n    Mode: X\n  Empty:\n"
        "  Note: a: b\n  Effects:\n    Effect: Odd (x\n      New: 1\nstray\n"
    )
    (record,) = read(text)
    assert json.loads(record) == {
        "InternalName": "A.B.C",
        "Name": "C",
        "PowersetName": "A.B",
        "Level": 1,
        "Lines": ["Level: 2", "no colon", "stray"],
        "Needs": {"Mode": "X"},
        "Note": "a: b",
        "Effects": [{"EffectType": "Odd (x", "New": "1"}],
    }


def test_lists_and_numbers(read):
    (record,) = read("Power: A.B.C\n  EnhancementTypes: Damage_Boost, Accuracy_Boost\n  Range: .5\n  Radius: 1.\n"
                     "  Accuracy: 1e2\n  RequiresLineOfSight: FALSE\n")  # fmt: skip
    found = json.loads(record)
    assert found["EnhancementTypes"] == ["Damage_Boost", "Accuracy_Boost"]
    assert (found["Range"], found["Radius"], found["Accuracy"]) == (0.5, 1.0, 100.0)
    assert found["RequiresLineOfSight"] is False


@pytest.mark.parametrize(
    ("line", "rule", "field"),
    [
        (b"Range: 5,2", "type", "range"),
        (b"Range: NaN", "type", "range"),
        (b"Range: 1e999", "type", "range"),
        (b"Range: 1e39", "range", "range"),
        (b"Level: 1.5", "type", "level"),
        (b"Level: 99999999999", "range", "level"),
        (b"RequiresLineOfSight: perhaps", "type", "target_line_of_sight"),
        (b"DisplayName: \xe4", "encoding", ""),
    ],
)
def test_a_wrong_value_refuses_its_record_and_no_other(read, line, rule, field):
    records = read(b"Power: A.B.C\n  " + line + b"\nPower: A.B.D\n  Level: 1\n")
    batch = decode_records(b",".join(records), "data_exporter_i12", "power", codes=CODES)
    assert [(f.position, f.rule, f.path) for f in batch.failures] == [(0, rule, field)]
    assert batch.frame["full_name"].to_list() == ["A.B.D"]


def test_something_else_is_an_error_with_its_place(read):
    with pytest.raises(FormatError, match=r"I12_extracted\.txt, byte offset 1: a line that begins with 'Power:'"):
        read(b"\n<html>")
    assert read(b"") == read(b"\n\n") == []
