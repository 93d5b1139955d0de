"""Recipe.mhd and Salvage.mhd.

Recipes name what makes them awkward in real files: a spreadsheet's header row, salvage that is not listed or is
spelled in another case, levels of -1. Does not belong here: the enhancements that recipes make.
"""

from __future__ import annotations

from mids_assets.readers.layouts.recipe import CURRENT
from mids_assets.readers.layouts.small import SALVAGE
from mids_assets.sample import names
from mids_assets.sample.blank import Record, blank
from mids_assets.sample.draw import Draw
from mids_assets.sample.enhancements import recipe_of
from mids_assets.sample.plan import Plan

PLACES = 7
"""Ingredient places of every entry, used or not."""
_SALVAGE = 24


def salvage_name(number: int) -> str:
    return f"Sample_{names.word(number + 40)}_{('Shard', 'Gear', 'Ink')[number % 3]}"


_POSITIONS = {salvage_name(number): number for number in range(_SALVAGE)}


def salvage() -> Record:
    """`magic` and `items`."""
    return {
        "magic": SALVAGE.generations[0][1][0],
        "items": [
            {
                "internal_name": salvage_name(number),
                "external_name": names.shown(salvage_name(number)).removeprefix("Sample "),
                "rarity": number % 4,
                "level_min": (9, 25, 40)[number % 3],
                "level_max": (24, 39, 52)[number % 3],
                "origin": number % 2,
            }
            for number in range(_SALVAGE)
        ],
    }


def recipes(plan: Plan, seed: int, realm: int, realm_name: str) -> Record:
    """`magic`, `source1`, `source2`, `revision_date` and `recipes`."""
    makes: dict[str, str] = {}
    for piece in plan.pieces:
        if recipe_of(piece):
            # The last enhancement that names a recipe is the one stored with it.
            makes[recipe_of(piece)] = piece.uid
    made = [
        blank(
            "recipe",
            rarity=-1,
            internal_name="# Name (String 64)",
            external_name=" DisplayName (String 200)",
            entries=[_entry(-1, [], 0)],
            is_generic=realm_name == "homecoming",
        )
    ]
    for number, (internal_name, uid) in enumerate(makes.items()):
        draw = Draw(seed, realm, 1 << 42, number)
        levels = (9, 24, 49) if number % 3 else (24,)
        made.append(
            blank(
                "recipe",
                rarity=number % 4,
                internal_name=internal_name,
                external_name=f"Made-up plan: {names.shown(uid)}",
                enhancement_uid=uid,
                entries=[_entry(level, _ingredients(draw), draw.below(900)) for level in levels],
            )
        )
    for number in range(4):
        made.append(
            blank(
                "recipe",
                internal_name=f"Plan_Sample_Token_{number + 1}",
                external_name=f"Made-up token {number + 1}",
                entries=[_entry(-1, [(salvage_name(number), 1), ("Sample_Unlisted_Merit", 50)], 0)],
                is_generic=realm_name == "homecoming",
                is_virtual=realm_name == "homecoming" and number == 2,
                is_hidden=realm_name == "homecoming" and number == 3,
            )
        )
    return {
        "magic": CURRENT,
        "source1": "Sample recipes",
        "source2": "",
        "revision_date": 0,
        "recipes": made,
    }


def _ingredients(draw: Draw) -> list[tuple[str, int]]:
    wanted = [(salvage_name(draw.below(_SALVAGE)), 1 + draw.below(3)) for _ in range(2 + draw.below(3))]
    if draw.percent(20):
        wanted.append((salvage_name(draw.below(_SALVAGE)).upper(), 1))
    if draw.percent(20):
        wanted.append(("Sample_Unlisted_Ticket", 100))
    return wanted


def _entry(level: int, ingredients: list[tuple[str, int]], cost: int) -> Record:
    places = [
        blank("recipe_ingredient", salvage_name=name, count=count, salvage_index=_POSITIONS.get(name, -1))
        for name, count in ingredients
    ]
    places += [blank("recipe_ingredient") for _ in range(PLACES - len(places))]
    return blank(
        "recipe_entry",
        level=level,
        buy_cost=cost * 10,
        craft_cost=cost * 7,
        buy_cost_memorized=cost * 5,
        craft_cost_memorized=cost * 3,
        ingredients=places,
    )
