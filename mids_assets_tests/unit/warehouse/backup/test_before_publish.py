"""When a backup precedes a publish: the share of the published rows that changes."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import pytest

from mids_assets.warehouse.backup.before_publish import changed_share
from mids_assets.warehouse.comparing import Compared


def compared(counts: dict | None, *, rows: int = 200, sample: bool = False) -> Compared:
    before: Any = SimpleNamespace(is_sample=sample, summary={"tables": {"power": rows // 2, "salvage": rows // 2}})
    diff: Any = None if counts is None else SimpleNamespace(counts=counts)
    return Compared(before, diff)


@pytest.mark.parametrize(
    ("counts", "share"),
    [
        ({}, 0.0),
        ({"power": {"added": 5, "changed": 10}, "salvage": {"removed": 5}}, 0.1),
        ({"power": {"added": 400}}, 2.0),
        (None, math.inf),
    ],
)
def test_the_share_is_of_the_published_rows(counts, share):
    assert changed_share(compared(counts)) == share


def test_a_first_publish_and_one_over_a_sample_change_nothing_of_worth():
    assert changed_share(Compared(None, None)) is None
    assert changed_share(compared({"power": {"added": 400}}, sample=True)) is None
