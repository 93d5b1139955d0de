"""Requirements of powers as whole imports see them: a chain of 5,000 is nothing special, a circle is a warning."""

from __future__ import annotations

from typing import Any

import pytest

from mids_assets.sample import write_sample
from mids_assets_tests.conftest import World
from mids_assets_tests.faults import rewrite

CHAIN = 5_000
CIRCLE = 3


def require(power: dict[str, Any], name: str) -> None:
    power["requires"]["powers"].append({"power_a": name, "power_b": ""})


@pytest.fixture(scope="module")
def imported(world: World, tmp_path_factory) -> dict[str, Any]:
    """A release whose first 5,000 powers require each its successor, the next three each other, and one itself."""
    source = tmp_path_factory.mktemp("requirements") / "source"
    write_sample(source, powers=CHAIN + 300, seed=3)
    names: list[str] = []

    def change(value: dict[str, Any]) -> None:
        powers = value["powers"]
        names.extend(power["full_name"] for power in powers)
        for power in powers:
            power["requires"]["powers"] = []
        for place in range(CHAIN - 1):
            require(powers[place], names[place + 1])
        for place in range(CHAIN, CHAIN + CIRCLE):
            require(powers[place], names[CHAIN + (place + 1 - CHAIN) % CIRCLE])
        require(powers[CHAIN + CIRCLE], names[CHAIN + CIRCLE].upper())

    rewrite(source / "I12.mhd", "i12", change)
    return {**world.mids_json("import", str(source)), "names": names}


def test_a_chain_and_a_circle_are_published(world, imported):
    assert imported["action"] == "published"
    assert world.query(
        "select count(*), count(required_power_id) from homecoming.power_prerequisite where not negated"
    ) == [(CHAIN + CIRCLE, CHAIN + CIRCLE)]


def test_circles_are_warnings_with_their_whole_path(imported):
    circle = imported["names"][CHAIN : CHAIN + CIRCLE]
    at = circle.index(min(circle, key=str.lower))
    path = " -> ".join([*circle[at:], *circle[:at], circle[at]])
    told = [text for text in imported["warnings"] if text.startswith("Powers that require")]
    assert told == [
        f"Powers that require each other: {path}.",
        f"Powers that require themselves: {imported['names'][CHAIN + CIRCLE].upper()}.",
    ]


def test_the_check_holds_them_too(world, imported):
    rows = world.dagster_query(
        "select event from event_logs where dagster_event_type = 'ASSET_CHECK_EVALUATION'"
        " and event like '%requirement_cycles%'"
    )
    assert len(rows) == 1
    assert imported["names"][CHAIN] in rows[0][0]
