"""A power file as the canonical power record.

Units become those of the model (levels count from 1, angles are degrees), words become numbers and flags, and the
effect tree a list. What the file says and the record has no field for, such as an unknown word, goes to `extra`.
Does not belong here: the effects (`effects`), vocabularies (`words`), the grammar of expressions.
Source: formats city_of_data.md, section 9.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from math import degrees
from typing import Any, TypeVar

import msgspec

from mids_assets.errors import ExpressionError
from mids_assets.readers.city_of_data import words
from mids_assets.readers.city_of_data.effects import Effects
from mids_assets.readers.city_of_data.power_file import PowerFile
from mids_assets.readers.city_of_data.rows import Codes, Content, Row
from mids_assets.readers.city_of_data.typed import decoded
from mids_assets.readers.expressions import Requirement, parse, requirement
from mids_assets.readers.json_exact import RecordFault

T = TypeVar("T")
_GIVEN = """
    full_name group_name set_name power_name display_name available_level level requires modes_required
    modes_disallowed power_type accuracy attack_types group_membership entities_affected entities_auto_hit target
    target_line_of_sight range target_secondary range_secondary endurance_cost interrupt_time cast_time
    recharge_time base_recharge_time activate_period effect_area radius arc max_targets max_boosts cast_flags
    ai_report num_charges usage_time life_time life_time_in_game num_allowed do_not_save boosts_allowed
    cast_through_hold ignore_strength description_short description_long set_type_ids ignore_enhancements
    ignore_buffs effects
"""
GIVEN = tuple(_GIVEN.split())
"""Fields of the power record that City of Data has, in the order of the values of a row."""
_FILE = msgspec.json.Decoder(PowerFile)
_ALIVE = "AliveOnly"
_NEAR_GROUND, _TARGET_NEAR_GROUND, _WHEN_DEAD = 1, 2, 4


class Powers:
    """Power files to rows. `codes`: enumeration -> member in small letters -> number."""

    def __init__(self, codes: Codes) -> None:
        self._codes = codes
        self._effects = Effects(codes)
        self._seen: dict[tuple[str, ...], tuple[list[Any], list[str], list[tuple[str, str]]]] = {}
        """Key and words of a list -> what they stand for: the same few lists stand in thousands of files."""

    def row(self, content: Content | PowerFile) -> Row:
        """Raises `RecordFault` naming the key where the file is not as the format says."""
        power = content if isinstance(content, PowerFile) else decoded(_FILE, content)
        flat = self._effects.of(power)
        row = Row((), flat.extra, flat.unknown)
        row.values = (*self._values(power, row), flat.effects)
        return row

    def _values(self, power: PowerFile, row: Row) -> tuple[object, ...]:
        group, _, rest = power.full_name.partition(".")
        set_name, _, name = rest.partition(".")

        def one(key: str, vocabulary: Mapping[str, int], known: Collection[str] = ()) -> int | None:
            found = self._named(row, key, [getattr(power, key)], vocabulary.get, known)
            return found[0] if found else None

        def mask(key: str, vocabulary: Mapping[str, int]) -> int:
            return self._mask(row, key, getattr(power, key), vocabulary)

        rules = _requirement(power.requires)
        if power.redirect:
            row.extra["redirect"] = [redirect.name for redirect in power.redirect]
        if power.recharge_groups:
            row.extra["recharge_groups"] = power.recharge_groups
        if power.root_time != power.activation_time:
            row.extra["root_time"] = power.root_time
        if power.auto_issue:
            row.extra["auto_issue"] = True
        return (
            power.full_name,
            group,
            set_name,
            name,
            power.display_name.strip(),
            power.available_level,
            power.available_level + 1,
            (rules.classes, rules.classes_not, rules.powers, rules.powers_not),
            self._modes(row, "modes_required", power.modes_required),
            self._modes(row, "modes_disallowed", power.modes_disallowed),
            one("type", words.POWER_TYPES),
            power.accuracy,
            mask("attack_types", words.ATTACK_TYPES),
            power.exclusion_groups,
            mask("targets_affected", words.TARGETS),
            mask("targets_autohit", words.TARGETS),
            one("target_type", words.TARGETS),
            power.target_visibility == "LineOfSight",
            power.range,
            one("target_type_secondary", words.TARGETS) if power.target_type_secondary else 0,
            power.range_secondary,
            power.endurance_cost,
            power.interrupt_time,
            power.activation_time,
            power.recharge_time,
            power.recharge_time,
            power.activate_period,
            one("effect_area", words.EFFECT_AREAS, words.NO_AREA),
            power.radius,
            # The file has four decimals of a radian, so whole degrees come back whole.
            round(degrees(power.arc)),
            power.max_targets_hit,
            str(power.max_boosts),
            _NEAR_GROUND * power.caster_near_ground
            + _TARGET_NEAR_GROUND * power.target_near_ground
            + _WHEN_DEAD * (power.cast_when_dead != _ALIVE),
            one("notify_ai_when", words.NOTIFY),
            power.number_of_charges,
            self._whole(row, "toggle_on_time", power.toggle_on_time),
            self._whole(row, "power_lifetime", power.power_lifetime),
            self._whole(row, "power_lifetime_ingame", power.power_lifetime_ingame),
            power.number_allowed,
            power.do_not_save,
            self._named(row, "boosts_allowed", power.boosts_allowed, words.boost_of),
            "hold" in power.cast_through,
            power.ignore_strength,
            power.display_short_help,
            power.display_help,
            self._named(row, "allowed_boostset_cats", power.allowed_boostset_cats, words.SET_TYPES.get),
            self._aspects(row, "strengths_disallowed", power.strengths_disallowed),
            self._aspects(row, "global_strengths_disallowed", power.global_strengths_disallowed),
        )

    def _modes(self, row: Row, key: str, found: Sequence[str]) -> int:
        """The modes that the model has a flag for; the others are kept by name."""
        flags = self._codes["mode_flags"]
        others = [mode for mode in found if mode.lower() not in flags]
        if others:
            row.extra[key] = others
        return sum({flags[mode.lower()] for mode in found if mode.lower() in flags})

    def _aspects(self, row: Row, key: str, found: Sequence[str]) -> list[int]:
        members = self._codes["enhance"]
        return self._named(row, key, found, lambda word: members.get(words.STRENGTHS.get(word, "")), words.NO_ASPECT)

    def _mask(self, row: Row, key: str, found: Sequence[str], vocabulary: Mapping[str, int]) -> int:
        flags = 0
        for number in self._named(row, key, found, vocabulary.get):
            flags |= number
        return flags

    def _named(
        self,
        row: Row,
        key: str,
        found: Sequence[str],
        number: Callable[[str], T | None],
        known: Collection[str] = (),
    ) -> list[T]:
        """What the words stand for; those that stand for nothing are kept, and counted unless they are `known`."""
        if not found:
            return []
        listed = (key, *found)
        if listed not in self._seen:
            named = [number(word) for word in found]
            others = [word for word, value in zip(found, named, strict=True) if value is None]
            unknown = [(key, word) for word in others if word not in known]
            self._seen[listed] = [value for value in named if value is not None], others, unknown
        values, others, unknown = self._seen[listed]
        if others:
            row.extra[key] = others
            row.unknown += unknown
        return values

    def _whole(self, row: Row, key: str, seconds: float) -> int:
        """Seconds as the model has them, without a fraction; a fraction is kept."""
        if abs(seconds) >= 2**31:
            raise RecordFault(key, "range", f"{seconds:g} seconds are more than 2^31 - 1")
        if seconds != int(seconds):
            row.extra[key] = seconds
        return int(seconds)


def _requirement(text: str) -> Requirement:
    """What of the expression the model's form can say; the whole of it stands in power_expression."""
    try:
        return (requirement(parse(text)) if text else None) or Requirement()
    except ExpressionError:
        return Requirement()
