"""Made-up names by running number: no name of a real power, set, enhancement or salvage occurs.

The number decides the name; the seed does not. Two samples of different seeds are thus two issues of one made-up
game, whose common records have the same keys. Does not belong here: how many of anything there are.
"""

from __future__ import annotations

# Words are easier to read and to extend in one text than as a list of quoted ones.
# ruff: noqa: SIM905
_HEADS = "Vel Tor Mou Qui Bron Yev Ost Lun Dra Sel Thal Zim Par Gry Fen Ka".split()
_TAILS = "kra nis dar lith vash mun ris bel tev gor zan phe lor wyn jek sul".split()
_NOUNS = (
    "Lash Ward Surge Lattice Halo Coil Spiral Bastion Mantle Echo Lantern Tide "
    "Needle Prism Anvil Cascade Tremor Veil Pulse Thicket Arrow Chime Wedge Crown"
).split()
_SET_FORMS = {
    "primary": "Study",
    "secondary": "Practice",
    "epic": "Mastery",
    "pool": "Pursuit",
    "mob": "Band",
    "pet": "Companion",
    "incarnate": "Ascent",
    "redirect": "Variants",
}


def word(number: int) -> str:
    """`Velkra`, `Tornis`, ...; one word for each of the first 256 numbers, then compounds. Never twice the same."""
    head, turn = number % 16, number // 16 % 16
    text = _HEADS[head] + _TAILS[(turn + head) % 16]
    rest = number // 256
    return f"{text}_{word(rest - 1)}" if rest else text


def set_name(kind: str, ordinal: int) -> str:
    """The part after the group, unique for (kind, ordinal)."""
    return f"{word(ordinal)}_{_SET_FORMS[kind]}"


def power_name(kind: str, ordinal: int, place: int) -> str:
    """The third part of a full name, unique within one powerset: a new noun per place, a new word per 24 places."""
    noun = _NOUNS[(place + ordinal) % 24]
    if kind == "set_bonus":
        # The source program marks bonuses whose name contains "Slow" as debuffs.
        return f"{'Slow' if place % 9 == 4 else 'Bonus'}_{noun}_{place + 1}"
    return f"{word(ordinal + 37 * (place // 24))}_{noun}"


def shown(name: str) -> str:
    """What a person reads for an internal name."""
    return name.replace("_", " ")
