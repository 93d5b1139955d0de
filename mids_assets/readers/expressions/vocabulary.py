"""Names that the game's expressions are known to use, and which names of one are outside of that.

Known is what the real export uses, without case. Names that the game's other files define are not checked: powers and
powersets (`references`), modes, tags, tokens, badges, boosts and what villains are called. A name that is not known is
a misspelling, such as `$archtype` in the real data, or came with a later version of the game.
Source: formats city_of_data.md, section 6.
"""

from __future__ import annotations

from collections.abc import Iterator

from mids_assets.readers.expressions.facts import is_reference
from mids_assets.readers.expressions.tree import Call, Name, Node, Operation


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SUBJECTS = _words("source target owner char auto maintarget")
"""Who is asked. `target.owner` is one as well."""

VALUE_FUNCTIONS = _words("minmax ne pow rand")
"""Functions of values."""
NAME_FUNCTIONS = _words("hastag? mode? owned? ownpower? ownpowernum? productowned? tokenowned?")
"""Functions whose argument is the name of something that is defined elsewhere."""
FLAGS = _words("isaccountinventoryloaded? isfriend? ispvpmap? isvip?")

VARIABLES = _words(
    "@chainjump @chancemods @customfx @effectiveness @forcehit @scale @stdresult @strength @tohit @tohitroll @value "
    "$archetype"
)
WORDS = _words("always betashard distance mapname> now prevdistance")

PROPERTIES = _words("accesslevel arch combatlevel costume entref enttype group level rank")
ASPECTS = _words("cur max mod str")
ATTRIBUTES = _words(
    "kconfused kendurance kfly kflyspeed kheld khitpoints kimmobilize kimmobilized kjumpheight kknockback kknockup "
    "kmeter krage krechargetime krunspeed ksleep kspeedjumping kstealth kstealthradius kstun kstunned "
    "kterrorized"
)
EVENTS = _words(
    "activateattackclick attacked attackedbyother attackedbyotherclick commandedpet damaged endactivateclick "
    "endactivateinsp held helped hitbyfoe knocked missbyother missionobjectclick moved nearground pseudopetattacked "
    "pseudopethelped sleep stunned"
)
POWER_STATES = _words("power.base power.boosted")
POWER_VALUES = _words("activateperiod activatetime areafactor powersetname rechargetime")

OF_EVENTS = _words("eventcount eventtimesince")
OF_OTHERS = _words("auth boostsslotted involume powerboostsslotted teamsize tokentime villainname")
"""What stands behind `>` here is a name or number from elsewhere."""


def unknown_names(node: Node) -> tuple[str, ...]:
    """The names that are in no vocabulary, each once, as written, in the order of the text."""
    return tuple(dict.fromkeys(_unknown(node)))


def _unknown(node: Node) -> Iterator[str]:
    match node:
        case Call(function, arguments, of):
            lower = function.lower()
            if lower not in VALUE_FUNCTIONS | NAME_FUNCTIONS or not (of is None or _is_subject(of.lower())):
                yield function if of is None else f"{of}.{function}"
            for argument in arguments:
                if not (isinstance(argument, Name) and lower in NAME_FUNCTIONS):
                    yield from _unknown(argument)
        case Operation(_, arguments):
            beside_class = any(isinstance(one, Name) and one.name.lower().endswith(">arch") for one in arguments)
            for argument in arguments:
                if not (beside_class and isinstance(argument, Name) and argument.name.isidentifier()):
                    yield from _unknown(argument)
        case Name(name) if not _is_known(name.lower()):
            yield name


def _is_subject(name: str) -> bool:
    return all(part in SUBJECTS for part in name.split("."))


def _is_known(name: str) -> bool:
    if name in VARIABLES or name in WORDS or name.startswith("@class_"):
        return True
    head, asks, detail = name.partition(">")
    if asks:
        return _is_known_question(head, detail)
    before, _, last = name.rpartition(".")
    if name.endswith("?"):
        return last in FLAGS and (not before or _is_subject(before))
    return is_reference(name) and name.partition(".")[0] not in SUBJECTS


def _is_known_question(head: str, detail: str) -> bool:
    """`head>detail` in small letters."""
    if head in POWER_STATES:
        return detail in POWER_VALUES
    if _is_subject(head):
        aspect, _, attribute = detail.rpartition(".")
        return detail in PROPERTIES or (attribute.removesuffix("%") in ATTRIBUTES and aspect in ASPECTS | {""})
    subject, _, question = head.rpartition(".")
    if subject and not _is_subject(subject):
        return False
    return (question in OF_EVENTS and detail in EVENTS) or (question in OF_OTHERS and detail != "")
