"""A boost set's file as the canonical records of an enhancement set and of its pieces.

A piece is one enhancement, though the game has one or two boosts for it: a planner counts pieces, and names each by the
first of its boosts. What tells the boosts of a piece apart is in `boost_traits`.
Levels of sets count from 1 in the file and from 0 in the model.
Source: formats city_of_data.md, sections 8 and 9.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec

from mids_assets.readers.city_of_data import words
from mids_assets.readers.city_of_data.rows import Row
from mids_assets.readers.city_of_data.typed import Int32, decoded
from mids_assets.readers.expressions import ExpressionError, Node, parse
from mids_assets.readers.expressions.tree import Name, Number, Operation
from mids_assets.readers.json_exact import RecordFault
from mids_assets.readers.json_model import RECORDS

_SET = RECORDS["enhancement_set"][0]["enhancement_set"].fields
_PIECE = RECORDS["enhancement"][0]["enhancement"].fields
_UNTYPED = 0
"""Of enumeration set_type: the type of a set whose category is an unknown word."""
_SET_PIECE = 4
"""Of enumeration enhancement_type."""
_ANY, _PVP = 0, 2
"""Of enumeration pvx."""
_LEVEL_50 = 49
_BOOST_POWER = re.compile(r"(?i)boosts\.([^.]+)\.\1")
_SLOTTED = "powerboostsslotted>"
_PVP_MAP = "ispvpmap?"


class Bonus(msgspec.Struct, gc=False):
    min_boosts: Int32
    max_boosts: Int32
    auto_powers: list[str]
    bonus_power: str
    requires: str
    is_pvp_bonus: bool


class BoostInfo(msgspec.Struct, gc=False):
    """The keys that are read of what the file says about one boost."""

    slot_requires: str
    boostable: bool
    attuned: bool
    catalyzes_to: list[str] | None
    max_level: Int32
    min_slot_level: Int32
    min_bonus_level: Int32
    computed_name: str
    aspects: list[str]
    superior_scales: bool
    is_proc: bool
    restricted_ats: list[str] | None
    unique_group: list[str] | None
    only_at_50: bool
    icon: str | None


class _Computed(msgspec.Struct, gc=False):
    boost_infos: dict[str, msgspec.Raw]


class BoostSetFile(msgspec.Struct, gc=False):
    name: str
    display_name: str
    group_name: str
    conversion_groups: list[str]
    boost_lists: list[list[str]]
    min_level: Int32
    max_level: Int32
    bonuses: list[Bonus]
    computed: _Computed


class Piece(msgspec.Struct):
    """One piece as the file of raw enhancements has it, taken out of its set's file.

    `boosts`: full names of its boost powers; `info`: what the file says of the first, null where it says nothing.
    """

    set: str
    number: Int32
    boosts: list[str]
    min_level: Int32
    max_level: Int32
    info: msgspec.Raw


_SET_FILE = msgspec.json.Decoder(BoostSetFile)
_PIECE_FILE = msgspec.json.Decoder(Piece)
INFO = msgspec.json.Decoder(BoostInfo)
_NULL = msgspec.Raw(b"null")


def set_file(content: bytes) -> BoostSetFile:
    """The file of a set. Raises `RecordFault` naming the key that is not as the format says."""
    return decoded(_SET_FILE, content)


def set_row(content: bytes) -> Row:
    """The enhancement set of a file. Raises `RecordFault` as `set_file` does."""
    file = set_file(content)
    if not file.name:
        raise RecordFault("name", "missing", "the set has no name")
    found = Row((), {"conversion_groups": file.conversion_groups} if file.conversion_groups else {})
    set_type = words.SET_TYPES.get(file.group_name)
    if set_type is None:
        found.extra["group_name"] = file.group_name
        found.unknown.append(("group_name", file.group_name))
    bonuses, special = _bonuses(file, found)
    values = {
        "display_name": file.display_name,
        "uid": file.name,
        "set_type": _UNTYPED if set_type is None else set_type,
        "level_min": _level("min_level", file.min_level),
        "level_max": _level("max_level", file.max_level),
        "bonuses": bonuses,
        "special_bonuses": special,
    }
    found.values = tuple(values.get(field.name) for field in _SET)
    return found


def pieces(content: bytes) -> Iterator[Piece]:
    """The pieces of a set's file in order; none of a file that is no boost set, which its own reader tells."""
    try:
        file = set_file(content)
    except RecordFault:
        return
    for number, boosts in enumerate(file.boost_lists):
        info = file.computed.boost_infos.get(uid_of(boosts[0]).lower(), _NULL) if boosts else _NULL
        yield Piece(file.name, number, boosts, file.min_level, file.max_level, info)


def piece_row(content: bytes) -> Row:
    """The enhancement of a `Piece`. Raises `RecordFault` naming the key that is not as the format says."""
    piece = decoded(_PIECE_FILE, content)
    if not piece.boosts:
        raise RecordFault(f"boost_lists[{piece.number}]", "missing", f"piece {piece.number + 1} has no boost")
    uid = uid_of(piece.boosts[0])
    info = info_of(uid, piece.info)
    values = {
        "name": info.computed_name.partition(": ")[2] or info.computed_name,
        "type_id": _SET_PIECE,
        "sub_type_id": 0,
        "class_ids": [],
        "image": info.icon,
        "set_uid": piece.set,
        "level_min": _LEVEL_50 if info.only_at_50 else _level("min_level", piece.min_level),
        # A set that has attuned boosts alone states level 1, which says nothing of its pieces.
        "level_max": _level("max_level", info.max_level if info.attuned else piece.max_level),
        "unique": info.unique_group is not None,
        "uid": uid,
        "superior": info.superior_scales,
        "is_proc": info.is_proc,
    }
    return Row(tuple(values.get(field.name) for field in _PIECE))


def uid_of(power: str) -> str:
    """Crafted_Devastation_A of Boosts.Crafted_Devastation_A.Crafted_Devastation_A; other names stand for themselves."""
    return power.rpartition(".")[2] if _BOOST_POWER.fullmatch(power) else power


def info_of(uid: str, content: bytes | msgspec.Raw) -> BoostInfo:
    """What the file says about a boost. Raises `RecordFault` where it says nothing, or not as the format says."""
    path = f"computed.boost_infos.{uid.lower()}"
    if bytes(content) == b"null":
        raise RecordFault(path, "missing", "the key is missing")
    try:
        return decoded(INFO, bytes(content))
    except RecordFault as fault:
        place = f"{path}.{fault.path}" if fault.path else path
        raise RecordFault(place, fault.rule, fault.message) from None


def _bonuses(file: BoostSetFile, found: Row) -> tuple[list[tuple], list[tuple]]:
    """Rows of `set_bonus`, and one row of `set_special_bonus` for each piece.

    A bonus that demands one of the boosts of a piece is special to that piece. A condition that is neither this nor the
    PvP map stays in `extra`, and so does what a planner has no place for.
    """
    owner = {uid_of(boost).lower(): number for number, boosts in enumerate(file.boost_lists) for boost in boosts}
    powers: list[list[tuple]] = [[] for _ in file.boost_lists]
    bonuses: list[tuple] = []
    for number, bonus in enumerate(file.bonuses):
        granted = [(power, None) for power in bonus.auto_powers]
        piece = _carrier(bonus.requires, owner)
        if piece is not None:
            powers[piece] += granted
        else:
            mode = _PVP if bonus.is_pvp_bonus else _ANY
            bonuses.append((None, None, mode, bonus.min_boosts, granted))
            if bonus.requires and not (bonus.is_pvp_bonus and bonus.requires.lower() == _PVP_MAP):
                found.extra[f"bonuses[{number}].requires"] = bonus.requires
        if bonus.bonus_power:
            found.extra[f"bonuses[{number}].bonus_power"] = bonus.bonus_power
        if bonus.max_boosts != len(file.boost_lists):
            found.extra[f"bonuses[{number}].max_boosts"] = bonus.max_boosts
    return bonuses, [(None, None, granted) for granted in powers]


def _carrier(requires: str, owner: Mapping[str, int]) -> int | None:
    """Number of the piece that a condition demands, by any of its boosts; None where it demands anything else."""
    try:
        condition = parse(requires)
    except ExpressionError:
        return None
    either = condition.arguments if isinstance(condition, Operation) and condition.operator == "||" else (condition,)
    carriers = {_carried(one, owner) for one in either}
    return carriers.pop() if len(carriers) == 1 else None


def _carried(condition: Node, owner: Mapping[str, int]) -> int | None:
    match condition:
        case Operation(">=", (Name(name), Number(1))) if name.lower().startswith(_SLOTTED):
            return owner.get(name.lower().removeprefix(_SLOTTED))
    return None


def _level(path: str, level: int) -> int:
    """A level that counts from 1 as the model has it. Raises `RecordFault` where there is none before it."""
    if level < 1:
        raise RecordFault(path, "range", f"{level} is no level: they count from 1")
    return level - 1
