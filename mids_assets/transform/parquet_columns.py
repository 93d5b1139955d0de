"""Which columns of a Parquet file hold values, from its statistics, without reading any.

Does not belong here: what follows from a column without values.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq


def values_by_column(path: Path) -> dict[str, bool]:
    """Dotted path of each leaf, as Parquet spells it (`boosts.list.element`) -> whether some value is not null.

    True also where the file does not tell. A list without items counts as null: the leaf knows nothing of it.
    """
    metadata = pq.read_metadata(path)
    found: dict[str, bool] = {}
    for place in range(metadata.num_columns):
        groups = [metadata.row_group(number).column(place) for number in range(metadata.num_row_groups)]
        counts = [(group.num_values, group.statistics.null_count if group.statistics else None) for group in groups]
        found[metadata.schema.column(place).path] = any(values != nulls for values, nulls in counts)
    return found
