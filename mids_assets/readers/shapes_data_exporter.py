"""The alias tables of a DataExporter folder: its JSON files, and the power records of its I12 file.

Only data. Keys with a colon (`archetype_id:name`) are not the exporter's: `readers.data_exporter` adds them when it
follows the ids between the files. Levels, seconds and feet are taken as they are written. A text that names no member
of an enumeration (an origin `Natural`, a rarity that we do not know) stays in `extra`: nothing is guessed.
Source: formats data_exporter.md.
"""

from __future__ import annotations

from collections.abc import Mapping

from mids_assets.readers.shape_types import FullName, Named, RecordShape, Shape, record_shape

_POWER_TYPES = {"Auto": "Auto_", "Passive": "Auto_"}
_POWER_SET_TYPES = {"Epic": "Ancillary"}
_RARITIES = {"Very Rare": "UltraRare", "VeryRare": "UltraRare", "Very_Rare": "UltraRare", "Ultra Rare": "UltraRare"}
_DAMAGE = {"Negative Energy": "Negative", "NegativeEnergy": "Negative", "Negative_Energy": "Negative"}
_MEZ = {
    "Confuse": "Confused",
    "Hold": "Held",
    "Immobilize": "Immobilized",
    "Stun": "Stunned",
    "Terrorize": "Terrorized",
}


def _effect(prefixed: Mapping[str, str], type_key: str, attribute_key: str) -> RecordShape:
    """`attribute` says which damage or which status effect is meant; which of both, only the names tell."""
    lines = "\n".join(f"{key} {field}" for key, field in prefixed.items())
    return record_shape(
        lines,
        kept=attribute_key,
        effect_type=Named(type_key, "effect_type"),
        damage_type=Named(attribute_key, "damage", _DAMAGE),
        mez_type=Named(attribute_key, "mez", _MEZ),
    )


_ARCHETYPE = record_shape(
    """
    name class_name
    display_name display_name
    description description_long
    hit_points_base hitpoints
    hit_points_max hitpoint_cap
    primary_category primary_group
    secondary_category secondary_group
    threat_level base_threat
    """,
    required="id name display_name hit_points_base primary_category secondary_category",
    kept=(
        "id icon damage_scalar survivability melee_damage ranged_damage buff_defense debuff_defense "
        "buff_hit_points resistance primary_powersets secondary_powersets"
    ),
)

_POWERSET = record_shape(
    """
    name full_name
    display_name display_name
    description description
    icon image_name
    archetype_id:name archetype_class
    """,
    # Not archetype_id: a pool belongs to no archetype, and null is as good as absent.
    required="id name set_type",
    kept="id archetype_id powers",
    set_type=Named("set_type", "power_set_type", _POWER_SET_TYPES),
)

_POWER = record_shape(
    """
    powerset_id:name set_name
    name power_name
    display_name display_name
    level_available level
    description description_long
    range range
    endurance_cost endurance_cost
    recharge_time recharge_time
    cast_time cast_time
    effects effects
    allowed_enhancements boosts_allowed
    """,
    # Without the name of its set a power would belong to none.
    required="id powerset_id powerset_id:name name level_available",
    kept="id powerset_id icon target_type max_slots prerequisites",
    full_name=FullName("powerset_id:name", ("name",)),
    power_type=Named("power_type", "power_type", _POWER_TYPES),
)

_ENHANCEMENT = record_shape(
    """
    name uid
    display_name name
    level_min level_min
    level_max level_max
    recipe_id:name recipe_name
    """,
    required="id name type_class",
    kept="id enhancement_set_id bonuses set_bonuses recipe_id salvage_required",
    type_id=Named("type_class", "enhancement_type"),
)

_RECIPE = record_shape(
    """
    :name internal_name
    display_name external_name
    enhancement_id:name enhancement_uid
    salvage_required:levels entries
    """,
    ignored="name salvage_required",
    required="id enhancement_id rarity",
    kept="id enhancement_id level_min level_max recipe_type cost_influence cost_merits",
    rarity=Named("rarity", "rarity", _RARITIES),
)

_RECIPE_ENTRY = record_shape(
    """
    level level
    ingredients ingredients
    """
)

_RECIPE_INGREDIENT = record_shape(
    """
    salvage_id:name salvage_name
    quantity count
    """,
    kept="salvage_id rarity",
)

_SALVAGE = record_shape(
    """
    name internal_name
    display_name external_name
    level_min level_min
    level_max level_max
    """,
    required="id name rarity origin",
    kept="id description icon sell_price buy_price",
    rarity=Named("rarity", "rarity", _RARITIES),
    origin=Named("origin", "salvage_origin"),
)

DATA_EXPORTER = Shape(
    "data_exporter",
    defaults=False,
    partial=True,
    records={
        "archetype": _ARCHETYPE,
        "powerset": _POWERSET,
        "power": _POWER,
        "effect": _effect(
            {"magnitude": "magnitude", "duration": "duration", "chance": "base_probability"}, "effect_type", "attribute"
        ),
        "enhancement": _ENHANCEMENT,
        "recipe": _RECIPE,
        "recipe_entry": _RECIPE_ENTRY,
        "recipe_ingredient": _RECIPE_INGREDIENT,
        "salvage": _SALVAGE,
    },
)
"""archetypes, powersets, powers, enhancements, recipes and salvage."""

DATA_EXPORTER_I12 = Shape(
    "data_exporter_i12",
    defaults=False,
    partial=True,
    records={
        "power": record_shape(
            """
            PowersetName set_name
            Name power_name
            DisplayName display_name
            Description description_long
            Level level
            Accuracy accuracy
            EnduranceCost endurance_cost
            RechargeTime recharge_time
            ActivationTime cast_time
            Range range
            Radius radius
            MaxTargets max_targets
            Effects effects
            EnhancementTypes boosts_allowed
            RequiresLineOfSight target_line_of_sight
            """,
            required="PowersetName",
            kept="TargetType PowerCategory IconName DisplayOrder AllowedSlots Requirements",
            full_name=FullName("PowersetName", ("InternalName", "Name")),
            power_type=Named("PowerType", "power_type", _POWER_TYPES),
        ),
        "effect": _effect(
            {
                "Scale": "scale",
                "Magnitude": "magnitude",
                "Duration": "duration",
                "Chance": "base_probability",
            },
            "EffectType",
            "Attribute",
        ),
    },
)
"""I12_powers.json, and I12_extracted.txt as `readers.i12_text` writes it."""
