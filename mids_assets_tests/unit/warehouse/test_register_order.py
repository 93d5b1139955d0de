"""The order of releases: by the database's own date, then by its version as .NET compares versions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest

from mids_assets.transform.diff.order import order_key


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_real_versions_went_down_while_their_dates_went_up():
    real = [
        (day("2019-07-28"), "25.0"),
        (day("2020-11-14"), "20.0927"),
        (day("2021-03-31"), "21.0331"),
        (day("2022-09-29"), "2022.9.29"),
    ]
    assert all(order_key(*older) < order_key(*newer) for older, newer in pairwise(real))


@pytest.mark.parametrize(
    ("less", "more"), [("20.9", "20.10"), ("1.2", "1.2.0"), ("1.2.0", "1.2.0.0"), ("9", "10"), (None, "0.0")]
)
def test_versions_of_one_day_compare_as_numbers(less, more):
    assert order_key(day("2022-03-31"), less) < order_key(day("2022-03-31"), more)
    assert order_key(None, less) < order_key(None, more)


def test_leading_zeros_make_no_difference():
    assert order_key(None, "21.0331") == order_key(None, "21.331")


def test_a_release_without_a_date_comes_before_one_with_a_date():
    assert order_key(None, "99.0") < order_key(day("1970-01-01"), "1.0") < order_key(day("2022-03-31"), None)
    assert order_key(None, "99.0") < order_key(day("1900-01-01"), "1.0")


def test_times_compare_as_moments_and_naive_ones_are_utc():
    east = datetime(2022, 3, 31, 2, tzinfo=timezone(timedelta(hours=2)))
    assert order_key(east, "1") == order_key(day("2022-03-31"), "1") == order_key(datetime(2022, 3, 31), "1")
