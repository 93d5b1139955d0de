"""A made-up City of Data export, in the exact shape of the real files: every key of each kind is there.

`city()` gives the files by name, as objects: change, add or take away what a test is about, then `write` them. The
indexes are made from what is there when they are written, unless a test gives its own.
Does not belong here: the real export (real.py). All names and numbers are invented.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from copy import deepcopy
from pathlib import Path
from typing import Any

import msgspec

REVISION = "homecoming-20240229_1234"
LEVELS = 105
_KEYS = json.loads(Path(__file__).with_name("city_keys.json").read_bytes())
"""Kind of object -> its keys in the order of the real files, each with a value that says nothing."""
_EMPTY = {"insight", "insight_recovery", "prestige_gain", "insight_discount"}
"""Attributes whose caps are empty arrays."""

Files = dict[str, Any]


def power(full_name: str, **values: Any) -> Files:
    """The file of a power, `values` in place of those that say nothing."""
    powerset, _, name = full_name.rpartition(".")
    shown = name.replace("_", " ")
    own = {
        "name": name,
        "full_name": full_name,
        "short_name": name,
        "display_name": shown,
        "display_fullname": f"{powerset.replace('_', ' ')}.{shown}",
        "display_help": f"What {shown} does.",
        "display_short_help": shown,
        "icon": f"{name.lower()}.png",
        "fx": _filled("fx", {}),
        "boost_info": _filled("boost_info", {}),
        "powerset": powerset,
    }
    return {f"powers/{full_name.lower().replace('.', '/')}.json": _filled("power", own | values)}


def effect(*templates: Files, **values: Any) -> Files:
    return _filled("effect", {"templates": list(templates)} | values)


def template(*attribs: str, **values: Any) -> Files:
    return _filled("template", {"attribs": list(attribs)} | values)


def archetype(stem: str, display_name: str, primary: str, secondary: str, tables: dict[str, float]) -> Files:
    """The files of a class in archetypes/ and tables/. `tables`: the value of each at level 1, by its mixed name."""
    own = {
        "name": stem,
        "display_name": display_name,
        "class_key": f"@class_{stem}",
        "primary_category": primary,
        "secondary_category": secondary,
        "named_tables": {name.lower(): {"name": name, "values": by_level(value)} for name, value in tables.items()},
        **{f"attrib_{part}": _attributes(1.0) for part in ("base", "min", "strength_min", "resistance_min")},
        **{f"attrib_{part}": _caps(2.0) for part in ("max", "max_max", "strength_max", "resistance_max")},
        **{f"attrib_diminishing_{part}": [_attributes(0.5)] for part in ("str", "cur", "res")},
    }
    table = {
        "primary_category": primary,
        "secondary_category": secondary,
        "base_perception": 1.0,
        "named_tables": {name.lower(): by_level(value) for name, value in tables.items()},
    }
    return {f"archetypes/{stem}.json": _filled("archetype", own), f"tables/{stem}.json": table}


def by_level(first: float) -> list[float]:
    """A value for each level, growing from that of level 1."""
    return [round(first * (1 + level / 100), 4) for level in range(LEVELS)]


def boost_set(name: str, group_name: str, pieces: Iterable[str], *, attuned_only: bool = False) -> Files:
    """The file of an enhancement set. `pieces` are the shown names of its pieces: "Accuracy/Damage"."""
    shown = name.replace("_", " ")
    kinds = ("Attuned",) if attuned_only else ("Crafted", "Attuned")
    stems = {
        piece: [f"{kind}_{name}_{letter}" for kind in kinds] for letter, piece in zip("ABCDEF", pieces, strict=False)
    }
    infos = {
        stem.lower(): _filled(
            "boost_info",
            {
                "boostable": stem.startswith("Crafted"),
                "attuned": stem.startswith("Attuned"),
                "aspects": piece.split("/"),
                "min_slot_level": 16,
                "computed_name": f"{shown}: {piece}",
                "boostset_name": name.lower(),
                "boost_type": "Enhance Damage",
                "icon": f"{name.lower()}.png",
            },
        )
        for piece, both in stems.items()
        for stem in both
    }
    bonuses = [
        {
            "min_boosts": number,
            "max_boosts": len(stems),
            "auto_powers": [f"set_bonus.set_bonus.{name.lower()}_{number}"],
            "bonus_power": "",
            "requires": "",
            "is_pvp_bonus": False,
        }
        for number in range(2, len(stems) + 1)
    ]
    content = {
        "name": name,
        "display_name": shown,
        "group_name": group_name,
        "conversion_groups": ["Rarity: Rare", f"Category: {group_name}"],
        "boost_lists": [[f"Boosts.{stem}.{stem}" for stem in both] for both in stems.values()],
        "min_level": 1 if attuned_only else 20,
        "max_level": 1 if attuned_only else 50,
        "bonuses": bonuses,
        "computed": {
            "boost_type": ["Enhance Damage"] * len(infos),
            "bonuses": [[[power, power.rpartition(".")[2]] for power in bonus["auto_powers"]] for bonus in bonuses],
            "globals": {},
            "icons": [f"{name.lower()}.png"] * len(infos),
            "boosts": [[f"{shown}: {piece}" for _ in both] for piece, both in stems.items()],
            "boost_infos": infos,
        },
    }
    return {f"boost_sets/{name.lower()}.json": content}


def tag(name: str, bears: Iterable[str] = (), affects: Iterable[str] = ()) -> Files:
    return {
        f"tags/{name.lower().replace('/', '_')}.json": {"tag": name, "bears": _pairs(bears), "affects": _pairs(affects)}
    }


def group(kind: str, name: str, powers: Iterable[str]) -> Files:
    """The file of a group; `kind` is exclusion or recharge."""
    return {f"{kind}_groups/{name.lower()}.json": {"group": name, "powers": _pairs(powers)}}


def write(folder: Path, files: Files) -> Path:
    """Write the files, with the indexes that belong to them, and give the folder back. Bytes stay as they are."""
    for name, content in (indexes(files) | files).items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else encoded(content))
    return folder


def encoded(content: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n"


def indexes(files: Files) -> Files:
    """The index files of powersets, categories, archetypes and boost sets, in the order of `files`."""
    made: Files = {}
    files = {name: content for name, content in files.items() if not name.endswith("/index.json")}
    for record in [content for name, content in files.items() if name.startswith("powers/") and _is_power(content)]:
        category, _, powerset = record["powerset"].partition(".")
        inside = made.setdefault(f"powers/{category}/index.json".lower(), _category(category))
        if record["powerset"].lower() not in inside["powerset_names"]:
            inside["powerset_names"].append(record["powerset"].lower())
            inside["powerset_display_names"].append(powerset.replace("_", " "))
        index = made.setdefault(f"powers/{category}/{powerset}/index.json".lower(), _powerset(category, powerset))
        index["available_level"].append(record["available_level"])
        index["power_names"].append(record["full_name"])
        index["power_display_names"].append(record["display_name"])
        index["power_short_helps"].append(record["display_short_help"])
    stems = [Path(name).stem for name in files if name.startswith("archetypes/")]
    if stems:
        made["archetypes/index.json"] = {
            "revision": REVISION,
            "player_archetypes": [stem for stem in stems if not stem.startswith("minion_")],
            "npc_archetypes": [stem for stem in stems if stem.startswith("minion_")],
        }
    sets = {Path(name).stem: content for name, content in files.items() if name.startswith("boost_sets/")}
    if sets:
        shown = [content["display_name"] for content in sets.values() if isinstance(content, dict)]
        made["boost_sets/index.json"] = {"revision": REVISION, "set_names": list(sets), "set_display_names": shown}
    return made


def _is_power(content: Any) -> bool:
    return isinstance(content, dict) and "full_name" in content


def _category(name: str) -> Files:
    return {
        "name": name,
        "display_name": name.replace("_", " "),
        "source_file": f"DEFS/POWERS/{name.upper()}.CATEGORIES",
        "archetypes": [],
        "display_help": None,
        "display_short_help": None,
        "powerset_names": [],
        "powerset_display_names": [],
        "powersets_with_requirements": [],
    }


def _powerset(category: str, name: str) -> Files:
    shown = name.replace("_", " ")
    return {
        "name": name,
        "display_name": shown,
        "display_fullname": f"{category}.{shown}",
        "display_help": f"About {shown}.",
        "display_short_help": shown,
        "available_level": [],
        "source_file": f"DEFS/POWERS/{category.upper()}/{name.upper()}.POWERSETS",
        "icon": f"{name.lower()}_set.png",
        "requires": "",
        "power_names": [],
        "power_display_names": [],
        "power_short_helps": [],
    }


def _pairs(powers: Iterable[str]) -> list[list[str]]:
    return [[name.replace("_", " "), name.lower()] for name in powers]


def _attributes(value: Any) -> Files:
    found = dict.fromkeys(_KEYS["attributes"], value)
    found["damage_type"] = dict.fromkeys(_KEYS["damage_types"], value)
    found["defense_type"] = {f"{attack}_attack": value for attack in _KEYS["attacks"]}
    found["elusivity"] = {f"{attack}_elude": value for attack in _KEYS["attacks"]}
    return found


def _caps(first: float) -> Files:
    """Caps by level, with the oddities of the real files."""
    found = _attributes(by_level(first))
    found |= {name: [] for name in _EMPTY} | {"defense": by_level(first) * 2}
    found["elusivity"] = {key: [] for key in found["elusivity"]}
    del found["held"], found["elusivity_base"]
    return found


def _filled(kind: str, values: Files) -> Files:
    if unknown := values.keys() - _KEYS[kind].keys():
        raise KeyError(f"{kind} has no {', '.join(sorted(unknown))}")
    return deepcopy(_KEYS[kind]) | values
