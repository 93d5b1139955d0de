"""The part of the documentation that is made from the compared fields."""

from __future__ import annotations

import pytest

from mids_assets.transform.crosscheck.documented import BEGIN, END, renewed, section
from mids_assets.transform.crosscheck.effect_fields import EFFECT
from mids_assets.transform.crosscheck.fields import ENTITIES
from mids_assets_tests.real import PROJECT


def test_the_documentation_is_up_to_date():
    text = (PROJECT / "docs" / "city-of-data.md").read_text("utf-8")
    assert renewed(text) == text, "run make docs"


def test_each_field_and_each_reason_is_told():
    text = section()
    for entity in (*ENTITIES, EFFECT):
        for field in entity.fields:
            assert field.column in text
            assert all(convention.reason in text for convention in field.conventions)


def test_only_what_is_between_the_marks_is_renewed():
    assert renewed(f"a\n{BEGIN}\nold\n{END}\nb") == f"a\n{section()}\nb"
    with pytest.raises(ValueError):
        renewed("no marks")
