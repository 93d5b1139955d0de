"""The share of records in quarantine that blocks: which records count, and from where on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mids_assets.transform.quarantine import quarantine_frame
from mids_assets.transform.quarantine_limit import exceeding, unexpected
from mids_assets.transform.set_aside import LEAST, SetAside


def entry(entity: str, position: int, *, expected: bool = False) -> dict:
    facts = {"source_file": "f", "byte_offset": None, "rule": "r", "field": "", "message": "", "record": "{}"}
    return {"entity": entity, "source_position": position, "expected": expected, **facts}


@pytest.mark.parametrize(
    ("processed", "refused", "share", "blocks"),
    [
        (2000, 20, 0.01, False),
        (2000, 21, 0.01, True),
        (1999, 20, 0.01, True),
        (30, 19, 0.01, False),
        (20, 20, 0.01, True),
        (20, 20, 1.0, False),
        (5000, 20, 0.0, True),
        (0, 0, 0.0, False),
    ],
)
def test_it_takes_both_the_share_and_the_number(processed, refused, share, blocks):
    found = exceeding({"power": SetAside(processed, refused)}, share)
    assert bool(found) is blocks
    if found:
        assert (found[0].rule, found[0].table, found[0].limit) == ("quarantine_share", "power", share)
        assert found[0].observed == refused / processed and f"{refused} of {processed:,}" in found[0].message


def test_expected_records_count_apart_and_a_record_once():
    entries = [entry("power", n) for n in range(20)] + [entry("power", 3)]
    entries += [entry("recipe", n, expected=True) for n in range(30)] + [entry("recipe", 99)]
    counts = unexpected(quarantine_frame(entries), {"power": 20, "recipe": 100, "salvage": 5})
    assert counts == {"power": SetAside(20, 20), "recipe": SetAside(100, 1), "salvage": SetAside(5, 0)}
    assert [one.table for one in exceeding(counts, 0.01)] == ["power"]


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.floats(0, 1))
def test_what_it_says_exceeds_its_limit(processed, refused, share):
    for one in exceeding({"power": SetAside(processed, refused)}, share):
        assert refused >= LEAST and one.limit < one.observed <= 1
