"""Names of powers, powersets and categories, with what is asked about them."""

from __future__ import annotations

import pytest

from mids_assets.readers.expressions import Reference, parse, references

HOP, KICK = "Pool.Leaping.Hop", "Pool.Leaping.Kick"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (HOP, [Reference(HOP, "owned")]),
        (f"!{HOP} || Melee.Claws", [Reference(HOP, "owned", True), Reference("Melee.Claws", "owned")]),
        (f"!({HOP} && !{KICK})", [Reference(HOP, "owned", True), Reference(KICK, "owned")]),
        (f"source.ownPower?({HOP})", [Reference(HOP, "owned", of="source")]),
        (f"!target.OwnPower?({HOP})", [Reference(HOP, "owned", True, "target")]),
        (f"Owned?({HOP}) && Owned?(SomeBadge)", [Reference(HOP, "owned")]),
        ("ownPowerNum?(Epic) > 0", [Reference("Epic", "counted")]),
        (f"{HOP} + {KICK} > 1", [Reference(HOP, "counted"), Reference(KICK, "counted")]),
        (f"2 * source.ownPower?({HOP}) + 1", [Reference(HOP, "counted", of="source")]),
        ("Ne(power.base>PowerSetName, Some.Set)", [Reference("Some.Set", "named")]),
        ("power.base>PowerSetName eq Some.Set", [Reference("Some.Set", "named")]),
        ("minmax(ownPowerNum?(Epic), 0, 1)", [Reference("Epic", "counted")]),
        ("source>Cur.kMeter > 0 && Mode?(kFast) && HasTag?(Raid)", []),
        ("$archetype == @Class_Brute || 0", []),
    ],
)
def test_references(text: str, found: list[Reference]):
    assert references(parse(text)) == found
