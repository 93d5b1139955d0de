"""Names under which the API shows what a row refers to."""

from __future__ import annotations

from mids_assets.api.resources import shown
from mids_assets.model.tables import TABLES
from mids_assets.warehouse.stored import stored_columns


def test_no_shown_name_is_that_of_a_column():
    for table in TABLES:
        columns = {column.name for column in stored_columns(table.name)}
        names = [name for reference in table.references if (name := shown(table, reference))]
        assert len(set(names)) == len(names) and not columns & set(names), table.name
