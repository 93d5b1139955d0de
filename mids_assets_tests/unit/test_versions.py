"""Versions as .NET reads and compares them."""

from __future__ import annotations

from itertools import pairwise

import pytest

from mids_assets.versions import parse_version, version_key


def test_parts_are_numbers_and_an_absent_one_is_less_than_zero():
    rising = ["3.7", "3.7.0", "3.7.0.0", "3.7.9", "3.7.10", "3.10", "21.0331", "2022.9.29", "2025.1.2"]
    keys = [parse_version(text) for text in rising]
    assert all(older is not None and newer is not None and older < newer for older, newer in pairwise(keys))
    assert keys == [version_key(text) for text in rising]


@pytest.mark.parametrize(
    "text",
    [None, "", "7", "1.2.3.4.5", "1..2", "1.x", "v1.2", "1,2", "1.2147483648", "1.-2", "1.2\n.3", "../1.2", "١.٢"],
)
def test_what_is_no_version(text):
    assert parse_version(text) is None


def test_the_greatest_part_that_there_may_be():
    assert parse_version(" 1.2147483647 ") == (1, 2147483647, -1, -1)
