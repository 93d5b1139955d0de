"""I12.mhd, the main database: archetypes, powersets, powers with their effects, summoned entities.

Only declarations. The effect record is shared with EnhDB.mhd (`readers.layouts.enhdb`).
Source: formats i12.md and i12.yaml; every generation from 2019-06 to today is listed, oldest first.
"""

from mids_assets.readers.layout import Family, Field, N, f32, flag, i32, many, marker, one, record, text

MK2 = "Mids' Hero Designer Database MK II"
MRB = "Mids Reborn Powers Database"

REVISION_INFO = record(
    "revision_info",
    *i32("revision"),
    Field("revision_date", "datetime"),
    *text("source_file"),
)

HEADER = record(
    "header",
    *text("magic"),
    *f32("version_f32", until="h9"),
    Field("version_f64", "f64", since="h9", until="r1"),
    *text("version", since="r1"),
    *i32("date_sentinel"),
    Field("date_month", "i32", when=("date_sentinel", ">", 0)),
    Field("date_day", "i32", when=("date_sentinel", ">", 0)),
    Field("date", "datetime", when=("date_sentinel", "<=", 0)),
    *i32("issue"),
    *i32("page_volume", since="h9"),
    *text("page_volume_text", since="h9"),
)

ARCHETYPE = record(
    "archetype",
    *text("display_name"),
    *i32("hitpoints"),
    *f32("hitpoint_cap"),
    *text("description_long"),
    *f32("resistance_cap"),
    many("origins", "string"),
    *text("class_name"),
    *i32("class_type modifier_column"),
    *text("description_short primary_group secondary_group"),
    *flag("playable"),
    *f32(
        "recharge_cap damage_cap recovery_cap regeneration_cap base_recovery base_regeneration "
        "base_threat perception_cap",
    ),
)

MUTEX_SET = record(
    "mutex_set",
    *text("powerset_full_name"),
    *i32("powerset_index"),
)

POWERSET = record(
    "powerset",
    *text("display_name"),
    *i32("archetype_index set_type"),
    *text(
        "image_name full_name set_name description sub_name archetype_class trunk_set link_secondary",
    ),
    many("mutex_sets", MUTEX_SET),
)

POWER_PAIR = record(
    "power_pair",
    *text("power_a power_b"),
)

REQUIREMENT = record(
    "requirement",
    many("classes", "string"),
    many("classes_not", "string"),
    many("powers", POWER_PAIR),
    many("powers_not", POWER_PAIR),
)

CONDITIONAL = record(
    "conditional",
    *text("key value"),
)

EFFECT = record(
    "effect",
    *text("power_full_name"),
    *i32("unique_id effect_class effect_type damage_type mez_type modifies_effect_type"),
    *text("summon"),
    *f32("delayed_time"),
    *i32("ticks stacking"),
    *f32("base_probability"),
    *i32("suppression"),
    *flag("buffable resistible"),
    *i32("special_case"),
    *flag("variable_modified_override"),
    *flag("ignore_scaling", since="h8"),
    *i32("pv_mode to_who display_percentage_override"),
    *f32("scale magnitude duration"),
    *i32("attrib_type aspect"),
    *text("modifier_table"),
    *flag("near_ground cancel_on_miss requires_to_hit_check"),
    *text("class_name"),
    *i32("class_index"),
    *text("magnitude_expression", until="r2"),
    *text("duration_expression magnitude_expression probability_expression", since="r2"),
    *text("reward effect_id"),
    *flag("ignore_ed"),
    *text("override"),
    *f32("procs_per_minute"),
    *i32("power_attrib", since="h6"),
    *f32("attrib_original_accuracy attrib_original_activate_period", since="h6"),
    *i32("attrib_original_arc", since="h6"),
    *f32("attrib_original_cast_time", since="h6"),
    *i32("attrib_original_effect_area", since="h6"),
    *f32("attrib_original_endurance_cost attrib_original_interrupt_time", since="h6"),
    *i32("attrib_original_max_targets", since="h6"),
    *f32(
        "attrib_original_radius attrib_original_range attrib_original_recharge_time "
        "attrib_original_secondary_range attrib_modified_accuracy attrib_modified_activate_period",
        since="h6",
    ),
    *i32("attrib_modified_arc", since="h6"),
    *f32("attrib_modified_cast_time", since="h6"),
    *i32("attrib_modified_effect_area", since="h6"),
    *f32("attrib_modified_endurance_cost attrib_modified_interrupt_time", since="h6"),
    *i32("attrib_modified_max_targets", since="h6"),
    *f32(
        "attrib_modified_radius attrib_modified_range attrib_modified_recharge_time attrib_modified_secondary_range",
        since="h6",
    ),
    many("conditionals", CONDITIONAL, N, since="h6"),
)

POWER = record(
    "power",
    *i32("static_index"),
    *text("full_name group_name set_name power_name display_name"),
    *i32("available_level"),
    one("requires", REQUIREMENT),
    *i32("modes_required modes_disallowed power_type"),
    *f32("accuracy"),
    *i32("attack_types"),
    many("group_membership", "string"),
    *i32("entities_affected entities_auto_hit target"),
    *flag("target_line_of_sight"),
    *f32("range"),
    *i32("target_secondary"),
    *f32("range_secondary endurance_cost interrupt_time cast_time recharge_time"),
    *f32("base_recharge_time", since="h2"),
    *f32("activate_period"),
    *i32("effect_area"),
    *f32("radius"),
    *i32("arc max_targets"),
    *text("max_boosts"),
    *i32("cast_flags ai_report num_charges usage_time life_time life_time_in_game num_allowed"),
    *flag("do_not_save"),
    many("boosts_allowed", "string"),
    *flag("cast_through_hold ignore_strength"),
    *text("description_short description_long"),
    many("enhancement_class_ids", "i32", since="h3"),
    many("set_type_ids", "i32"),
    *flag("click_buff always_toggle"),
    *i32("level"),
    *flag("allow_front_loading variable_enabled"),
    *flag("variable_override", since="h5"),
    *text("variable_name"),
    *i32("variable_min variable_max"),
    many("sub_powers", "string"),
    many("ignore_enhancements", "i32"),
    many("ignore_buffs", "i32"),
    *flag("skip_max"),
    *i32("inherent_type", since="h4"),
    *i32("display_location"),
    *flag(
        "mutex_auto mutex_ignore absorb_summon_effects absorb_summon_attributes "
        "show_summon_anyway never_auto_update never_auto_update_requirements include_flag",
    ),
    *text("forced_class"),
    *flag("sort_override boost_boostable boost_use_player_level"),
    many("effects", EFFECT),
    *flag("hidden_power"),
    *flag("active taken", since="h6"),
    *i32("stacks", since="h6"),
    *i32("variable_start", since="h7"),
)

SUMMONED_ENTITY = record(
    "summoned_entity",
    *text("uid display_name"),
    *i32("entity_type"),
    *text("class_name"),
    many("powersets", "string", N),
    many("upgrade_powers", "string", N),
)

FILE = record(
    "file",
    one("header", HEADER),
    marker("archetypes_marker", "BEGIN:ARCHETYPES"),
    one("archetype_revision", REVISION_INFO, until="r3"),
    many("archetypes", ARCHETYPE),
    marker("powersets_marker", "BEGIN:POWERSETS"),
    one("powerset_revision", REVISION_INFO, until="r3"),
    many("powersets", POWERSET),
    marker("powers_marker", "BEGIN:POWERS"),
    one("power_revision", REVISION_INFO, until="r3"),
    one("power_level_revision", REVISION_INFO, until="r3"),
    one("power_effect_revision", REVISION_INFO, until="r3"),
    one("io_assignment_revision", REVISION_INFO, until="r3"),
    many("powers", POWER),
    marker("summons_marker", "BEGIN:SUMMONS"),
    many("entities", SUMMONED_ENTITY),
)

I12 = Family(
    kind="i12",
    root="file",
    generations=(
        ("h1", (MK2,), "2019-06-05", "2019-09-27"),
        ("h2", (MK2,), "2019-09-27", "2019-10-16"),
        ("h3", (MK2,), "2019-10-16", "2020-06-29"),
        ("h4", (MK2,), "2020-06-29", "2020-09-23"),
        ("h5", (MK2,), "2020-09-23", "2020-10-24"),
        ("h6", (MK2,), "2020-10-24", "2021-02-11"),
        ("h7", (MK2,), "2021-02-11", "2021-08-01"),
        ("h8", (MK2,), "2021-08-01", "2021-12-05"),
        ("h9", (MK2,), "2021-12-05", "2022-02-01"),
        ("r1", (MRB,), "2022-02-01", "2022-04-16"),
        ("r2", (MRB,), "2022-04-16", "2022-04-18"),
        ("r3", (MRB,), "2022-04-18", None),
    ),
    records=(
        REVISION_INFO,
        HEADER,
        ARCHETYPE,
        MUTEX_SET,
        POWERSET,
        POWER_PAIR,
        REQUIREMENT,
        CONDITIONAL,
        EFFECT,
        POWER,
        SUMMONED_ENTITY,
        FILE,
    ),
)
