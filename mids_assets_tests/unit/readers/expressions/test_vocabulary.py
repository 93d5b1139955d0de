"""What is known is let through in any case; each misspelling is named once, as it is written."""

from __future__ import annotations

import pytest

from mids_assets.readers.expressions import parse, unknown_names


@pytest.mark.parametrize(
    "text",
    [
        "$archetype == @Class_AnythingAtAll",
        "Pool.Leaping.Hop && !Melee.Claws",
        "Owned?(AnyBadge) && TokenOwned?(AnyToken) && productOwned?(abc)",
        "source.OWNPOWER?(Pool.Leaping.Hop) && Target.Mode?(kAnything) && target.HasTag?(Any)",
        "target.owner.ownPower?(Pool.Leaping.Hop)",
        "ownPowerNum?(Epic) > 0",
        "target.isFriend? && isPVPMap?",
        "mapname> eq 'Some City'",
        "target>kHitPoints% < 50 && source>CUR.kMeter > 0 && target>Max.kHitPoints > 1",
        "target.owner>entref == source>entref",
        "source>arch == Scrapper || Corruptor eq target>arch",
        "source.EventTimeSince>Held > 5 && target.EventCount>Attacked == 0",
        "source.TeamSize>30 + target.TokenTime>Whatever < now",
        "target.VillainName>Anybody_At_All || source.inVolume>Somewhere",
        "auth>Preorder:Shop || auth>Anything",
        "PowerBoostsSlotted>Any_Boost_A >= 1 || BoostsSlotted>Any_Boost_B <= 0",
        "minmax(power.base>activatetime, 0, pow(2, rand())) * @StdResult",
        "Ne(power.base>PowerSetName, Incarnate.Judgement)",
    ],
)
def test_known_names(text: str):
    assert unknown_names(parse(text)) == ()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("$archtype == @Class_Brute", ["$archtype"]),
        ("Ne($ArchType, @Class_Brute) && $ArchType == 1", ["$ArchType"]),
        ("@ToHitRol < @ToHit", ["@ToHitRol"]),
        ("sauce.ownPower?(Pool.Leaping.Hop)", ["sauce.ownPower?"]),
        ("source.ownsPower?(Pool.Leaping.Hop)", ["source.ownsPower?"]),
        ("maxmin(@Value, 0, 1)", ["maxmin"]),
        ("mode?(kFast && kSlow)", ["kFast", "kSlow"]),
        ("isPvPMap", ["isPvPMap"]),
        ("isFoe?", ["isFoe?"]),
        ("sauce.isFriend?", ["sauce.isFriend?"]),
        ("source.kMeter > 0", ["source.kMeter"]),
        ("source>kMetre > 0", ["source>kMetre"]),
        ("source>Cure.kMeter > 0", ["source>Cure.kMeter"]),
        ("sauce>kMeter > 0", ["sauce>kMeter"]),
        ("source.EventTimeSince>Hold > 5", ["source.EventTimeSince>Hold"]),
        ("source.EventTimes>Held > 5", ["source.EventTimes>Held"]),
        ("sauce.VillainName>Anybody", ["sauce.VillainName>Anybody"]),
        ("source.VillainName> > 0", ["source.VillainName>"]),
        ("power.based>areafactor", ["power.based>areafactor"]),
        ("power.base>areafaktor", ["power.base>areafaktor"]),
        ("source>level == Scrapper", ["Scrapper"]),
        ("source>arch == $archtype", ["$archtype"]),
        ("b || a || !b", ["b", "a"]),
    ],
)
def test_unknown_names(text: str, names: list[str]):
    assert unknown_names(parse(text)) == tuple(names)
