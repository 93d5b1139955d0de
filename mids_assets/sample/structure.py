"""Powersets and summoned entities: records made from the plan alone, plus the header of the main database.

Does not belong here: powers, archetypes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from mids_assets.readers.layouts.i12 import MRB
from mids_assets.readers.wire import to_net_date
from mids_assets.sample import names
from mids_assets.sample.blank import Record, blank
from mids_assets.sample.classes import BRANCHING, HENCHMAN, PET, PLAYABLE
from mids_assets.sample.plan import SET_TYPES, Plan


def header(seed: int) -> Record:
    """Version 0.1.<seed>, a day that only the seed decides, and the word Sample where others say Page."""
    return {
        "magic": MRB,
        "version": f"0.1.{seed}",
        "date_sentinel": -1,
        "date_month": None,
        "date_day": None,
        "date": to_net_date(datetime(2001, 1, 1, tzinfo=UTC) + timedelta(days=seed)),
        "issue": 1,
        "page_volume": 1,
        "page_volume_text": "Sample",
    }


def powersets(plan: Plan) -> Iterator[Record]:
    """In order of their names: the order of sets is not the order in which their powers stand in the file."""
    branches = [entry.full_name for entry in plan.by_kind["primary"] if entry.owner == BRANCHING]
    linked = [entry.full_name for entry in plan.by_kind["secondary"] if entry.owner == BRANCHING]
    for entry in sorted(plan.sets, key=lambda entry: entry.full_name):
        set_part = entry.full_name.partition(".")[2]
        made = blank(
            "powerset",
            display_name=names.shown(set_part),
            archetype_index=entry.owner,
            set_type=SET_TYPES[entry.kind],
            image_name="" if entry.kind in ("boost", "set_bonus") else f"{set_part}.png",
            full_name=entry.full_name,
            set_name=set_part,
            description="" if entry.kind == "boost" else "A made-up powerset of a sample database.",
            sub_name=names.shown(set_part) if entry.kind == "pool" else "",
            archetype_class="" if entry.owner < 0 else (_class_of(entry.owner)),
        )
        if entry.full_name in branches[1:]:
            made["trunk_set"] = branches[0]
            made["link_secondary"] = linked[branches.index(entry.full_name) - 1]
            other = branches[3 - branches.index(entry.full_name)]
            made["mutex_sets"] = [blank("mutex_set", powerset_full_name=other)]
        yield made


def _class_of(owner: int) -> str:
    if owner < len(PLAYABLE):
        return PLAYABLE[owner].class_name
    return ("Class_Sample_Minion", "Class_Sample_Lieutenant", "Class_Sample_Overlord")[owner - len(PLAYABLE)]


def entities(plan: Plan) -> Iterator[Record]:
    """Entity 0 is a henchman with two upgrades; some of the others show what real files get wrong."""
    pets = plan.by_kind["pet"]
    caller = plan.by_kind["secondary"][3]
    for number in range(plan.entities):
        uid = plan.entity_uid(number)
        sets = [pets[number + 2].full_name]
        upgrades: list[str] = []
        class_name = PET
        if number == 0:
            sets = [entry.full_name for entry in pets[:3]]
            upgrades = [caller.power(3), caller.power(7)]
            class_name = HENCHMAN
        elif number % 8 == 2:
            sets += ["Empty", "Pets.Sample_Gone"]
            class_name = PET.upper()
        elif number % 8 == 4:
            class_name = ""
        yield blank(
            "summoned_entity",
            uid=uid,
            display_name=names.shown(uid.removeprefix("Pets_")),
            entity_type=1 if number == 0 else 0,
            class_name=class_name,
            powersets=sets,
            upgrade_powers=upgrades,
        )
