"""Made-up JSON records of any shape, from the model that the decoder reads it by.

Does not belong here: canonical records, which the tests of the decoder make up (`unit/readers/json_support`).
"""

from __future__ import annotations

from random import Random
from typing import Any

from mids_assets.readers.json_model import RECORDS, Fixed, Free, ListOf, Model, Node, Scalar, build_model
from mids_assets.readers.shapes import SHAPES, Named
from mids_assets_tests.unit.readers.json_support import FLOATS, INTEGERS, TEXTS

MEMBERS = ("First", "Second Member", "Third_Member")


def entities(shape: str) -> list[str]:
    """The entities that the shape has; the canonical one has no table and all of them."""
    stated = SHAPES[shape].records
    return [entity for entity, (_, root) in RECORDS.items() if not stated or root in stated]


def records(shape: str, entity: str, count: int = 3) -> list[dict[str, Any]]:
    random = Random(f"{shape}/{entity}")
    return [_value(random, build_model(shape, entity)) for _ in range(count)]


def codes(shape: str) -> dict[str, dict[str, int]]:
    """Members of every enumeration that the shape names."""
    found: dict[str, list[str]] = {}
    for stated in SHAPES[shape].records.values():
        for place in stated.places.values():
            if isinstance(place, Named):
                found.setdefault(place.enumeration, [*MEMBERS]).extend(place.synonyms.values())
    return {
        enumeration: {member.lower(): number for number, member in enumerate(dict.fromkeys(members))}
        for enumeration, members in found.items()
    }


def _value(random: Random, node: Node) -> Any:
    if isinstance(node, Model):
        return {
            key: random.choice([*MEMBERS, *node.named[key].synonyms, "none of them"])
            if key in node.named
            else _value(random, inner)
            for key, inner in node.keys.items()
            if key in node.required or random.random() < 0.9
        }
    if isinstance(node, ListOf):
        # All of one length, since some lists of a record have to be as long as others.
        return [_value(random, node.item) for _ in range(2)]
    if isinstance(node, Fixed):
        return [_value(random, node.item) for _ in range(node.size)]
    if isinstance(node, Free):
        return random.choice([None, 1, "a", ["b"], {"c": [1.5]}])
    return _scalar(random, node)


def _scalar(random: Random, node: Scalar) -> Any:
    if node.wire in ("f32", "f64"):
        return random.choice(FLOATS)
    if node.wire == "bool":
        return random.random() < 0.5
    return random.choice(TEXTS if node.wire == "string" else INTEGERS)
