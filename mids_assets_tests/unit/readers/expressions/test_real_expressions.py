"""Every expression of the real export: found, read, written back letter by letter, and told apart."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mids_assets.readers.city_of_data.expression_places import power_expressions
from mids_assets.readers.city_of_data.expressions import expression_records
from mids_assets.readers.expressions import kind_of, parse, references, requirement, to_text, unknown_names
from mids_assets.transform.cycles import find_cycles
from mids_assets_tests.real import city_of_data_folder, needs_city

pytestmark = needs_city

TEXTS = {
    "power requires": (786, 172),
    "power activate_requires": (88, 24),
    "power target_requires": (238, 33),
    "power highlight_expression": (238, 38),
    "power server_tray_requires": (53, 5),
    "power max_targets_expression": (73, 8),
    "power chain_effect_expr": (33, 6),
    "power chain_target_expr": (22, 3),
    "power condition_expression": (314, 38),
    "power requires_expression": (8_857, 515),
    "power magnitude_expression": (399, 64),
    "power duration_expression": (166, 6),
    "power jit_requires": (199, 15),
    "powerset requires": (4, 1),
    "boost_set requires": (82, 36),
    "boost_set slot_requires": (568, 473),
}
"""Key -> texts, and distinct ones."""
KINDS = {
    "counting": 247,
    "class": 138,
    "nobody": 106,
    "exclusion": 102,
    "mixed": 93,
    "prerequisite": 74,
    "always": 21,
    "access": 5,
}
"""Of `requires` of powers."""
_EXPRESSION = re.compile(r"requires|_expr$|_expression$")


def files() -> Iterator[tuple[str, Path]]:
    root = city_of_data_folder()
    for path in sorted(root.rglob("*.json")):
        folder, *parts = path.relative_to(root).parts
        if folder == "powers" and len(parts) == 3:
            yield ("powerset" if path.name == "index.json" else "power"), path
        elif folder in ("archetypes", "boost_sets") and path.name != "index.json":
            yield folder.removesuffix("s"), path


def walked(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text under a key that sounds like an expression, wherever it is; written apart from the code under test."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(inner, str):
                if inner and _EXPRESSION.search(key):
                    yield f"{path}{key}", inner
            else:
                yield from walked(inner, f"{path}{key}.")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from walked(inner, f"{path[:-1]}[{number}].")


@pytest.fixture(scope="module")
def found() -> dict[str, Counter[str]]:
    """kind and key -> texts; of powers after what was collected was held against all that is there."""
    texts: dict[str, Counter[str]] = defaultdict(Counter)
    for kind, path in files():
        content = path.read_bytes()
        here = dict(walked(json.loads(content)))
        if kind == "power":
            assert {found.path: found.text for found in power_expressions(content)[1]} == here, path
        for place, text in here.items():
            texts[f"{kind} {place.rpartition('.')[2]}"][text] += 1
    return texts


@pytest.fixture(scope="module")
def requires() -> dict[str, str]:
    """Power in small letters -> its `requires`, where it has one."""
    rules = {}
    for kind, path in files():
        if kind == "power":
            for record in expression_records(path.read_bytes()):
                assert record["fault"] is None
                if record["place"] == "requires":
                    rules[record["power_name"].lower()] = record["text"]
    return rules


def test_all_are_found_and_their_number_is_known(found):
    assert {place: (texts.total(), len(texts)) for place, texts in found.items()} == TEXTS


def test_all_are_read_and_written_back_as_they_are(found):
    texts = {text for counted in found.values() for text in counted}
    assert [text for text in texts if to_text(parse(text)) != text] == []


def test_the_only_unknown_name_is_a_misspelling(found):
    unknown = {name: text for counted in found.values() for text in counted for name in unknown_names(parse(text))}
    assert list(unknown) == ["$archtype"]
    assert unknown["$archtype"].startswith("(char>accesslevel >= 0) && Ne($archtype,")


def test_rules_are_told_apart(requires):
    assert Counter(kind_of(parse(text)) for text in requires.values()) == KINDS


def test_what_the_planners_form_can_say(requires):
    rules = [requirement(parse(text)) for text in requires.values()]
    # What is said in part are the patron pools: their badges are left out.
    assert Counter(None if rule is None else rule.whole for rule in rules) == {None: 380, True: 344, False: 62}
    assert sum("Patron" in text for text in requires.values()) == 62


def test_no_power_requires_itself_through_others(requires):
    wanted, excluded = set(), set()
    for power, text in requires.items():
        for reference in references(parse(text)):
            if reference.use == "owned" and reference.of is None:
                (excluded if reference.negated else wanted).add((power, reference.name.lower()))
    assert len(wanted) > 150
    assert find_cycles(wanted) == []
    said = {(power, rule) for power, text in requires.items() if (rule := requirement(parse(text))) is not None}
    assert find_cycles((power, name.lower()) for power, rule in said for pair in rule.powers for name in pair) == []
    # What excludes each other would be a circle, were it taken for a prerequisite.
    assert len(find_cycles(excluded)) > 10
