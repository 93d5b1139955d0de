"""Who may take a power and what must be owned before: the embedded requirement of a power.

Holds every form that real files hold, the broken ones included: fragments of game expressions, names that do not
exist, names that differ in case, set names and a leading "!" among the excluded names.
"""

from __future__ import annotations

from mids_assets.sample.blank import Record, blank
from mids_assets.sample.classes import PLAYABLE
from mids_assets.sample.draw import Draw
from mids_assets.sample.plan import Plan, SetPlan

_CLASSES = tuple(kind.class_name for kind in PLAYABLE)
_FRAGMENTS = ("$ARCHETYPE", "@CLASS_SAMPLE", "TOKENOWNED?", "SOURCE>")
GONE = "Pool.Sample_Gone.Removed_Power"
"""A power that no sample has."""


def _pairs(*names: tuple[str, str]) -> list[Record]:
    return [blank("power_pair", power_a=first, power_b=second) for first, second in names]


def requirement_of(draw: Draw, plan: Plan, entry: SetPlan, place: int) -> Record:
    made = blank("requirement")
    name = entry.power
    if entry.kind == "epic":
        # A shared ancillary set says with the requirement of its powers whose it is.
        first = entry.ordinal % len(_CLASSES)
        made["classes"] = [_CLASSES[first], _CLASSES[(first + 1) % len(_CLASSES)]]
        if place == entry.size - 1:
            made["classes"].append(_CLASSES[first])
        if place >= 2:
            made["powers"] = _pairs((name(0), ""), (name(1), ""))
        if place >= 4:
            made["powers"] = _pairs((name(0), name(1)), (name(0), name(2)), (name(1), name(2).upper()))
    elif entry.kind == "pool":
        if place == 2:
            made["powers"] = _pairs((name(0), ""), (name(1), ""))
        elif place == 3:
            made["powers"] = _pairs((name(0), name(1)), (name(0), GONE))
            made["classes_not"] = [draw.pick(_CLASSES), draw.pick(_CLASSES)]
        elif place == 4:
            rival = plan.by_kind["pool"][(entry.ordinal + 1) % len(plan.by_kind["pool"])]
            made["powers_not"] = _pairs((f"!{rival.power(0)}", ""), (rival.full_name, ""), (rival.power(1), GONE))
    elif entry.kind == "incarnate":
        made["powers"] = _pairs((_FRAGMENTS[place % 4], ""), (_FRAGMENTS[(place + 1) % 4], "eq"))
        if place:
            made["powers"] += _pairs((name(place - 1), ""))
    elif entry.kind in ("primary", "secondary"):
        if place == 7:
            made["powers"] = _pairs((name(2), ""), (name(3), name(4)))
        elif draw.percent(6):
            made["powers_not"] = _pairs((f"!{entry.full_name}", ""), (f"!{name(place + 1)}", ""))
    elif entry.kind == "temp" and place == 3:
        made["classes_not"] = [_CLASSES[0].lower()]
    return made
