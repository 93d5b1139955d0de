"""The small binary files: Salvage, GlobalMods, SData, Compare, AttribMod, UdData.

Only declarations; each has had one layout. Source: formats items.md 3.3 to 3.8 and items.yaml.
"""

from mids_assets.readers.layout import Family, Field, N, f32, flag, i32, many, record, text

SALVAGE_RECORD = record(
    "salvage",
    *text("internal_name external_name"),
    *i32("rarity level_min level_max origin"),
)

SALVAGE = Family(
    kind="salvage",
    root="file",
    generations=(("s0", ("Mids Reborn Salvage Database", "Mids' Hero Designer Salvage Database"), "2019-06-05", None),),
    records=(SALVAGE_RECORD, record("file", *text("magic"), many("items", SALVAGE_RECORD))),
)

GLOBALMODS = Family(
    kind="globalmods",
    root="file",
    generations=(("g0", (), "2020-11-14", None),),
    records=(record("file", many("effect_ids", "string", N)),),
)

INCARNATE_FLAG = record("incarnate_flag", *text("name"), *flag("enabled"))

SDATA = Family(
    kind="sdata",
    root="file",
    generations=(("d0", ("Mids Reborn Server Data",), "2022-04-19", None),),
    records=(
        INCARNATE_FLAG,
        record(
            "file",
            *text("magic manifest_uri"),
            *i32("max_slots"),
            *f32(
                "base_fly_speed base_jump_height base_jump_speed base_perception base_run_speed base_to_hit "
                "max_fly_speed max_jump_speed max_run_speed",
            ),
            *flag("enable_inherent_slotting"),
            *i32("health_slots health_slot1_level health_slot2_level"),
            *i32("stamina_slots stamina_slot1_level stamina_slot2_level"),
            Field("enabled_incarnates", "array", "incarnate_flag", "record", N, optional_at_end=True),
        ),
    ),
)

COMPARE_OVERRIDE = record("compare_override", *text("powerset power override"))

COMPARE = Family(
    kind="compare",
    root="file",
    generations=(
        ("c0", ("Mids Reborn Comparison Overrides", "Mids' Hero Designer Comparison Overrides"), "2019-06-05", None),
    ),
    records=(COMPARE_OVERRIDE, record("file", *text("magic"), many("overrides", COMPARE_OVERRIDE))),
)

ATTRIBMOD_ROW = record("attribmod_row", many("values", "f32"))
ATTRIBMOD_TABLE = record("attribmod_table", *text("id"), *i32("base_index"), many("rows", ATTRIBMOD_ROW, 55))

ATTRIBMOD = Family(
    kind="attribmod",
    root="file",
    generations=(
        (
            "a0",
            ("Mids Reborn Attribute Modifier Tables", "Mids' Hero Designer Attribute Modifier Tables"),
            "2019-06-05",
            None,
        ),
    ),
    records=(
        ATTRIBMOD_ROW,
        ATTRIBMOD_TABLE,
        record(
            "file",
            *text("magic"),
            *i32("revision"),
            Field("revision_date", "datetime"),
            *text("source_index source_tables"),
            many("tables", ATTRIBMOD_TABLE),
        ),
    ),
)

UDDATA = Family(
    kind="uddata",
    root="file",
    generations=(("u0", ("Mids Reborn Update Data",), "2022-04-18", "2022-04-19"),),
    records=(record("file", *text("magic manifest_uri")),),
)
