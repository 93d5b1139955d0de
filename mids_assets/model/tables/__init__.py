"""Every table of a realm: one module per subject, gathered here and nowhere else."""

from mids_assets.model.table import Registry
from mids_assets.model.tables import (
    archetypes,
    crafting,
    enhancements,
    entities,
    game_data,
    powers,
    powersets,
    reference,
)

TABLES = Registry(
    (
        *reference.TABLES,
        *archetypes.TABLES,
        *powersets.TABLES,
        *powers.TABLES,
        *entities.TABLES,
        *crafting.TABLES,
        *enhancements.TABLES,
        *game_data.TABLES,
    )
)
"""All tables. Cycles of references exist (enhancement and recipe), so foreign keys are deferrable."""

ASSETS: tuple[str, ...] = (
    "reference",
    "archetype",
    "powerset",
    "power",
    "summoned_entity",
    "enhancement",
    "enhancement_set",
    "recipe",
    "salvage",
)
"""The entities that go through the layers, one step each; `reference` is the small files together."""
