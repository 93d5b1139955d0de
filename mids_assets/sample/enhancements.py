"""EnhDB.mhd: enhancements of all four types and their sets with bonuses.

Does not belong here: the powers behind them (Boosts, Set_Bonus; in `powers`), recipes.
"""

from __future__ import annotations

from mids_assets.readers.layouts.enhdb import CURRENT
from mids_assets.sample import names
from mids_assets.sample.blank import Record, blank
from mids_assets.sample.classes import ENHANCEMENT_CLASSES
from mids_assets.sample.draw import Draw
from mids_assets.sample.effects import effects_of
from mids_assets.sample.plan import Piece, Plan, enhancement_set_uid

MODE_ENHANCEMENT, MODE_FX = 0, 1
_ASPECTS = (1, 2, 3, 4, 5, 7, 12, 13, 14, 18, 20)
_SET_TYPES = (1, 2, 3, 4, 7, 8, 9, 10, 11, 12, 25, 27, 33, 44, 45)
_KINDS = ("", "Plain", "Worked", "Colossus", "")


def recipe_of(piece: Piece) -> str:
    """Internal name of the recipe that makes an enhancement; the first two pieces of a set share one."""
    if piece.type_id == 2:
        return f"Plan_{piece.uid}"
    if piece.type_id == 4:
        return f"Plan_{enhancement_set_uid(piece.set_ordinal)}_{'ABCDEF'[max(piece.place, 1)]}"
    return ""


def enhdb(plan: Plan, seed: int, realm: int, realm_name: str) -> Record:
    """The whole file as one record: `magic`, `version`, `enhancements`, `sets`."""
    sets = 1 + max(piece.set_ordinal for piece in plan.pieces)
    members: list[list[int]] = [[] for _ in range(sets)]
    for position, piece in enumerate(plan.pieces):
        if piece.set_ordinal >= 0:
            members[piece.set_ordinal].append(position)
    enhancements = [
        _enhancement(plan, piece, position, Draw(seed, realm, 1 << 40, position), realm_name)
        for position, piece in enumerate(plan.pieces)
    ]
    if realm_name == "rebirth":
        # That realm's real file holds two enhancements of one uid.
        enhancements[-3]["uid"] = enhancements[-4]["uid"]
    return {
        "magic": CURRENT,
        "version": 0.0,
        "enhancements": enhancements,
        "sets": [_set(plan, ordinal, members[ordinal], Draw(seed, realm, 1 << 41, ordinal)) for ordinal in range(sets)],
    }


def _enhancement(plan: Plan, piece: Piece, position: int, draw: Draw, realm_name: str) -> Record:
    made = blank(
        "enhancement",
        static_index=position + (1 if position % 15 == 14 else 0) * 5000,
        name=names.shown(piece.uid),
        short_name=piece.uid[:6],
        description="A made-up enhancement.\r\nSecond line \u2013 with a dash." if position % 7 == 0 else "Made up.",
        type_id=piece.type_id,
        image=f"Sample{piece.type_id}.png",
        effect_chance=1.0,
        level_min=9,
        level_max=49,
        uid=piece.uid,
        recipe_name=recipe_of(piece),
    )
    if piece.type_id == 4:
        return _piece(made, plan, piece, draw, realm_name)
    made["class_ids"] = [piece.class_position]
    made["name"] = f"{ENHANCEMENT_CLASSES[piece.class_position].name} ({_KINDS[piece.type_id]})"
    made["effects"] = [_aspect(draw.pick(_ASPECTS), draw)]
    if piece.type_id == 1:
        made["level_min"], made["level_max"] = 0, 52
    elif piece.type_id == 3:
        second = (piece.class_position + 1) % len(ENHANCEMENT_CLASSES)
        made["class_ids"].append(second)
        # -1 stands outside the list of special types and occurs in real files.
        made["sub_type_id"] = (1, 2, 3, -1)[position % 4]
        made["effects"].append(_aspect(draw.pick(_ASPECTS), draw))
    return made


def _piece(made: Record, plan: Plan, piece: Piece, draw: Draw, realm_name: str) -> Record:
    uid = enhancement_set_uid(piece.set_ordinal)
    # Sets and recipes are found without regard to case.
    made["set_uid"] = uid.lower() if piece.place == 3 else uid
    if piece.place == 4:
        made["recipe_name"] = made["recipe_name"].lower()
    made["set_index"] = piece.set_ordinal
    made["name"] = f"Sample aspect {piece.place + 1}"
    made["effects"] = [_aspect(draw.pick(_ASPECTS), draw) for _ in range(1 + draw.below(3))]
    made["superior"] = piece.set_ordinal % 5 == 4
    made["buff_mode"] = draw.below(3)
    if piece.place in (1, 5):
        made["is_proc"] = piece.place == 5
        boosts = plan.by_kind["boost"][0]
        role = "damage" if piece.place == 5 else "shield"
        for fx in effects_of(role, draw, plan, boosts, f"Boosts.{piece.uid}.{piece.uid}")[:2]:
            made["effects"].append(
                blank(
                    "enhancement_effect", mode=MODE_FX, enhance_id=-1, enhance_sub_id=-1, schedule=-1, has_fx=True,
                    multiplier=1.0, fx=fx,
                )
            )  # fmt: skip
    elif piece.place == 2:
        # Mode Enhancement and an effect all the same: readers must trust has_fx.
        made["effects"][-1]["has_fx"] = True
        made["effects"][-1]["fx"] = effects_of("boost", draw, plan, plan.by_kind["boost"][0], "")[0]
    if piece.set_ordinal % 3 == 2:
        made["unique"], made["mutex_id"] = True, 1 + draw.below(7)
        made["is_scalable"], made["level_min"] = True, 0
        if realm_name != "homecoming":
            made["level_max"] = -1
    return made


def _aspect(aspect: int, draw: Draw) -> Record:
    return blank(
        "enhancement_effect",
        mode=MODE_ENHANCEMENT,
        buff_mode=draw.below(3),
        enhance_id=aspect,
        enhance_sub_id=draw.pick((2, 3, 10)) if aspect == 12 else -1,
        schedule=draw.below(4),
        multiplier=draw.pick((1.0, 0.625, 0.5, 0.4375)),
    )


def _set(plan: Plan, ordinal: int, members: list[int], draw: Draw) -> Record:
    uid = enhancement_set_uid(ordinal)
    bonuses = plan.by_kind["set_bonus"][0]

    def bonus_power(place: int) -> Record:
        place %= bonuses.size
        return blank("bonus_power", power_full_name=bonuses.power(place), power_index=bonuses.first + place)

    rows = []
    for row in range((5, 3, 2, 10)[ordinal % 4]):
        filled = row + 2 <= max(len(members), 2)
        rows.append(
            blank(
                "set_bonus",
                alt_string="Sample text" if row == 1 else "",
                pv_mode=2 if row == 3 else 0,
                slotted=row + 2 if filled else 0,
                powers=[bonus_power(draw.below(bonuses.size)) for _ in range(1 + row % 2)] if filled else [],
            )
        )
    # Six special rows whatever the number of pieces; row k belongs to piece k + 1.
    special = [
        blank("set_special_bonus", special=row, powers=[bonus_power(row)] if row == 0 and ordinal % 2 == 0 else [])
        for row in range(6)
    ]
    return blank(
        "enhancement_set",
        display_name=names.shown(uid),
        short_name=uid[:5],
        uid=uid,
        description="A made-up set of a sample database.",
        set_type=_SET_TYPES[ordinal % len(_SET_TYPES)],
        image="SampleSet.png",
        level_min=9,
        level_max=49,
        enhancement_indexes=members,
        bonuses=rows,
        special_bonuses=special,
    )
