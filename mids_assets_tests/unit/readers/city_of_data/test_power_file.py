"""A power file to the power record: units, words, flags, what is kept, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mids_assets.model.enums import CODES
from mids_assets.readers.city_of_data import effects, powers
from mids_assets.readers.city_of_data.decode import decode_wrapped
from mids_assets.readers.city_of_data.wrapper import wrapped
from mids_assets.readers.json_exact import RecordFault
from mids_assets_tests.unit.readers.city_of_data.power_support import node, power, template


def read(value: dict[str, Any]) -> tuple[dict[str, Any], dict[str, object], list[tuple[str, str]]]:
    row = powers.Powers(CODES).row(json.dumps(value).encode())
    return dict(zip(powers.GIVEN, row.values, strict=True)), row.extra, row.unknown


def effects_of(value: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(zip(effects.GIVEN, effect, strict=True)) for effect in read(value)[0]["effects"]]


def test_units_and_levels_are_those_of_the_model() -> None:
    found, extra, unknown = read(
        power(available_level=5, arc=0.3491, activation_time=1.5, root_time=1.5, power_lifetime=30.0)
    )
    assert (found["level"], found["available_level"]) == (6, 5)
    assert found["arc"] == 20
    assert (found["cast_time"], found["life_time"]) == (1.5, 30)
    assert (extra, unknown) == ({}, [])


def test_a_power_of_its_parent_is_granted_at_no_level() -> None:
    assert read(power(available_level=-1))[0]["level"] == 0


def test_the_name_is_split_at_its_points() -> None:
    found = read(power(full_name="Pool.Invented_Set.Some_Power"))[0]
    assert (found["group_name"], found["set_name"], found["power_name"]) == ("Pool", "Invented_Set", "Some_Power")


@pytest.mark.parametrize(
    ("key", "word", "field", "number"),
    [
        ("type", "Global Enhancement", "power_type", 5),
        ("target_type", "Foe (Dead)", "target", 131072),
        ("target_type_secondary", "Location (Teleport)", "target_secondary", 16384),
        ("target_type_secondary", "Position", "target_secondary", 0),
        ("effect_area", "Cone", "effect_area", 3),
        ("notify_ai_when", "HitOnly", "ai_report", 3),
    ],
)
def test_words_become_numbers(key: str, word: str, field: str, number: int) -> None:
    found, extra, unknown = read(power(**{key: word}))
    assert (found[field], extra, unknown) == (number, {}, [])


@pytest.mark.parametrize("key", ["type", "target_type", "target_type_secondary", "effect_area", "notify_ai_when"])
def test_a_word_that_no_vocabulary_knows_is_kept_and_counted(key: str) -> None:
    found, extra, unknown = read(power(**{key: "Sideways"}))
    assert extra == {key: ["Sideways"]}
    assert unknown == [(key, "Sideways")]
    assert (
        found[
            {
                "type": "power_type",
                "target_type": "target",
                "target_type_secondary": "target_secondary",
                "notify_ai_when": "ai_report",
            }.get(key, key)
        ]
        is None
    )


@pytest.mark.parametrize(
    ("key", "field", "known", "value"),
    [
        ("attack_types", "attack_types", ["Melee", "Negative_Energy", "Toxic"], 1 + 256 + 1024),
        ("targets_affected", "entities_affected", ["Self", "Foe (Alive)", "Foe"], 1 + 2048),
        ("targets_autohit", "entities_auto_hit", ["Location"], 8192),
        ("modes_required", "modes_required", ["Disable_All", "disable_pool"], 2 + 64),
        ("boosts_allowed", "boosts_allowed", ["Enhance Accuracy", "Magic_Boost"], ["Accuracy_Boost", "Magic_Boost"]),
        ("boosts_allowed", "boosts_allowed", ["Incarnate: Alpha Capable"], ["Incarnate_Alpha_Boost"]),
        ("allowed_boostset_cats", "set_type_ids", ["Melee Damage", "Brute Archetype Sets"], [1, 34]),
        ("strengths_disallowed", "ignore_enhancements", ["Range", "RechargeTime"], [13, 14]),
    ],
)
def test_lists_of_words(key: str, field: str, known: list[str], value: object) -> None:
    found, extra, _ = read(power(**{key: known}))
    assert (found[field], extra) == (value, {})
    found, extra, _ = read(power(**{key: [*known, "Sideways"]}))
    assert (found[field], extra) == (value, {key: ["Sideways"]})


def test_a_mode_without_a_flag_is_no_surprise_and_is_kept() -> None:
    _, extra, unknown = read(power(modes_disallowed=["Disable_All", "Disable_Incarnate"]))
    assert (extra, unknown) == ({"modes_disallowed": ["Disable_Incarnate"]}, [])


def test_conditions_for_casting_are_flags() -> None:
    value = power(caster_near_ground=True, target_near_ground=True, cast_when_dead="DeadOnly")
    assert read(value)[0]["cast_flags"] == 7


def test_a_redirect_is_an_effect_and_is_kept_on_the_power() -> None:
    value = power(redirect=[{"name": "Redirects.A.B", "condition_expression": "Always", "show_in_info": True}])
    found, extra, _ = read(value)
    assert extra["redirect"] == ["Redirects.A.B"]
    (effect,) = effects_of(value)
    assert effect["effect_type"] == CODES["effect_type"]["powerredirect"]
    assert effect["override"] == "Redirects.A.B"
    assert len(found["effects"]) == 1


@pytest.mark.parametrize(
    ("change", "path", "rule"),
    [
        ({"accuracy": "1.0"}, "accuracy", "type"),
        ({"available_level": 2**31}, "available_level", "range"),
        ({"attack_types": ["Melee", 1]}, "attack_types[1]", "type"),
        ({"effects": [node(templates=[template(scale=None)])]}, "effects[0].templates[0].scale", "type"),
        ({"effects": [node(templates=[template(duration="soon")])]}, "effects[0].templates[0].duration", "text"),
        ({"power_lifetime": 1e10}, "power_lifetime", "range"),
    ],
)
def test_a_fault_names_the_key(change: dict[str, Any], path: str, rule: str) -> None:
    with pytest.raises(RecordFault) as caught:
        read(power(**change))
    assert (caught.value.path, caught.value.rule) == (path, rule)


def test_a_key_that_is_missing_is_named() -> None:
    value = power()
    del value["recharge_time"]
    with pytest.raises(RecordFault) as caught:
        read(value)
    assert (caught.value.path, caught.value.rule) == ("recharge_time", "missing")


def test_nodes_nested_without_end_are_a_fault_and_no_crash() -> None:
    deep = node()
    for _ in range(150):
        deep = node(child_effects=[deep])
    with pytest.raises(RecordFault, match="nested deeper"):
        read(power(effects=[deep]))
    text = json.dumps(power()).replace(
        '"effects": []', '"effects": ' + '[{"child_effects":' * 5000 + "[]" + "}]" * 5000
    )
    with pytest.raises(RecordFault, match="nested"):
        powers.Powers(CODES).row(text.encode())


def test_wrappers_become_rows_and_failures_with_their_file_and_place() -> None:
    good, bad = json.dumps(power()), json.dumps(power(accuracy=None))
    wrappers = [
        f'{{"file":"powers/a/b/good.json","content":{good}}}',
        f'{{"file":"powers/a/b/bad.json","content":{bad}}}',
        '{"file":"powers/a/b/torn.json","damaged":"{\\"name\\": "}',
    ]
    data = ("[\n" + ",\n".join(wrappers) + "\n]\n").encode()
    batch = decode_wrapped(data, "power", 100, 7, CODES)
    assert batch.records == 3
    assert batch.frame["source_position"].to_list() == [7]
    assert batch.frame["source_offset"].to_list() == [102]
    assert batch.files[8] == "powers/a/b/bad.json"
    assert [(f.position, f.path, f.rule) for f in batch.failures] == [(8, "accuracy", "type"), (9, "", "syntax")]
    assert all(failure.payload == text for failure, text in zip(batch.failures, wrappers[1:], strict=True))
    assert batch.failures[0].offset == 100 + data.index(wrappers[1].encode())


def test_what_has_no_field_stands_in_extra_own_keys_first() -> None:
    value = power(effect_area="Chain", effects=[node(templates=[template(stack="RefreshToLimit", attribs=["Evade"])])])
    data = f'[{{"file":"x","content":{json.dumps(value)}}}]'.encode()
    batch = decode_wrapped(data, "power", 0, 0, CODES)
    assert batch.frame["extra"].to_list() == [
        '{"effect_area":["Chain"],"effects[0].attrib":"Evade","effects[0].stack":"RefreshToLimit"}'
    ]
    assert batch.unknown == {}


def test_what_looks_like_a_wrapper_inside_of_a_file_is_none() -> None:
    trap = {**power(), "fx": [{"file": "x"}, {"file": "y"}]}
    wrappers = [b'{"file":"%d","content":%b}' % (n, json.dumps(trap, separators=(",", ":")).encode()) for n in range(3)]
    data = b"[\n" + b",\n".join(wrappers) + b"\n]\n"
    assert b'[{"file":"x"' in data
    batch = decode_wrapped(data, "power", 0, 0, CODES)
    assert (batch.records, batch.failures, batch.frame.height) == (3, [], 3)
    assert batch.frame["source_offset"].to_list() == [data.index(b'{"file":"%d"' % n) for n in range(3)]


@pytest.mark.parametrize("data", [b"[\n]\n", b"", b"[]"])
def test_an_array_without_wrappers(data: bytes) -> None:
    assert decode_wrapped(data, "power", 0, 0, CODES).records == 0


@pytest.mark.parametrize(
    "beside",
    [b'{"x":1}', b'{"x":1,"file":"a.json"}', b'{"file":"a.json","content":[}]}', b'{"file":"a.json", "content"'],
    ids=["no wrapper", "another order", "no JSON", "cut off"],
)
@pytest.mark.parametrize("first", [True, False])
def test_what_is_no_wrapper_is_a_failure_and_the_others_are_rows(beside: bytes, first: bool) -> None:
    good = b'{"file":"good.json","content":%b}' % json.dumps(power()).encode()
    records = [beside, good] if first else [good, beside]
    batch = decode_wrapped(b"[\n" + b",\n".join(records) + b"\n]\n", "power", 0, 0, CODES)
    assert (batch.records, batch.frame.height, [one.rule for one in batch.failures]) == (2, 1, ["syntax"])
    assert batch.failures[0].position == (0 if first else 1)
    named = ["a.json"] if beside == b'{"x":1,"file":"a.json"}' else []  # Of the others nobody can say it.
    assert sorted(batch.files.values()) == [*named, "good.json"]


def test_a_file_that_is_no_utf8_is_refused_wherever_the_bytes_are() -> None:
    content = json.dumps(power() | {"fx": {"name": "Ä"}}, ensure_ascii=False).encode("cp1252")
    made = wrapped("powers/a/b/c.json", content)
    assert b'"damaged":' in made and made.isascii()
    batch = decode_wrapped(b'{"file":"a.json","content":%b}' % content, "power", 0, 0, CODES)
    assert [(one.rule, one.message) for one in batch.failures] == [("syntax", "the record is no JSON object in UTF-8")]


def test_templates_that_are_the_same_share_no_row() -> None:
    strange = template(target="Nobody")
    value = power(effects=[node(templates=[strange]), node(tags=["A", "B"], templates=[strange])])
    assert (
        read(value)[1]
        == read(value)[1]
        == {
            "effects[0].target": "Nobody",
            "effects[1].target": "Nobody",
            "effects[1].tags": ["A", "B"],
        }
    )
