"""Writes a sample as a DataExporter folder: its JSON files, and the powers as JSON or in the text form.

Archetypes, powersets, pieces and recipes are those of the sample's other forms, in the keys of this one; every id and
every name of a powerset leads to a record. What the format leaves open is absent or null in some records.
Does not belong here: the power records (`exporter_powers`), which folders may be written (`files`).
Source: formats data_exporter.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from mids_assets.sample import names
from mids_assets.sample.blank import Record
from mids_assets.sample.classes import ENHANCEMENT_CLASSES, PLAYABLE
from mids_assets.sample.draw import Draw
from mids_assets.sample.enhancements import recipe_of
from mids_assets.sample.exporter_powers import json_records, text_records
from mids_assets.sample.plan import Piece, Plan
from mids_assets.sample.release import SampleRelease

POWERS, POWERS_TEXT = "I12_powers.json", "I12_extracted.txt"
SMALL = ("archetypes.json", "powersets.json", "enhancements.json", "salvage.json", "recipes.json")
EXPORTER_FILES = frozenset((*SMALL, POWERS, POWERS_TEXT))
"""Every file that the folder can hold."""

_SET_TYPES = {
    "primary": "Primary", "secondary": "Secondary", "epic": "Epic", "inherent": "Inherent", "pool": "Pool",
    "temp": "Temp", "pet": "Pet", "set_bonus": "SetBonus", "boost": "Boost", "incarnate": "Incarnate",
    "redirect": "Redirect", "mob": "None",
}  # fmt: skip
_RARITIES = ("Common", "Uncommon", "Rare", "Very Rare")
_ORIGINS = ("Tech", "Magic", "Natural")
_BATCH = 1000


def write_exporter(release: SampleRelease, folder: Path, *, text: bool = False, pretty: bool = False) -> None:
    """Write the files into `folder`, which exists. `text`: the powers as text; `pretty`: JSON with line breaks."""
    recipes = list(_recipes(release))
    small: dict[str, Iterable[Record]] = {
        "archetypes.json": _archetypes(release),
        "powersets.json": _powersets(release.plan),
        "enhancements.json": _enhancements(release, {record["name"]: record["id"] for record in recipes}),
        "salvage.json": _salvage(release),
        "recipes.json": recipes,
    }
    for name, records in small.items():
        _write(folder / name, _array(map(msgspec.json.encode, records), pretty))
    plan, seed, realm = release.plan, release.seed, release.realm_number
    if text:
        _write(folder / POWERS_TEXT, text_records(plan, seed, realm))
    else:
        _write(folder / POWERS, _array(json_records(plan, seed, realm), pretty))


def _write(path: Path, parts: Iterable[bytes]) -> None:
    """Under a temporary name, then renamed."""
    unfinished = path.with_name(f"{path.name}.part")
    with unfinished.open("wb", buffering=1 << 20) as file:
        file.writelines(parts)
    unfinished.replace(path)


def _array(records: Iterator[bytes], pretty: bool) -> Iterator[bytes]:
    """The bytes of a JSON array, some records at a time."""
    between = b"["
    while batch := list(islice(records, _BATCH)):
        joined = b",".join(batch)
        if pretty:
            # Formatted as an array of its own, whose brackets go.
            joined = msgspec.json.format(b"[" + joined + b"]", indent=2)[1:-2]
        yield between + joined
        between = b","
    yield b"\n]\n" if pretty else b"]\n"


def _archetypes(release: SampleRelease) -> Iterator[Record]:
    """One of each class: unlike the database, this format refers to them by id."""
    seen: set[str] = set()
    owned = {
        kind: [[n for n, entry in enumerate(release.plan.sets, 1) if (entry.kind, entry.owner) == (kind, owner)]
               for owner in range(len(PLAYABLE))]
        for kind in ("primary", "secondary")
    }  # fmt: skip
    for number, record in enumerate(release.archetypes):
        if record["class_name"] in seen:
            continue
        seen.add(record["class_name"])
        made: dict[str, Any] = {
            "id": number + 1,
            "name": record["class_name"],
            "display_name": record["display_name"],
            "description": record["description_long"] or None,
            "icon": f"{record['display_name'].replace(' ', '_')}.png",
            "hit_points_base": record["hitpoints"],
            "hit_points_max": record["hitpoint_cap"],
            "primary_category": record["primary_group"],
            "secondary_category": record["secondary_group"],
            "threat_level": record["base_threat"],
        }
        if record["playable"]:
            draw = Draw(release.seed, release.realm_number, 1 << 50, number)
            made |= {
                "damage_scalar": draw.decimal(0.5, 1.125, 3),
                "survivability": draw.decimal(1.0, 10.0, 1),
                "melee_damage": draw.decimal(0.5, 1.125, 3),
                "ranged_damage": draw.decimal(0.5, 1.125, 3),
                "buff_defense": draw.decimal(0.07, 0.125, 3),
                "debuff_defense": None if number % 3 == 1 else draw.decimal(0.07, 0.125, 3),
                "buff_hit_points": 0.1,
                "resistance": draw.decimal(0.07, 0.1, 3),
                "primary_powersets": owned["primary"][number],
                "secondary_powersets": owned["secondary"][number],
            }
        yield made


def _powersets(plan: Plan) -> Iterator[Record]:
    """In order of the plan; without `powers`, because the powers of an I12 file have no ids."""
    for number, entry in enumerate(plan.sets, 1):
        set_part = entry.full_name.partition(".")[2]
        made: dict[str, Any] = {
            "id": number,
            "name": entry.full_name,
            "display_name": names.shown(set_part),
            "set_type": _SET_TYPES[entry.kind],
            "archetype_id": entry.owner + 1 if entry.owner >= 0 else None,
        }
        if entry.kind not in ("boost", "set_bonus"):
            made |= {"description": f"A made-up “{names.shown(set_part)}” of a sample.", "icon": f"{set_part}.png"}
        if number % 20 == 7:
            made["display_name"] = None
        yield made


def _enhancements(release: SampleRelease, recipe_ids: dict[str, int]) -> Iterator[Record]:
    kinds = {1: "Normal", 2: "Invention", 3: "Special", 4: "Set"}
    for number, piece in enumerate(release.plan.pieces):
        draw = Draw(release.seed, release.realm_number, 1 << 51, number)
        made: dict[str, Any] = {
            "id": number + 1,
            "name": piece.uid,
            "display_name": None if number % 11 == 5 else names.shown(piece.uid),
            "enhancement_set_id": piece.set_ordinal + 1 if piece.set_ordinal >= 0 else None,
            "type_class": kinds[piece.type_id],
            "level_min": 10,
            "level_max": 50,
            "bonuses": [_bonus(piece, draw, level) for level in (10, 50)],
            "recipe_id": recipe_ids.get(recipe_of(piece)),
        }
        if piece.place == 0:
            made["set_bonuses"] = [
                {"bonus_count": count, "bonus_type": "Set", "attribute": "Recovery", "magnitude": count / 100}
                for count in (2, 3)
            ]
        if piece.type_id == 2:
            made["salvage_required"] = [1 + draw.below(len(release.salvage["items"]))]
        yield made


def _bonus(piece: Piece, draw: Draw, level: int) -> Record:
    place = piece.class_position if piece.class_position >= 0 else draw.below(len(ENHANCEMENT_CLASSES))
    attribute = ENHANCEMENT_CLASSES[place].name
    return {"attribute": attribute, "magnitude": draw.decimal(0.08, 0.53), "enhancement_level": level}


def _recipes(release: SampleRelease) -> Iterator[Record]:
    """Of the recipes that make something: this format knows no others."""
    pieces = {piece.uid: number for number, piece in enumerate(release.plan.pieces, 1)}
    salvage = {item["internal_name"]: number for number, item in enumerate(release.salvage["items"], 1)}
    makes = [record for record in release.recipes["recipes"] if record["enhancement_uid"] in pieces]
    for number, record in enumerate(makes, 1):
        entry = record["entries"][0]
        made: dict[str, Any] = {
            "id": number,
            "name": record["internal_name"],
            "display_name": record["external_name"],
            "enhancement_id": pieces[record["enhancement_uid"]],
            "rarity": _RARITIES[record["rarity"]],
            "level_min": 10,
            "level_max": record["entries"][-1]["level"] + 1,
            "recipe_type": "Invention",
            "cost_influence": entry["craft_cost"],
            "salvage_required": [
                {
                    "salvage_id": salvage[place["salvage_name"]],
                    "quantity": place["count"],
                    "rarity": _RARITIES[release.salvage["items"][place["salvage_index"]]["rarity"]],
                }
                for place in entry["ingredients"]
                if place["salvage_name"] in salvage
            ],
        }
        if number % 3 == 0:
            made["cost_merits"] = 50 if number % 2 else None
        yield made


def _salvage(release: SampleRelease) -> Iterator[Record]:
    for number, item in enumerate(release.salvage["items"], 1):
        made: dict[str, Any] = {
            "id": number,
            "name": item["internal_name"],
            "display_name": item["external_name"],
            "rarity": _RARITIES[item["rarity"]],
            "origin": _ORIGINS[number % 3],
            "level_min": item["level_min"] + 1,
            "level_max": item["level_max"] + 1,
            "sell_price": 250 * number,
        }
        if number % 4:
            made |= {"description": "A made-up piece of salvage.", "icon": None, "buy_price": 1000 * number}
        yield made
