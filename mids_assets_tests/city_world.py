"""The made-up world of city.py: two classes of players and one of pets, with a few of everything.

It has what readers stumble over: a power that no index lists, children of effects, a redirect, expressions of each
kind, names in mixed case, a tag with a slash, a group without a file.
Does not belong here: the shape of the files (city.py).
"""

from __future__ import annotations

from mids_assets_tests.city import Files, archetype, boost_set, effect, group, power, tag, template

RANGED, SUPPORT, MELEE, POOL = "Lamplighter_Ranged", "Lamplighter_Support", "Cobbler_Melee", "Pool"
SPARK = f"{RANGED}.Oil_Burn.Spark"
FLARE = f"{RANGED}.Oil_Burn.Flare"
BLAZE = f"{RANGED}.Oil_Burn.Blaze"
TABLES = {"Melee_Damage": -10.0, "Ranged_Damage": -8.0, "Melee_Ones": 1.0, "Ranged_Ones": 1.0, "Melee_Stun": 2.0}


def city() -> Files:
    """All files but the indexes, which `city.write` adds; the order is the game's."""
    return {
        **_lamplighter(),
        **_cobbler(),
        **_pool(),
        **archetype("lamplighter", "Lamplighter", RANGED, SUPPORT, TABLES),
        **archetype("cobbler", "Cobbler", MELEE, "Cobbler_Support", TABLES),
        **archetype("minion_lantern", "Lantern", RANGED, SUPPORT, TABLES),
        **boost_set("Wicks_Worth", "Ranged Damage", ("Accuracy/Damage", "Damage/Endurance", "Damage/Recharge")),
        **boost_set("Cobblers_Patience", "Melee Damage", ("Accuracy", "Damage"), attuned_only=True),
        **tag("Burning", bears=(SPARK, FLARE), affects=(BLAZE,)),
        **tag("Soot/Smoke", bears=(SPARK,)),
        **group("exclusion", "Lamp_Group", (FLARE, BLAZE)),
        **group("recharge", "Strike_Group", (f"{MELEE}.Last_Hammer.Tap",)),
    }


def _lamplighter() -> Files:
    burn = template("Fire_Dmg", table="Ranged_Damage", scale=1.25, flags=["IgnoreStrength (4)"])
    smoulder = template("Fire_Dmg", table="Ranged_Damage", scale=0.1, duration="5 seconds", application_period=1.0)
    critical = effect(burn, chance=0.2, is_pvp="PVE_ONLY", requires_expression="target>enttype eq 'critter'")
    return {
        **power(
            SPARK,
            type="Click",
            accuracy=1.2,
            range=80.0,
            recharge_time=4.0,
            activation_time=1.5,
            endurance_cost=5.2,
            target_type="Foe (Alive)",
            targets_affected=["Foe (Alive)"],
            attack_types=["Ranged", "Fire"],
            boosts_allowed=["Enhance Accuracy", "Enhance Damage"],
            allowed_boostset_cats=["Ranged Damage"],
            attrib_cache=["Fire_Dmg"],
            archetypes=["lamplighter"],
            effects=[effect(burn, tags=["Burning", "Soot/Smoke"], child_effects=[critical]), effect(smoulder)],
        ),
        **power(
            FLARE,
            available_level=1,
            requires=f"{SPARK} || {BLAZE}",
            effect_area="Cone",
            arc=0.3491,
            radius=40.0,
            max_targets_hit=10,
            exclusion_groups=["Lamp_Group", "Unwritten_Group"],
            effects=[effect(template("Stunned", aspect="Current", table="Melee_Stun", scale=8.0), tags=["Burning"])],
        ),
        **power(
            BLAZE,
            available_level=5,
            requires="$archetype == @Class_Lamplighter && !Pool.Strolling",
            redirect=[
                {"name": "Redirects.Oil.Blaze_High", "condition_expression": "Always", "show_in_info": True},
            ],
        ),
        **power(
            f"{SUPPORT}.Trimming.Steady_Hand",
            type="Auto",
            activate_period=10.0,
            effects=[effect(template("ToHit", "Fire_Dmg", aspect="Strength", target="Self", duration="10.25 seconds"))],
        ),
    }


def _cobbler() -> Files:
    return {
        **power(
            f"{MELEE}.Last_Hammer.Tap",
            recharge_groups=["Strike_Group"],
            modes_disallowed=["Disable_All"],
            effects=[effect(template("Smashing_Dmg", table="Melee_Damage", scale=0.84))],
        ),
        **power(
            f"{MELEE}.Last_Hammer.Hobnail",
            available_level=-1,
            effects=[effect(template("Grant_Power", params=_granted("Inherent.Inherent.Callus")))],
        ),
    }


def _pool() -> Files:
    return {
        **power(f"{POOL}.Strolling.Saunter", type="Toggle", activate_period=0.5, endurance_cost=0.1625),
        **power(f"{POOL}.Strolling.Rush", available_level=13, requires="ownPowerNum?(Pool) > 1", redirect=[]),
        **power(f"{POOL}.Strolling.Nobody", requires="0"),
    }


def _granted(*names: str) -> Files:
    return {"type": "Power", "count": 1, "category_names": [], "powerset_names": [], "power_names": list(names)}
