"""Corrections: what their files may say, for which releases they hold, what they do to frames and quarantine."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mids_assets.errors import UserError
from mids_assets.model.enums import CODES
from mids_assets.readers.json_records import decode_records
from mids_assets.transform.corrections.applying import Applied, correct, locate
from mids_assets.transform.corrections.entry import Correction, key_field
from mids_assets.transform.corrections.kept import corrections_for, fingerprint
from mids_assets.transform.corrections.ranges import holds
from mids_assets.transform.corrections.reading import read_file
from mids_assets.transform.corrections.template import template
from mids_assets.transform.frames import validate_records
from mids_assets_tests.real import PROJECT
from mids_assets_tests.unit.transform.transform_support import record_frame

MOMENT = datetime(2022, 9, 29, 23, 30, tzinfo=UTC)
GOOD = "- {entity: power, key: A.B.C, field: 'effects[1].scale', to: 1.1, reason: known}\n"


def read(folder: Path, text: str) -> list[Correction]:
    path = folder / "fixes.yaml"
    path.write_text(text, "utf-8")
    return read_file(path)


def test_an_entry_says_what_where_why_and_for_which_releases(tmp_path):
    (one,) = read(
        tmp_path,
        "- entity: power\n  key: A.B.C\n  field: effects[1].scale\n  from: 1\n  to: 1.1\n"
        "  reason: >\n    two\n    lines\n"
        "  releases: {from: 2022-09-29, to: '2023.1.5'}\n",
    )
    assert (one.entity, one.key, one.field, one.old, one.new) == ("power", "A.B.C", "effects[1].scale", 1, 1.1)
    assert one.checks_old and not one.drop and one.reason == "two lines"
    assert (one.since, one.until) == ("2022-09-29", "2023.1.5")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("entity: power\n", "a list of corrections"),
        ("- {entity: power, entity: power}\n", "stands twice"),
        ("- {entity: powr, key: A, field: level, to: 1, reason: x}\n", "the nearest is power"),
        ("- {entity: power, key: A, field: levle, to: 1, reason: x}\n", "the nearest is level"),
        ("- {entity: power, key: A, field: effects.scale, to: 1, reason: x}\n", "is a list"),
        ("- {entity: power, key: A, field: 'effects[0].scale', to: '1', reason: x}\n", "instead of a number"),
        ("- {entity: power, key: A, field: level, to: 1.5, reason: x}\n", "instead of an integer"),
        ("- {entity: power, key: A, field: level, to: true, reason: x}\n", "instead of an integer"),
        ("- {entity: power, key: A, field: level, to: 3000000000, reason: x}\n", "outside"),
        ("- {entity: power, key: A, field: display_name, to: 2022-09-29, reason: x}\n", "in quotes"),
        ("- {entity: power, key: A, field: level, to: 1}\n", "say why"),
        ("- {entity: power, key: A, field: level, reason: x}\n", "what is right"),
        ("- {entity: power, key: A, field: level, to: 1, drop: true, reason: x}\n", "give one of them"),
        ("- {entity: power, key: A, field: level, drop: true, reason: x}\n", "no item of a list"),
        ("- {entity: power, field: level, to: 1, reason: x}\n", "which record"),
        ("- {entity: power, position: -1, field: level, to: 1, reason: x}\n", "from 0 on"),
        ("- {entity: power, key: A, field: level, to: 1, reason: x, releases: {from: 20.10}}\n", "in quotes"),
        ("- {entity: power, key: A, field: level, to: 1, reason: x, releases: {from: new}}\n", "neither a date"),
        ("- {entity: power, key: A, field: level, to: 1, reason: x, why: y}\n", "no part of a correction"),
        ("- {entity: power, key: 5, field: level, to: 1, reason: x}\n", "in quotes"),
        ("- [\n", "no YAML"),
    ],
)
def test_what_cannot_be_meant_names_file_and_reason(tmp_path, text, told):
    with pytest.raises(UserError) as caught:
        read(tmp_path, text)
    assert "fixes.yaml" in str(caught.value) and told in str(caught.value)


def test_no_folder_and_an_empty_file_are_no_corrections(tmp_path):
    assert corrections_for(tmp_path, "homecoming", None, None) == [] and fingerprint([]) == ""
    assert read(tmp_path, "# nothing yet\n") == []


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (None, None, True),
        ("2022-09-29", "2022-09-29", True),
        ("2022-09-30", None, False),
        (None, "2022-09-28", False),
        ("2022.9.29", "2022.9.29", True),
        ("2022.9.3", "2022.10", True),
        ("2022.9.29.0", None, False),
        (None, "2022.9", False),
    ],
)
def test_both_ends_of_a_range_are_in_it(since, until, expected):
    assert holds(since, until, version="2022.9.29", moment=MOMENT) is expected


def test_a_release_without_date_and_version_is_older_than_all():
    assert not holds("2019-01-01", None, version=None, moment=None) and not holds("0.1", None, version="", moment=None)
    assert holds(None, "2019-01-01", version=None, moment=None) and holds(None, "0.1", version="none", moment=None)


def write(folder: Path, text: str, name: str = "a.yaml") -> str:
    (folder / "homecoming").mkdir(exist_ok=True)
    (folder / "homecoming" / name).write_text(text, "utf-8")
    return fingerprint(corrections_for(folder, "homecoming", "2022.9.29", MOMENT))


def test_the_fingerprint_is_that_of_the_substance(tmp_path):
    one = write(tmp_path, GOOD)
    assert one and write(tmp_path, "# a comment\n" + GOOD.replace("known", "well known")) == one
    assert write(tmp_path, GOOD.replace("1.1", "1.2")) != one
    assert write(tmp_path, GOOD.replace("reason", "releases: {to: 2020-01-01}, reason")) == ""


def test_two_entries_about_one_place_are_refused(tmp_path):
    with pytest.raises(UserError, match="the same place"):
        write(tmp_path, GOOD + GOOD)
    with pytest.raises(UserError, match="the same place"):
        write(tmp_path, GOOD + "- {entity: power, key: a.b.c, drop: true, reason: x}\n")
    assert write(tmp_path, GOOD + GOOD.replace("scale", "magnitude"))


def fix(entity: str, field: str = "", **more: Any) -> Correction:
    return Correction("f.yaml", 1, entity, more.pop("key", None), more.pop("position", None), field, "known", **more)


def run(entity: str, frame: pl.DataFrame, quarantine: pl.DataFrame, *fixes: Correction, shape="canonical") -> Applied:
    places, lost = locate(entity, fixes, frame.lazy(), quarantine, shape)
    folded = frame.with_columns(pl.col(key_field(entity)).str.to_lowercase())

    def taken(key: str) -> list[int]:
        return folded.filter(pl.col(key_field(entity)) == key)["source_position"].to_list()

    done = correct(entity, frame, quarantine, places, shape=shape, source_file="test", taken=taken)
    done.outcomes += lost
    return done


def powers(*names: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    effects = [{"scale": 1.1, "magnitude": 2.0}, {"scale": 0.1}]
    records = [{"full_name": name, "display_name": name, "effects": effects, "level": 1} for name in names]
    good = validate_records("power", record_frame("power", records), source_file="test")
    return good.frame, good.quarantine


def test_a_value_is_corrected_and_nothing_else(tmp_path):
    frame, none = powers("A.B.C", "A.B.D", "A.B.E")
    done = run("power", frame, none, fix("power", "effects[1].scale", key="a.b.d", new=0.2))
    assert [one.state for one in done.outcomes] == ["applied"] and done.outcomes[0].position == 1
    assert done.frame.schema == frame.schema and done.frame["effects"][1][1]["scale"] == 0.2
    again = run(
        "power", done.frame, none, fix("power", "effects[1].scale", key="A.B.D", checks_old=True, old=0.2, new=0.1)
    )
    assert again.frame.equals(frame)


@pytest.mark.parametrize(
    ("correction", "state"),
    [
        (fix("power", "level", key="A.B.X", new=2), "gone"),
        (fix("power", "effects[2].scale", key="A.B.C", new=2.0), "gone"),
        (fix("power", "effects[2]", key="A.B.C", drop=True), "gone"),
        (fix("power", "level", key="A.B.C", checks_old=True, old=7, new=2), "differs"),
        (fix("power", "level", key="A.B.C", checks_old=True, old=True, new=2), "differs"),
        (fix("power", "level", key="A.B.C", new=1), "unchanged"),
        (fix("power", "effects[0].scale", key="A.B.C", new=1.1), "unchanged"),
        (fix("power", "full_name", key="A.B.C", new=""), "refused"),
        (fix("power", "full_name", key="A.B.C", new="a.b.D"), "refused"),
        (fix("power", "level", key="A.B.C", position=1, new=2), "gone"),
    ],
)
def test_what_does_not_apply_says_so_and_changes_nothing(correction, state):
    frame, none = powers("A.B.C", "A.B.D")
    done = run("power", frame, none, correction)
    assert [one.state for one in done.outcomes] == [state] and done.outcomes[0].message in done.outcomes[0].sentence
    assert done.frame.equals(frame)


def test_records_and_items_are_left_out():
    frame, none = powers("A.B.C", "A.B.D")
    done = run(
        "power",
        frame,
        none,
        fix("power", key="A.B.C", drop=True),
        fix("power", "effects[0]", key="A.B.D", drop=True),
        fix("power", "effects[1].magnitude", key="A.B.D", new=5.0),
    )
    assert {one.state for one in done.outcomes} == {"applied"}
    assert done.frame["source_position"].to_list() == [1]
    assert [(e["scale"], e["magnitude"]) for e in done.frame["effects"][0]] == [(0.1, 5.0)]


def test_a_key_that_several_records_have_needs_a_position():
    frame = validate_records("enhancement", record_frame("enhancement", [{"uid": "U"}, {"uid": "u"}]), source_file="t")
    told = run("enhancement", frame.frame, frame.quarantine, fix("enhancement", "name", key="U", new="N")).outcomes
    assert told[0].state == "refused" and "0, 1" in told[0].message
    done = run("enhancement", frame.frame, frame.quarantine, fix("enhancement", "name", key="U", position=1, new="N"))
    assert done.frame["name"].to_list() == ["", "N"]


def test_a_record_that_broke_a_rule_returns_to_its_place():
    frame, quarantine = powers("A.B.C", "", "A.B.E")
    assert frame.height == 2 and quarantine.height == 1
    done = run("power", frame, quarantine, fix("power", "full_name", position=1, checks_old=True, old="", new="A.B.D"))
    assert done.outcomes[0].resolved and done.quarantine.is_empty()
    assert done.frame.drop("display_name").equals(powers("A.B.C", "A.B.D", "A.B.E")[0].drop("display_name"))


def test_a_second_class_is_good_once_it_has_a_name_of_its_own():
    records = [{"class_name": "Class_A"}, {"class_name": "class_a"}]
    good = validate_records("archetype", record_frame("archetype", records), source_file="test")
    other = run("archetype", good.frame, good.quarantine, fix("archetype", "display_name", position=1, new="A"))
    assert other.outcomes[0].state == "refused" and other.quarantine.height == 1
    done = run("archetype", good.frame, good.quarantine, fix("archetype", "class_name", position=1, new="Class_B"))
    assert done.frame["class_name"].to_list() == ["Class_A", "Class_B"] and done.quarantine.is_empty()


SOURCE = [
    {"FullName": "A.B.C", "Level": 1},
    {"FullName": "A.B.D", "Level": "x", "Effects": [{"Scale": 1.0}, {"Scale": "1,5"}]},
    {"FullName": "A.B.E", "Level": 2**40},
]


def mids_zip() -> tuple[pl.DataFrame, pl.DataFrame]:
    batch = decode_records(json.dumps(SOURCE).encode(), "mids_zip", "power", codes=CODES)
    good = validate_records("power", batch.frame, batch.failures, source_file="test")
    return good.frame, good.quarantine


def test_a_record_that_the_decoder_refused_is_read_again():
    frame, quarantine = mids_zip()
    assert quarantine["rule"].to_list() == ["type", "range"]
    half = run("power", frame, quarantine, fix("power", "level", key="a.b.d", new=3), shape="mids_zip")
    assert half.outcomes[0].state == "refused" and "scale" in half.outcomes[0].message
    done = run(
        "power",
        frame,
        quarantine,
        fix("power", "level", key="A.B.D", checks_old=True, old="x", new=3),
        fix("power", "effects[1].scale", key="A.B.D", checks_old=True, old="1,5", new=1.5),
        fix("power", key="A.B.E", drop=True),
        shape="mids_zip",
    )
    assert {(one.state, one.resolved) for one in done.outcomes} == {("applied", True)} and done.quarantine.is_empty()
    assert done.frame["level"].to_list() == [1, 3]
    assert [effect["scale"] for effect in done.frame["effects"][1]] == [1.0, 1.5]


def test_what_is_no_json_can_only_be_told():
    data = b'[{"FullName": "A.B.C", "Level": 1,5}]'
    batch = decode_records(data, "mids_zip", "power", codes=CODES)
    good = validate_records("power", batch.frame, batch.failures, source_file="test")
    done = run("power", good.frame, good.quarantine, fix("power", "level", position=0, new=1), shape="mids_zip")
    assert done.outcomes[0].state == "refused" and done.quarantine.height == 1


@given(position=st.integers(0, 4), level=st.integers(-(2**31), 2**31 - 1), name=st.text(max_size=9))
def test_a_correction_undone_gives_the_frame_as_it_was(position, level, name):
    frame, none = powers("A.B.A", "A.B.B", "A.B.C", "A.B.D", "A.B.E")
    there = run(
        "power",
        frame,
        none,
        fix("power", "level", position=position, new=level),
        fix("power", "description_short", position=position, new=name),
    )
    valid = all(one.state in ("applied", "unchanged") for one in there.outcomes)
    assert valid or there.frame.equals(frame)
    back = run(
        "power",
        there.frame,
        none,
        fix("power", "level", position=position, new=1),
        fix("power", "description_short", position=position, new=""),
    )
    assert back.frame.equals(frame)


def test_a_record_of_a_source_that_lacks_most_fields_is_corrected():
    same = {"powerset_id": 1, "powerset_id:name": "A.B", "level_available": 1}
    records = [{"id": number, "name": name, **same} for number, name in enumerate("CD")]
    batch = decode_records(json.dumps(records).encode(), "data_exporter", "power", codes=CODES)
    good = validate_records("power", batch.frame, batch.failures, source_file="test")
    done = run("power", good.frame, good.quarantine, fix("power", "level", key="a.b.d", new=3), shape="data_exporter")
    assert done.outcomes[0].state == "applied", done.outcomes
    assert done.frame.schema == good.frame.schema and done.frame["level"].to_list() == [1, 3]
    assert done.frame.drop("level").equals(good.frame.drop("level"))
    lacking = [records[0], {**records[1], "level_available": None}]
    batch = decode_records(json.dumps(lacking).encode(), "data_exporter", "power", codes=CODES)
    good = validate_records("power", batch.frame, batch.failures, source_file="test")
    again = run("power", good.frame, good.quarantine, fix("power", "level", key="A.B.D", new=3), shape="data_exporter")
    assert again.outcomes[0].resolved and again.frame.equals(done.frame)


@pytest.mark.parametrize("row", range(2))
def test_the_template_of_an_entry_is_a_correction_once_it_is_filled_in(tmp_path, row):
    frame, quarantine = mids_zip()
    entry = quarantine.row(row, named=True)
    text = template(
        entity="power",
        rule=entry["rule"],
        field=entry["field"],
        record=entry["record"],
        position=entry["source_position"],
        version="2022.9.29",
    )
    assert text is not None
    filled = text.replace("  to:   ", "  to: 9 ").replace("  reason:   ", "  reason: known ")
    (one,) = read(tmp_path, filled)
    assert one.checks_old and one.old == ("x", 2**40)[row] and one.since == one.until == "2022.9.29"
    other = fix("power", "effects[1].scale", key="A.B.D", new=1.5)
    done = run("power", frame, quarantine, one, *([other] if row == 0 else []), shape="mids_zip")
    assert {found.state for found in done.outcomes} == {"applied"} and done.quarantine.height == 1
    assert 9 in done.frame["level"].to_list()


def test_there_is_no_template_where_no_correction_can_help():
    facts: dict[str, Any] = {"field": "", "position": 1, "version": None}
    assert template(entity="reference", rule="type", record="{}", **facts) is None
    assert template(entity="power", rule="syntax", record="{,", **facts) is None


def test_the_example_in_the_docs_is_a_correction(tmp_path):
    text = (PROJECT / "docs" / "corrections.md").read_text("utf-8")
    (one,) = read(tmp_path, text.split("```yaml\n")[1].split("```")[0])
    assert (one.field, one.since, one.until) == ("effects[2].scale", "2022-05-01", "2022.9.29")
