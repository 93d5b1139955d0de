"""Recipes and salvage."""

from mids_assets.model.columns import boolean, enum, extra, integer, level, name, parent, position, prose
from mids_assets.model.table import Column, Reference, Search, Table

SALVAGE = Table(
    name="salvage",
    kind="entity",
    asset="salvage",
    description="A material that recipes consume.",
    key=("internal_name",),
    source="Salvage",
    search=Search("external_name"),
    members=(
        name("internal_name", "Identifier; compared without case.", nullable=False),
        prose("external_name", "Name shown to a player."),
        *enum("rarity", "rarity", "Rarity."),
        level("level_min", "Lowest level at which it drops."),
        level("level_max", "Highest level at which it drops."),
        *enum("origin", "salvage_origin", "Tech, magic or special."),
        extra(),
    ),
)

RECIPE = Table(
    name="recipe",
    kind="entity",
    asset="recipe",
    description="A recipe for an enhancement or another good.",
    key=("internal_name",),
    source="Recipes",
    search=Search("external_name", within="enhancement"),
    members=(
        name("internal_name", "Identifier.", nullable=False),
        prose("external_name", "Name shown to a player."),
        *enum("rarity", "rarity", "Rarity."),
        name("enhancement_uid", "Enhancement it makes, as stored: the last one that names it."),
        Reference("enhancement", "enhancement", "Enhancement it makes.", raw="enhancement_uid"),
        boolean("is_generic", "Flag of the source; in some realms true where no enhancement is made."),
        boolean("is_virtual", "Flag of the source."),
        boolean("is_hidden", "Flag of the source."),
        extra(),
    ),
)

RECIPE_LEVEL = Table(
    name="recipe_level",
    kind="child",
    asset="recipe",
    parent="recipe",
    rows_from="entries",
    description="What crafting a recipe costs at one level.",
    key=("recipe", "level"),
    members=(
        parent("recipe", "recipe", "The recipe."),
        level("level", "Level."),
        integer("buy_cost", "Price of the recipe.", unit="influence"),
        integer("craft_cost", "Price of crafting.", unit="influence"),
        integer("buy_cost_memorized", "Price of the memorized recipe.", unit="influence"),
        integer("craft_cost_memorized", "Price of crafting the memorized recipe.", unit="influence"),
    ),
)

RECIPE_SALVAGE = Table(
    name="recipe_salvage",
    kind="child",
    asset="recipe",
    parent="recipe",
    description="Salvage that a recipe consumes at one level; places without a name give no row.",
    key=("recipe", "level", "position"),
    unordered=("position",),
    members=(
        parent("recipe", "recipe", "The recipe."),
        Column("level", "int4", "Level of the recipe, 0-based; -1 means none.", unit="0-based level", nullable=False),
        position("Place in the list of ingredients."),
        Reference("recipe_level", "recipe_level", "Recipe and level.", required=True, composite=("recipe", "level")),
        name("salvage_name", "The salvage, as written."),
        Reference("salvage", "salvage", "The salvage.", raw="salvage_name"),
        integer("count", "How many are consumed.", unit="pieces"),
    ),
)

TABLES = (SALVAGE, RECIPE, RECIPE_LEVEL, RECIPE_SALVAGE)
