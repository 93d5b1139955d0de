"""jsonb texts read back as what went in."""

from __future__ import annotations

import json

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from mids_assets.transform.json_text import json_arrays, json_integer_arrays, json_objects

rows = st.lists(
    st.tuples(
        st.none() | st.text(st.characters(exclude_categories=["Cs"])),
        st.none() | st.floats(allow_nan=False, allow_infinity=False),
        st.none() | st.integers(-(2**31), 2**31 - 1),
        st.none() | st.booleans(),
    ),
    max_size=8,
)


@given(rows)
def test_objects_read_back(values):
    frame = pl.DataFrame(values, schema={"t": pl.String, "f": pl.Float64, "i": pl.Int32, "b": pl.Boolean}, orient="row")
    texts = json_objects({'a "key"': frame["t"], "f": frame["f"], "i": frame["i"], "b": frame["b"]})
    assert [tuple(json.loads(text).values()) for text in texts] == values
    assert all(next(iter(json.loads(text))) == 'a "key"' for text in texts)


def test_objects_are_compact_and_numbers_are_shortest():
    text = json_objects({"x": pl.Series([0.1]), "n": pl.Series(["ä\n"]), "m": pl.Series([1e-07])}).item()
    assert text == '{"x":0.1,"n":"ä\\n","m":1e-07}'


def test_arrays_go_to_their_owners():
    texts = pl.Series(["1", "2", "3"])
    assert json_arrays(texts, pl.Series([11, 11, 13]), 4, 10).to_list() == ["[]", "[1,2]", "[]", "[3]"]
    assert json_arrays(texts[:0], pl.Series([], dtype=pl.Int64), 2, 0).to_list() == ["[]", "[]"]


def test_integer_arrays_keep_order_and_repeats():
    lists = pl.Series([[3, 1, 3], [], None], dtype=pl.List(pl.Int32))
    assert json_integer_arrays(lists).to_list() == ["[3,1,3]", "[]", None]
