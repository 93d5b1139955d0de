"""`mids crosscheck`: which realms are meant, and what a person sees of what was found."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from mids_assets.commands.crosschecking import realms_to_compare
from mids_assets.commands.show_crosscheck import require_format, show_cross_check
from mids_assets.errors import UserError
from mids_assets.settings import Settings
from mids_assets.transform.crosscheck.report import LIMIT
from mids_assets.transform.crosscheck.schema import CrossCheck
from mids_assets_tests.differing import THEIRS, found, frame, line, one


def shown(check: CrossCheck, folder: Path, file_format: str = "table", *, everything: bool = False) -> str:
    out = folder / "out"
    show_cross_check(check, file_format, everything=everything, out=out)
    return out.read_text("utf-8")


def test_the_realm_is_the_first_that_has_its_partner_unless_it_is_named():
    settings = Settings(realms=("rebirth", "homecoming", "homecoming_cod", "generic_cod", "generic"))
    assert realms_to_compare(settings, None, None) == ("homecoming", "homecoming_cod")
    assert realms_to_compare(settings, "Generic", None) == ("generic", "generic_cod")
    assert realms_to_compare(settings, "rebirth", "homecoming_cod") == ("rebirth", "homecoming_cod")
    assert realms_to_compare(settings, None, "generic_cod") == ("homecoming", "generic_cod")


@pytest.mark.parametrize(
    ("realms", "realm", "says"),
    [
        (("rebirth",), None, "set MIDS_REALMS=rebirth,rebirth_cod, then mids import EXPORT --realm rebirth_cod"),
        (("homecoming_cod",), None, "set MIDS_REALMS=homecoming,homecoming_cod, then"),
        (("rebirth",), "rebirth", "realm 'rebirth_cod' has no asset graph: set MIDS_REALMS=rebirth,rebirth_cod and"),
        (("a", "a_cod"), "a_cod", "realm a_cod is City of Data itself"),
        (("a", "a_cod"), "b", "realm 'b' has no asset graph"),
    ],
)
def test_realms_that_cannot_be_compared(realms, realm, says):
    with pytest.raises(UserError, match=says):
        realms_to_compare(Settings(realms=realms), realm, None)


def test_tables_are_bounded_and_everything_is_shown_when_asked(tmp_path):
    check = found(*(line(number) for number in range(LIMIT + 5)), line(99, "factor", apart="redirect"))
    text = shown(check, tmp_path)
    assert "A.B.Power0c" in text and "A.B.Power0d" not in text and "and 2 more" in text
    assert f"field{LIMIT - 1}" in text and f"field{LIMIT}" not in text
    assert "and 5 more lines (--all, or --format md or csv)" in text
    assert "factor (redirect, not comparable)" in text
    full = shown(check, tmp_path, everything=True)
    assert f"field{LIMIT + 4}" in full and "A.B.Power0e" in full and " more" not in full


def test_names_are_no_markup_and_long_values_are_cut(tmp_path):
    text = shown(
        found(line(1, field="effects[Damage(Fire) PvE].scale", ours="[red]x[/red]", theirs="y" * 500)), tmp_path
    )
    assert "effects[Damage(Fire) PvE].scale" in text.replace("\n", "") and "[red]x[/red]" in text
    assert "y" * 39 + "…" in text and "y" * 40 not in text


def test_a_row_of_csv_says_all_by_itself(tmp_path):
    differences = frame(one(theirs='a "b",\nc'), one("A.B.Ice", None, suspicion="only_ours", theirs=None, ratio=None))
    rows = list(csv.DictReader(shown(found(discrepancies=differences), tmp_path, "csv").splitlines(keepends=True)))
    assert [row["key"] for row in rows] == ["A.B.Fire", "A.B.Ice"]
    assert rows[0]["theirs"] == 'a "b",\nc' and rows[0]["ratio"] == "10.0" and rows[0]["file"] == "powers/a/b/fire.json"
    assert (
        rows[1].items() >= {"theirs": "", "ratio": "", "our_version": "2022.3", "their_release": THEIRS.release}.items()
    )
    assert rows[1]["our_date"].startswith("2022-03-31") and rows[1]["their_date"].startswith("2025-06-17")


def test_an_unknown_format():
    with pytest.raises(UserError, match="--format 'xml' is none of table, md, csv"):
        require_format("xml")


def test_a_file_that_cannot_be_written_is_the_users_mistake(tmp_path):
    with pytest.raises(UserError, match=f"{tmp_path}: Is a directory"):
        show_cross_check(found(), "md", everything=False, out=tmp_path)
