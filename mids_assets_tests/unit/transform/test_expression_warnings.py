"""Broken expressions and unknown names are told in one sentence each, however many there are."""

from __future__ import annotations

from typing import Any

import polars as pl

from mids_assets.transform.expression_warnings import expression_warnings

SCHEMA = {"power_name": pl.String, "place": pl.String, "unknown": pl.List(pl.String), "fault": pl.String}


def row(power: str, unknown: list[str] | None = None, fault: str | None = None) -> dict[str, Any]:
    return {"power_name": power, "place": "requires", "unknown": unknown or [], "fault": fault}


def warnings(*rows: dict[str, Any]) -> dict[str, str]:
    return expression_warnings(pl.LazyFrame(rows, SCHEMA))


def test_nothing_to_tell():
    assert warnings() == {}
    assert warnings(row("A.B.C"), row("A.B.D")) == {}


def test_a_broken_expression_and_names_that_nobody_knows():
    assert warnings(
        row("A.B.C", ["$archtype", "b"]), row("A.B.D", fault="character 3: a value was expected"), row("A.B.E", ["b"])
    ) == {
        "broken expressions": "Broken expressions: A.B.D requires (character 3: a value was expected).",
        "unknown names in expressions": "Unknown names in expressions: b (2), $archtype (1).",
    }


def test_of_many_a_few_are_named():
    rows = [row(f"A.B.P{number}", [f"n{number}"], "character 1: so") for number in range(1_200)]
    told = warnings(*rows)
    assert told["broken expressions"].endswith("A.B.P4 requires (character 1: so) and 1,195 more.")
    assert told["unknown names in expressions"].endswith(" and 1,195 more.")
