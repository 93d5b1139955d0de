"""The small files: one frame per table, faults to the quarantine."""

from __future__ import annotations

import pytest

from mids_assets.model.tables import TABLES
from mids_assets.transform.frames import validate_reference


def part(*records, source_file="x"):
    return {"source_file": source_file, "records": list(records)}


def test_every_reference_table_is_there_and_an_absent_one_is_empty():
    found = validate_reference({})
    assert set(found) == {table.name for table in TABLES.of_asset("reference")}
    assert all(good.frame.is_empty() and good.quarantine.is_empty() for good in found.values())


def test_positions_are_places_in_the_list():
    raw = {
        "enhancement_class": part({"id": 7, "name": "a"}, {"id": 3, "name": "b"}),
        "effect_tag": part({"name": "Ones"}, {"name": "ones"}, {"name": "Ones"}, {"name": "Last"}),
    }
    found = validate_reference(raw)
    assert found["enhancement_class"].frame.select("position", "id").rows() == [(0, 7), (1, 3)]
    tags = found["effect_tag"]
    assert tags.frame.select("position", "name").rows() == [(0, "Ones"), (1, "ones"), (3, "Last")]
    assert tags.dropped == 1 and tags.quarantine.is_empty()


def test_modifier_tables_become_one_row_a_value():
    rows = [[0.5, 1.5], [], [2.5]]
    raw = {
        "attribute_modifier_table": part({"name": "M", "base_index": 0, "rows": rows}, {"name": "Empty", "rows": []})
    }
    found = validate_reference(raw)
    assert found["attribute_modifier_table"].frame.select("name", "base_index").rows() == [("M", 0), ("Empty", None)]
    values = found["attribute_modifier"].frame.select("table", "level", "column", "value").rows()
    assert values == [("M", 0, 0, 0.5), ("M", 0, 1, 1.5), ("M", 2, 0, 2.5)]


@pytest.mark.parametrize(
    ("table", "record", "rule", "field"),
    [
        ("enhancement_class", {"id": None, "name": "a"}, "required", "id"),
        ("enhancement_class", {"id": 2**31, "name": "a"}, "above_maximum", "id"),
        ("enhancement_class", {"id": True, "name": "a"}, "type", "id"),
        ("origin", {"name": "a\0"}, "nul", "name"),
        ("effect_tag", {"name": "x" * 256}, "too_long", "name"),
        ("diversification_threshold", {"schedule": "A", "threshold": 4, "value": 0.1}, "above_maximum", "threshold"),
        ("diversification_threshold", {"schedule": "A", "threshold": 1, "value": float("nan")}, "not_finite", "value"),
    ],
)
def test_what_cannot_be_stored_is_refused(table, record, rule, field):
    good = validate_reference({table: part(record, source_file="EClasses.mhd")})[table]
    assert good.frame.is_empty()
    (entry,) = good.quarantine.to_dicts()
    assert (entry["entity"], entry["source_file"], entry["rule"], entry["field"], entry["source_position"]) == (
        "reference",
        "EClasses.mhd",
        rule,
        field,
        0,
    )
