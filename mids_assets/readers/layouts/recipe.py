"""Recipe.mhd: what an invention costs at each level.

Only declarations. r1 was written between two days on which others still wrote r0; its fourth ingredient field
came and went with it. r2 is not in use. Source: formats items.md 3.2 and items.yaml.
"""

from mids_assets.readers.layout import Family, Field, flag, i32, many, record, text

CURRENT = "Mids Reborn Recipe Database"
LEGACY = "Mids' Hero Designer Recipe Database"

RECIPE_INGREDIENT = record(
    "recipe_ingredient",
    *text("salvage_name"),
    *i32("count salvage_index"),
    *i32("sub_recipe_index", since="r1", until="r3"),
)

RECIPE_ENTRY = record(
    "recipe_entry",
    *i32("level buy_cost craft_cost buy_cost_memorized craft_cost_memorized"),
    many("ingredients", RECIPE_INGREDIENT),
)

RECIPE_RECORD = record(
    "recipe",
    *i32("rarity"),
    *text("internal_name external_name enhancement_uid"),
    many("entries", RECIPE_ENTRY),
    *flag("is_generic is_virtual is_hidden", since="r3"),
)

FILE = record(
    "file",
    *text("magic source1 source2"),
    Field("revision_date", "datetime"),
    many("recipes", RECIPE_RECORD),
)

RECIPE = Family(
    kind="recipe",
    root="file",
    generations=(
        ("r0", (LEGACY,), "2019-06-05", "2021-03-09"),
        ("r1", (LEGACY,), "2020-12-19", "2021-02-24"),
        ("r3", (CURRENT, LEGACY), "2021-03-09", None),
    ),
    records=(RECIPE_INGREDIENT, RECIPE_ENTRY, RECIPE_RECORD, FILE),
)
