"""Rules of one sort are told from those of another, whatever brackets and negations they stand in."""

from __future__ import annotations

import pytest

from mids_assets.readers.expressions import kind_of, parse
from mids_assets.readers.expressions.kinds import KINDS


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("nobody", "0"),
        ("nobody", "!1"),
        ("nobody", "!Always"),
        ("always", "Always"),
        ("always", "1"),
        ("always", "!0"),
        ("always", "char>accesslevel >= 0"),
        ("prerequisite", "Pool.Leaping.Hop"),
        ("prerequisite", "Pool.Leaping.Hop && Pool.Leaping.Kick || Pool.Leaping.Jump"),
        ("prerequisite", "!(!Pool.Leaping.Hop || !Pool.Leaping.Kick)"),
        ("prerequisite", "source.ownPower?(Pool.Leaping.Hop)"),
        ("prerequisite", "Owned?(Pool.Leaping.Hop) && ownpower?(Pool.Leaping.Kick)"),
        ("exclusion", "!Melee.Shields"),
        ("exclusion", "!(Melee.Shields || Melee.Claws) && !source.ownPower?(Melee.Katana.Slash)"),
        ("class", "$archetype == @Class_Blaster"),
        ("class", "($archetype == @Class_Brute) || (@Class_Tanker eq $ARCHETYPE)"),
        ("class", "!($archetype == @Class_Brute) && Ne($archetype, @Class_Tanker)"),
        ("class", "source>arch == Scrapper || char>arch eq 'Arachnos Soldier'"),
        ("counting", "ownPowerNum?(Epic) > 0"),
        ("counting", "3 <= source.ownPowerNum?(Pool)"),
        ("counting", "Pool.Sorcery.A + Pool.Sorcery.B + Pool.Sorcery.C > 1"),
        ("access", "char>accesslevel > 3"),
        ("access", "Owned?(SomeBadge) || auth>Preorder:Shop || productOwned?(abc)"),
        ("access", "isVIP? || !isAccountInventoryLoaded?"),
        ("access", "(BetaShard == 1) || (BetaShard == 3)"),
        ("condition", "target>enttype eq 'critter'"),
        ("condition", "!target.ownPower?(Pool.Leaping.Hop)"),
        ("condition", "target>arch eq 'Class_Boss'"),
        ("condition", "Ne($archtype, @Class_Tanker)"),
        ("condition", "target.ownPowerNum?(Pool) > 1"),
        ("condition", "Pool.Leaping.Hop + distance > 1"),
        ("condition", "Pool.Leaping.Hop == 1 + 1"),
        ("condition", "Mode?(kFast) && (distance < 7)"),
        ("mixed", "Pool.Leaping.Hop && !Pool.Leaping.Kick"),
        ("mixed", "Owned?(SomeBadge) && ($archetype == @Class_Brute)"),
        ("mixed", "Pool.Leaping.Hop && 0"),
    ],
)
def test_the_kind_of_a_rule(kind: str, text: str):
    assert kind in KINDS
    assert kind_of(parse(text)) == kind
