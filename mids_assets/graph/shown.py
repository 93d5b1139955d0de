"""Which tables of a realm are assets: those that a source of that realm can fill.

What only the game's own data state is a table of every realm, so that all have one schema, and is checked by every
publish; where it is always empty it is no asset, since each costs ten events of an import.
Does not belong here: the tables (`model.tables`).
"""

from __future__ import annotations

from mids_assets.model.table import Table
from mids_assets.model.tables import TABLES, game_data
from mids_assets.readers.city_of_data.revision import is_of_exports


def shown_tables(realm: str, asset: str | None = None) -> tuple[Table, ...]:
    """In the order of the model; of one entity, where it is named."""
    tables = tuple(TABLES) if asset is None else tuple(TABLES.of_asset(asset))
    return tables if is_of_exports(realm) else tuple(table for table in tables if table not in game_data.TABLES)
