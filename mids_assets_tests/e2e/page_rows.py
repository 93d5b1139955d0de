"""What the database holds of what the page shows: the rows that a test compares with.

Does not belong here: the comparison (page_checks.py), the way to a page (test_page.py).
"""

from __future__ import annotations

from typing import Any

from mids_assets_tests.e2e.page_site import SAMPLED, Site


def effects(site: Site, realm: str, level: int) -> list[tuple[Any, ...]]:
    """Damage and status effects of some powers of each kind, at their own class: power, class, effect type, damage type
    or status effect, attrib_type, scale x modifier, magnitude, chance, ticks, duration."""
    wanted = f"""
        SELECT p.full_name, a.name, e.effect_type, coalesce(nullif(e.damage_type, 'None'), e.mez_type), e.attrib_type,
               e.scale * m.value, e.magnitude, e.base_probability, e.ticks, e.duration
        FROM {realm}_v1.power p JOIN {realm}_v1.powerset s ON s.id = p.powerset_id
        JOIN {realm}_v1.archetype a ON a.id = s.archetype_id JOIN {realm}_v1.power_effect e ON e.power_id = p.id
        JOIN {realm}_v1.attribute_modifier m ON m.table = e.attribute_modifier_table
             AND m.level = {level - 1} AND m.column = a.modifier_column
        WHERE p.forced_class_id IS NULL AND p.id = ANY(%s) AND e.effect_type IN ('Damage', 'Mez')
        AND e.attrib_type IN ('Magnitude', 'Duration') ORDER BY 1"""
    powers = f"""
        SELECT DISTINCT ON (e.effect_type, e.attrib_type, e.ticks > 1) p.id FROM {realm}_v1.power p
        JOIN {realm}_v1.power_effect e ON e.power_id = p.id JOIN {realm}_v1.powerset s ON s.id = p.powerset_id
        WHERE e.effect_type IN ('Damage', 'Mez') AND s.archetype_id IS NOT NULL AND p.forced_class_id IS NULL
        AND e.attrib_type <> 'Expression'"""
    return site.query(wanted, [number for (number,) in site.query(powers)])


def bonuses(site: Site, realm: str) -> tuple[str, list[tuple[Any, ...]]]:
    """The set with the most bonuses: its uid, and of each effect kind, pieces, power, value, aspect, effect type."""
    (uid,) = site.query(
        f"""SELECT s.uid FROM {realm}_v1.enhancement_set s JOIN {realm}_v1.enhancement_set_bonus b
            ON b.enhancement_set_id = s.id GROUP BY s.uid ORDER BY count(*) DESC, s.uid LIMIT 1"""
    )[0]
    rows = site.query(
        f"""SELECT b.kind, b.slotted, p.display_name, e.scale * e.magnitude * m.value, e.aspect, e.effect_type
            FROM {realm}_v1.enhancement_set s JOIN {realm}_v1.enhancement_set_bonus b ON b.enhancement_set_id = s.id
            JOIN {realm}_v1.power p ON p.id = b.power_id LEFT JOIN {realm}_v1.power_effect e ON e.power_id = p.id
            LEFT JOIN {realm}_v1.attribute_modifier m ON m.table = e.attribute_modifier_table AND m.level = 49
                 AND m.column = (SELECT min(modifier_column) FROM {realm}_v1.archetype WHERE playable)
            WHERE s.uid = %s""",
        uid,
    )
    return uid, rows


def boosts(site: Site, realm: str) -> tuple[int, int, list[float]]:
    """The invention that boosts most: its id, 0-based level, and how much of each aspect as a fraction."""
    return site.query(
        f"""SELECT e.id, e.level_max, array_agg(s.value * f.multiplier ORDER BY f.position)
            FROM {realm}_v1.enhancement e
            JOIN {realm}_v1.enhancement_effect f ON f.enhancement_id = e.id AND NOT f.has_fx
            JOIN {realm}_v1.enhancement_strength s ON s.schedule = f.schedule AND s.level = e.level_max
                 AND s.grade = 'invention'
            WHERE e.type_id IN ('InventO', 'SetO') AND NOT e.superior GROUP BY 1, 2 ORDER BY count(*) DESC, 1 LIMIT 1"""
    )[0]


def recipes(site: Site, realm: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """Two recipes with a level each: one that takes much, and another one."""
    number, level = site.query(
        f"""SELECT l.recipe_id, l.level FROM {realm}_v1.recipe_level l JOIN {realm}_v1.recipe_salvage s
            ON (s.recipe_id, s.level) = (l.recipe_id, l.level) WHERE l.craft_cost > 0
            GROUP BY 1, 2 ORDER BY count(*) DESC, 1, 2 LIMIT 1"""
    )[0]
    other = site.query(
        f"SELECT recipe_id, level FROM {realm}_v1.recipe_salvage WHERE recipe_id <> {number} ORDER BY 1, 2 LIMIT 1"
    )[0]
    return (number, level), other


def changes(site: Site) -> list[tuple[Any, ...]]:
    """What the published release of the sample changed: table, key, field, value before and after."""
    return site.query(
        """SELECT table_name, natural_key, field, old_value, new_value FROM mids.release_change
           WHERE realm = %s AND release_id = (SELECT id FROM mids.release WHERE realm = %s AND state = 'published')""",
        SAMPLED,
        SAMPLED,
    )
