"""The keys of a power file that are read, with their types; every one of them must be there.

Not read, because neither the model nor a planner has a use for it: looks (fx, custom_fx), texts of the combat log,
places in the tray, and the fields of the engine that no file sets. They stay in the raw JSON.
Does not belong here: what the values mean (`powers`, `effects`).
Source: formats city_of_data.md, sections 4 and 5.
"""

from __future__ import annotations

import msgspec

from mids_assets.readers.city_of_data.typed import Int32


class Suppression(msgspec.Struct, gc=False):
    event: str


class Params(msgspec.Struct, gc=False):
    """What a template acts on; which keys are there depends on `type`."""

    type: str
    power_names: list[str] = []
    entity_def: str | None = None
    redirects: list[str] = []
    tags: list[str] = []
    category_names: list[str] = []
    powerset_names: list[str] = []
    tokens: list[str] = []


class Template(msgspec.Struct, gc=False):
    attribs: list[str]
    type: str
    aspect: str
    target: str
    table: str
    scale: float
    duration: str
    magnitude: float
    delay: float
    duration_expression: str
    magnitude_expression: str
    application_period: float
    tick_chance: float
    stack: str
    flags: list[str]
    mode_name: str | None
    params: Params | None


class Node(msgspec.Struct, gc=False):
    tags: list[str]
    chance: float
    ppm: float
    delay: float
    is_pvp: str
    templates: list[Template]
    child_effects: list[Node]


class Redirect(msgspec.Struct, gc=False):
    name: str
    condition_expression: str


class PowerFile(msgspec.Struct, gc=False):
    full_name: str
    display_name: str
    display_help: str
    display_short_help: str
    type: str
    requires: str
    available_level: Int32
    accuracy: float
    attack_types: list[str]
    number_allowed: Int32
    number_of_charges: Int32
    caster_near_ground: bool
    target_near_ground: bool
    cast_when_dead: str
    cast_through: list[str]
    notify_ai_when: str
    effect_area: str
    max_targets_hit: Int32
    radius: float
    arc: float
    range: float
    range_secondary: float
    activation_time: float
    root_time: float
    interrupt_time: float
    recharge_time: float
    activate_period: float
    endurance_cost: float
    power_lifetime: float
    power_lifetime_ingame: float
    toggle_on_time: float
    target_type: str
    target_type_secondary: str | None
    target_visibility: str
    targets_affected: list[str]
    targets_autohit: list[str]
    boosts_allowed: list[str]
    allowed_boostset_cats: list[str]
    exclusion_groups: list[str]
    recharge_groups: list[str]
    modes_required: list[str]
    modes_disallowed: list[str]
    ignore_strength: bool
    strengths_disallowed: list[str]
    global_strengths_disallowed: list[str]
    do_not_save: bool
    max_boosts: Int32
    auto_issue: bool
    redirect: list[Redirect]
    effects: list[Node]
    activation_effects: list[Node]
