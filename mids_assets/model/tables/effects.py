"""The effect record: one declaration, used by the effects of powers and of enhancements."""

from mids_assets.model.columns import boolean, enum, flags, integer, name, number, prose
from mids_assets.model.table import Column, Reference


def _attributes(prefix: str, which: str) -> tuple[Column, ...]:
    """The twelve values of a ModifyAttrib effect, before (`attrib_original_`) or after (`attrib_modified_`)."""

    def meaning(attribute: str, unset: str = "-1") -> str:
        return f"ModifyAttrib: {which} {attribute.replace('_', ' ')}; {unset} = unset."

    def float_(attribute: str, unit: str) -> Column:
        return number(f"{prefix}_{attribute}", meaning(attribute), unit=unit)

    return (
        float_("accuracy", "multiplier"),
        float_("activate_period", "seconds"),
        integer(f"{prefix}_arc", meaning("arc"), unit="degrees"),
        float_("cast_time", "seconds"),
        *enum(f"{prefix}_effect_area", "effect_area", meaning("effect_area", "None")),
        float_("endurance_cost", "endurance"),
        float_("interrupt_time", "seconds"),
        integer(f"{prefix}_max_targets", meaning("max_targets")),
        float_("radius", "feet"),
        float_("range", "feet"),
        float_("recharge_time", "seconds"),
        float_("secondary_range", "feet"),
    )


EFFECT: tuple[Column | Reference, ...] = (
    name("power_full_name", "Owner as written in the record; informational, often stale or empty."),
    integer("unique_id", "Number given by the source's import; not unique.", hashed=False),
    *enum("effect_class", "effect_class", "Rank in the display."),
    *enum("effect_type", "effect_type", "What the effect does."),
    *enum("damage_type", "damage", "Kind of damage, defence or resistance."),
    *enum("mez_type", "mez", "Status effect."),
    *enum(
        "modifies_effect_type", "effect_type", "Effect type that is changed, for Enhancement, ResEffect and the like."
    ),
    name("summon", "Summoned entity or granted power, as written."),
    Reference("summoned_entity", "summoned_entity", "Entity that an EntCreate effect calls.", raw="summon"),
    Reference("granted_power", "power", "Power that any other effect names in `summon`.", raw="summon"),
    number("delayed_time", "Delay before the effect applies.", unit="seconds"),
    integer("ticks", "Number of applications; 0 or 1 = once."),
    *enum("stacking", "stacking", "Whether it stacks with itself."),
    number("base_probability", "Chance to apply; whole numbers above 1 occur in good files.", unit="fraction"),
    *flags("suppression", "suppress", "Events that suspend the effect."),
    boolean("buffable", "Whether buffs change it."),
    boolean("resistible", "Whether resistance reduces it."),
    *enum("special_case", "special_case", "Condition code of older data."),
    boolean("variable_modified_override", "Whether the power's slider leaves it alone."),
    boolean("ignore_scaling", "Whether it never scales."),
    *enum("pv_mode", "pvx", "Against whom it works: any, PvE or PvP."),
    *enum("to_who", "to_who", "Who is affected."),
    *enum("display_percentage_override", "override_boolean", "Forces or forbids display in percent."),
    number("scale", "Factor on the modifier table's value.", unit="multiplier"),
    number("magnitude", "Magnitude before scale and modifier."),
    number("duration", "Duration before scale and modifier.", unit="seconds"),
    *enum("attrib_type", "attrib_type", "Which quantity the modifier table scales."),
    *enum("aspect", "aspect", "Which aspect of the attribute changes."),
    name("modifier_table", "Attribute modifier table, as written."),
    Reference(
        "attribute_modifier_table", "attribute_modifier_table", "Attribute modifier table.", raw="modifier_table"
    ),
    boolean("near_ground", "Whether the target must be near the ground."),
    boolean("cancel_on_miss", "Whether a miss stops the effects that follow."),
    boolean("requires_to_hit_check", "Whether it makes a to-hit roll of its own."),
    name("class_name", "Class that the effect is restricted to, as written; mostly empty."),
    Reference("archetype", "archetype", "Class that the effect is restricted to.", raw="class_name"),
    prose("duration_expression", "Formula for the duration; counts when attrib_type is Expression."),
    prose("magnitude_expression", "Formula for the magnitude; counts when attrib_type is Expression."),
    prose("probability_expression", "Formula for the probability; counts when attrib_type is Expression."),
    name("reward", "Reward or token; mostly empty."),
    name("effect_id", "Tag that global chance modifiers address, as written."),
    Reference("effect_tag", "effect_tag", "Tag that global chance modifiers address.", raw="effect_id"),
    boolean("ignore_ed", "Whether enhancement diversification is left out."),
    name("override", "PowerRedirect: the power that takes over, as written."),
    Reference("redirect_power", "power", "Power that takes over.", raw="override"),
    number("procs_per_minute", "0 = no proc; above 0 it replaces the probability.", unit="1/minute"),
    *enum("power_attrib", "power_attribs", "ModifyAttrib: which attribute of the power changes."),
    *_attributes("attrib_original", "old"),
    *_attributes("attrib_modified", "new"),
)
