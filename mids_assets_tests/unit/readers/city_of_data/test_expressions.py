"""Every expression of a file is found under its place, sound or broken."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mids_assets.readers.city_of_data.expression_places import (
    BOOST,
    NODE,
    POWER,
    REDIRECT,
    TEMPLATE,
    power_expressions,
)
from mids_assets.readers.city_of_data.expressions import FORMULA, expression_records, power_expression_records
from mids_assets.readers.city_of_data.refusing import REFUSED
from mids_assets.readers.expressions.grammar import DEPTH_LIMIT
from mids_assets.readers.expressions.kinds import KINDS
from mids_assets.readers.json_exact import RecordFault
from mids_assets.transform.reference_frames import validate_reference
from mids_assets_tests.real import PROJECT


def dump(value: dict[str, Any]) -> bytes:
    return json.dumps(value).encode()


def texts(places: dict[str, Any], mark: str) -> dict[str, str]:
    return {key: f"{mark}.{key}" for key in places}


def power(**values: Any) -> bytes:
    return dump({"full_name": "A.B.C", "other": {"requires": "x"}, **values})


def test_every_place_of_a_power_is_walked_in_order_and_depth():
    inner = {**texts(NODE, "deep"), "templates": [], "child_effects": []}
    node = {
        **texts(NODE, "node"),
        "templates": [{"jit_requires": ""}, texts(TEMPLATE, "template")],
        "child_effects": [{"child_effects": [inner]}],
    }
    content = power(
        **texts(POWER, "power"),
        redirect=[{"condition_expression": ""}, texts(REDIRECT, "redirect")],
        boost_info=texts(BOOST, "boost"),
        effects=[{}, node],
        activation_effects=[texts(NODE, "act")],
    )
    name, found = power_expressions(content)
    assert name == "A.B.C"
    assert [(one.path, one.text) for one in found] == [
        *((key, f"power.{key}") for key in POWER),
        *((f"redirect[1].{key}", f"redirect.{key}") for key in REDIRECT),
        *((f"boost_info.{key}", f"boost.{key}") for key in BOOST),
        *((f"effects[1].{key}", f"node.{key}") for key in NODE),
        *((f"effects[1].templates[1].{key}", f"template.{key}") for key in TEMPLATE),
        *((f"effects[1].child_effects[0].child_effects[0].{key}", f"deep.{key}") for key in NODE),
        *((f"activation_effects[0].{key}", f"act.{key}") for key in NODE),
    ]


def test_records_of_a_power():
    content = power(
        requires="$archtype == @Class_Brute || ($archtype == @Class_Tanker)",
        activate_requires="A.B.D",
        target_requires="target>kHeld >",
        max_targets_expression="0",
        chain_effect_expr="(",
    )
    assert expression_records(content) == [
        {
            "power_name": "A.B.C",
            "place": "requires",
            "first_effect": None,
            "last_effect": None,
            "text": "$archtype == @Class_Brute || ($archtype == @Class_Tanker)",
            "kind": "condition",
            "tree": {
                "op": "||",
                "args": [
                    {"op": "==", "args": [{"name": "$archtype"}, {"name": "@Class_Brute"}]},
                    {"op": "==", "args": [{"name": "$archtype"}, {"name": "@Class_Tanker"}]},
                ],
            },
            "unknown": ["$archtype"],
            "fault": None,
        },
        {
            "power_name": "A.B.C",
            "place": "activate_requires",
            "first_effect": None,
            "last_effect": None,
            "text": "A.B.D",
            "kind": "prerequisite",
            "tree": {"name": "A.B.D"},
            "unknown": [],
            "fault": None,
        },
        {
            "power_name": "A.B.C",
            "place": "target_requires",
            "first_effect": None,
            "last_effect": None,
            "text": "target>kHeld >",
            "kind": None,
            "tree": None,
            "unknown": [],
            "fault": "character 15: a value was expected, not the end",
        },
        {
            "power_name": "A.B.C",
            "place": "max_targets_expression",
            "first_effect": None,
            "last_effect": None,
            "text": "0",
            "kind": FORMULA,
            "tree": {"number": 0},
            "unknown": [],
            "fault": None,
        },
        {
            "power_name": "A.B.C",
            "place": "chain_effect_expr",
            "first_effect": None,
            "last_effect": None,
            "text": "(",
            "kind": None,
            "tree": None,
            "unknown": [],
            "fault": "character 2: a value was expected, not the end",
        },
    ]


def test_every_kind_and_every_place_is_described():
    described = (PROJECT / "docs" / "city-of-data.md").read_text()
    assert [kind for kind in (*KINDS, FORMULA) if f"`{kind}`" not in described] == []
    for key, place in (POWER | REDIRECT | NODE | TEMPLATE | BOOST).items():
        assert f"| `{key}` | {place.meaning} | {place.unit or ''}".rstrip() in described


def test_a_mark_of_the_encoding_before_the_file_is_none_of_it():
    assert [record["text"] for record in expression_records(b"\xef\xbb\xbf" + power(requires="0"))] == ["0"]


def test_a_long_text_is_read_as_well():
    text = " || ".join(f"A.B.P{number}" for number in range(500))
    (record,) = expression_records(power(requires=text))
    assert (record["kind"], len(record["tree"]["args"])) == ("prerequisite", 500)


def test_the_records_are_good_rows_of_their_table_even_the_deepest():
    deepest = "!" * (DEPTH_LIMIT - 1) + "A.B.D"
    content = power(requires=deepest, activate_requires="$archtype ==", target_requires="$archtype == 0.5 || x")
    given = {"source_file": "powers", "records": expression_records(content)}
    found = validate_reference({"power_expression": given})["power_expression"]
    assert found.quarantine.is_empty()
    rows = found.frame.select("place", "kind", "unknown", "fault").rows()
    assert rows == [
        ("requires", "exclusion", [], None),
        ("activate_requires", None, [], "character 13: a value was expected, not the end"),
        ("target_requires", "condition", ["$archtype", "x"], None),
    ]
    trees = found.frame.get_column("tree").to_list()
    assert trees[0].count('"!"') == DEPTH_LIMIT - 1 and trees[1] is None
    assert json.loads(trees[2])["args"][0]["args"][1] == {"number": 0.5}


@pytest.mark.parametrize(
    ("content", "path", "rule"),
    [
        (b"{", "", "syntax"),
        (b"{}", "full_name", "missing"),
        (power(requires=1), "requires", "type"),
        (power(effects=[{"templates": [{"jit_requires": None}]}]), "effects[0].templates[0].jit_requires", "type"),
    ],
)
def test_a_file_that_is_not_as_it_should_be(content: bytes, path: str, rule: str):
    with pytest.raises(RecordFault) as caught:
        expression_records(content)
    assert (caught.value.path, caught.value.rule) == (path, rule)


def test_of_many_files_those_are_refused_whose_expression_is_no_text():
    no_power, no_text = b'{"full_name": 1}', power(activate_requires=[])
    records = power_expression_records(
        [("1.json", power(requires="0")), ("2.json", no_power), ("3.json", no_text), ("4.json", power(requires="1"))]
    )
    assert [record.get("text") for record in records] == ["0", None, "1"]
    assert records[1] == {
        REFUSED: {"rule": "type", "field": "activate_requires", "message": "Expected `str`, got `array`"},
        "file": "3.json",
        "content": no_text.decode(),
    }


def test_effects_nested_without_end_are_a_fault():
    content = b'{"full_name": "A.B.C", "effects": ' + b'[{"child_effects": ' * 5_000 + b"[]" + b"}]" * 5_000 + b"}"
    with pytest.raises(RecordFault, match="nested too deeply"):
        expression_records(content)
