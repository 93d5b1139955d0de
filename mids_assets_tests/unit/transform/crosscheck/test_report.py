"""The report of a cross-check: its parts in their order, its bounds, and cells that stay cells."""

from __future__ import annotations

import polars as pl

from mids_assets.transform.crosscheck.report import KEYS, LIMIT, markdown
from mids_assets.transform.crosscheck.schema import COVERAGE, FIGURES, LEFT_OUT
from mids_assets_tests.differing import found, frame, line, one


def rows(text: str, heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without its two first lines."""
    below = text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    table = [row for row in below.splitlines() if row.startswith("|")][2:]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in table]


def test_each_line_gives_both_values_the_ratio_both_dates_and_the_file():
    text = markdown(found(line(1, "factor")))
    assert "| ours, 2022-03-31 | theirs, 2025-06-17 |" in text
    keys = "A.B.Power1a, A.B.Power1b, A.B.Power1c, and 2 more"
    assert rows(text, "factor") == [["power", "field1", "12", "120", "10", "5", keys, "powers/a/b/fire.json"]]


def test_the_most_suspicious_come_first_and_what_is_not_comparable_stands_apart():
    apart = line(9, "factor", apart="redirect")
    text = markdown(found(line(1), line(2, "renamed"), line(3, "factor"), apart))
    titles = [row.removeprefix("## ") for row in text.splitlines() if row.startswith("## ")]
    assert titles == ["factor", "single", "renamed", "Not comparable", "What was compared"]
    assert [row[1] for row in rows(text, "factor")] == ["field3"]
    assert [row[1] for row in rows(text, "Not comparable")] == ["field9"]
    assert "| factor | 1 | 5 |" in text, "its numbers are those of comparable ones"


def test_it_is_bounded_unless_everything_is_asked_for():
    many = found(
        *(line(number, keys=[f"k{place}" for place in range(1000)], count=1000) for number in range(LIMIT + 7))
    )
    text = markdown(many)
    assert len(rows(text, "single")) == LIMIT and "and 7 more lines" in text
    assert f"k{KEYS - 1}, and {1000 - KEYS} more" in text and len(text) < 10_000
    full = markdown(many, limit=None)
    assert len(rows(full, "single")) == LIMIT + 7 and ", k999 |" in full and " more" not in full


def test_coverage_what_was_left_out_and_figures_are_told():
    coverage = [
        {"entity": "power", "key": "A.B.Old", "side": "ours", "likely": "A.B.New", "score": 0.934, "file": None},
        {"entity": "power", "key": "A.B.Gone", "side": "ours", "likely": None, "score": None, "file": None},
    ]
    reason = {"entity": "power", "field": "arc", "reason": "A | B, " + "x" * 100, "count": 1234}
    figure = {"entity": "power", "field": "arc", "pairs": 4410, "equal": 4356, "rounding": 0, "convention": 28,
              "different": 26}  # fmt: skip
    text = markdown(
        found(
            coverage=pl.DataFrame(coverage, schema=COVERAGE),
            left_out=pl.DataFrame([reason], schema=LEFT_OUT),
            figures=pl.DataFrame([figure], schema=FIGURES),
        )
    )
    assert "| power | ours | 2 |" in text and "| power | ours | A.B.Old | A.B.New | 0.93 |" in text
    assert f"| power | arc | A \\| B, {'x' * 100} | 1,234 |" in text
    assert rows(text, "What was compared") == [["power", "arc", "4,410", "4,356", "0", "28", "26"]]


def test_a_value_stays_in_its_cell():
    text = markdown(found(line(1, ours="a|b\nc", theirs=None, ratio=None, field=None)))
    ((_, field, ours, theirs, ratio, *_),) = rows(text, "single")
    assert (field, ours, theirs, ratio) == ("", "a\\|b c", "", "")


def test_numbers_are_of_discrepancies_and_apart_ones_are_told_by_themselves():
    differences = frame(one(), one(field="range"), one(field="arc", apart="redirect"))
    text = markdown(found(line(1), discrepancies=differences))
    assert "2 discrepancies in 1 line." in text and "Besides, 1 of powers that are not comparable." in text
    assert "not comparable" not in markdown(found(line(1)))
