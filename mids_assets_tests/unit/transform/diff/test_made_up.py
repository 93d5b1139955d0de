"""Builds with values of every kind in every table of the model: the diff applies, and nothing in it fails."""

from __future__ import annotations

import pytest

from mids_assets.transform.diff.apply import apply, table_rows
from mids_assets.transform.diff.compare import compare
from mids_assets.transform.diff.notes import notes
from mids_assets.transform.diff.report import as_json, markdown
from mids_assets.transform.diff.side import Side
from mids_assets_tests.made_up import made_up
from mids_assets_tests.unit.transform.diff.test_apply import read_tables, without_places


@pytest.mark.parametrize("seed", range(3))
def test_made_up_builds(tmp_path, seed):
    old, new = (Side(made_up(n).write(tmp_path / str(n)), str(n), "build") for n in (seed, seed + 1))
    diff = compare(old, new)
    assert len(diff.counts) > 20
    result = apply(diff, read_tables(old.tables))
    assert without_places(result) == without_places(table_rows(read_tables(new.tables)))
    assert compare(old, old).is_empty and compare(new, new).is_empty
    assert notes(diff) and markdown(diff).startswith("# ") and as_json(diff)["changes_total"] == diff.changes.height
