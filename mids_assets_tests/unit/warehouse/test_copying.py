"""COPY's text format, byte by byte. What PostgreSQL makes of it is tested with the publish."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from mids_assets.warehouse.copying import encode


@pytest.mark.parametrize(
    ("series", "wanted"),
    [
        (pl.Series(["", None, "\\N"]), "\n\\N\n\\\\N\n"),
        (pl.Series(["a\tb", "c\nd\r", "\\"]), "a\\tb\nc\\nd\\r\n\\\\\n"),
        (pl.Series([-0.0, 1e-40, 0.1, None]), "-0.0\n1e-40\n0.1\n\\N\n"),
        (pl.Series([2**63 - 1, -(2**63)]), "9223372036854775807\n-9223372036854775808\n"),
        (pl.Series([True, False, None]), "true\nfalse\n\\N\n"),
        (
            pl.Series([['a"b', "c\\", "NULL", "", None], [], None], dtype=pl.List(pl.String)),
            '{"a\\\\"b","c\\\\\\\\","NULL","",NULL}\n{}\n\\N\n',
        ),
        (pl.Series([datetime(2022, 3, 31, 1, 2, 3, 4, UTC)]), "2022-03-31 01:02:03.000004+00\n"),
    ],
)
def test_values_are_spelled_for_copy(series, wanted):
    assert encode(series.to_frame("value")).decode() == wanted


def test_columns_are_separated_by_tabs_and_nothing_is_quoted():
    assert encode(pl.DataFrame({"a": ['x"y', "1,2"], "b": [1, None]})) == b'x"y\t1\n1,2\t\\N\n'


def test_lists_that_lie_in_several_pieces_the_first_of_them_empty():
    """As a batch does of which a merge takes a few rows; found by the random releases."""
    pieces = [pl.DataFrame({"a": [value]}, schema={"a": pl.List(pl.String)}) for value in ([], ["a", "b", "c"])]
    frame = pl.concat(pieces, rechunk=False)
    assert frame["a"].n_chunks() == 2
    assert encode(frame) == b'{}\n{"a","b","c"}\n'
