"""Frames from rows of tuples: schema, nesting, nulls."""

from datetime import UTC, datetime

import polars as pl
import pyarrow as pa
import pytest

from mids_assets.readers.columnar import frame_from_rows, frame_schema
from mids_assets.readers.layout import Field, f32, flag, i32, many, one, record, text
from mids_assets_tests.unit.readers.binary_support import LAYOUT_IDS, LAYOUTS

PAIR = record("pair", *text("key value"))
ROW = record(
    "row",
    *i32("number"),
    *f32("share"),
    *flag("on"),
    Field("moment", "datetime"),
    Field("big", "i64"),
    many("names", "string"),
    many("pairs", PAIR),
    one("only", PAIR),
    many("numbers", "i32"),
)
RECORDS = {"pair": PAIR, "row": ROW}
MOMENT = datetime(2022, 3, 31, 16, 12, 4, 123456, tzinfo=UTC)


def test_schema():
    pair = pl.Struct({"key": pl.String(), "value": pl.String()})
    assert frame_schema(RECORDS, "row") == pl.Schema(
        {
            "number": pl.Int32(),
            "share": pl.Float64(),
            "on": pl.Boolean(),
            "moment": pl.Datetime("us", "UTC"),
            "big": pl.Int64(),
            "names": pl.List(pl.String()),
            "pairs": pl.List(pair),
            "only": pair,
            "numbers": pl.List(pl.Int32()),
        }
    )


def test_values_and_nulls_at_every_depth():
    rows = [
        (1, 0.3, True, MOMENT, 2**60, ["a", "é"], [("k", "v"), ("k2", "")], ("x", "y"), [1, 2, 3]),
        (None, 2.0, False, None, None, None, [], None, []),
        (-(2**31), -0.5, None, MOMENT, -1, [], [None, (None, "v")], (None, "y"), None),
    ]
    frame = frame_from_rows(RECORDS, "row", rows)
    assert frame.schema == frame_schema(RECORDS, "row")
    first, second, third = frame.to_dicts()
    assert first == {
        "number": 1,
        "share": 0.3,
        "on": True,
        "moment": MOMENT,
        "big": 2**60,
        "names": ["a", "é"],
        "pairs": [{"key": "k", "value": "v"}, {"key": "k2", "value": ""}],
        "only": {"key": "x", "value": "y"},
        "numbers": [1, 2, 3],
    }
    assert second["names"] is None
    assert second["pairs"] == []
    assert second["only"] is None
    assert third["pairs"] == [None, {"key": None, "value": "v"}]
    assert third["numbers"] is None


@pytest.mark.parametrize("layout", LAYOUTS, ids=LAYOUT_IDS)
def test_no_rows_give_the_same_schema(layout):
    for name in layout.records:
        frame = frame_from_rows(layout.records, name, [])
        assert frame.schema == frame_schema(layout.records, name)
        assert frame.height == 0


@pytest.mark.parametrize("value", [2**31, "5", 1.5, True])
def test_values_are_not_bent_into_a_type(value):
    plain = record("plain", *i32("number"))
    with pytest.raises((pa.ArrowException, TypeError, OverflowError)):
        frame_from_rows({"plain": plain}, "plain", [(value,)])
    with pytest.raises((pa.ArrowException, TypeError, OverflowError)):
        frame_from_rows({"plain": plain}, "plain", [(1,), (value,), (None,)])
