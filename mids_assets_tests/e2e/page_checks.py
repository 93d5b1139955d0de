"""What the page says, compared with what the database holds; and what keeps people out of it.

Does not belong here: how a page is reached (test_page.py).
"""

from __future__ import annotations

import re
from typing import Any

from mids_assets_tests.e2e.page_site import HOSTILE, SAMPLED, Site


def tells(
    sentence: str,
    kind: str,
    type_: str,
    attrib: str,
    scaled: float,
    magnitude: float,
    chance: float | None,
    ticks: int | None,
    duration: float,
) -> bool:
    """Whether it is the sentence of an effect."""
    if type_.lower() not in sentence.lower() and "all types" not in sentence.lower():
        return False
    strength, time = (scaled * magnitude, duration) if attrib == "Magnitude" else (magnitude, scaled)
    if kind == "Damage":
        fits = says(sentence, r"damage (-?[\d.,]+)", -strength)
    else:
        fits = says(sentence, r"of magnitude (-?[\d.,]+)", abs(strength)) and (strength < 0) == (
            "protection" in sentence.lower()
        )
    if ticks and ticks > 1:
        fits = fits and f", {ticks} ticks" in sentence
    elif kind == "Mez" and attrib == "Duration" and 0 < time < 9999:
        fits = fits and ("while it is on" in sentence or says(sentence, r"for ([\d.,]+) s", time))
    if chance is not None and chance < 1 and "a minute" not in sentence:
        fits = fits and says(sentence, r"([\d.,]+) % chance", chance * 100)
    return fits


def says(sentence: str, pattern: str, number: float) -> bool:
    """Whether the number in that place is this one, as far as it is written out."""
    return any(abs(float(text.replace(",", "")) - number) <= 0.0051 for text in re.findall(pattern, sentence))


def check_sums(site: Site, realm: str, page: Any, items: list[tuple[int, int, int]]) -> None:
    values = ", ".join(f"({recipe}, {level}, {quantity})" for recipe, level, quantity in items)
    costs = site.query(
        f"""SELECT sum(l.buy_cost * n)::int, sum(l.craft_cost * n)::int FROM (VALUES {values}) i (recipe, level, n)
            JOIN {realm}_v1.recipe_level l ON (l.recipe_id, l.level) = (i.recipe, i.level)"""
    )[0]
    salvage = site.query(
        f"""SELECT coalesce(a.external_name, a.internal_name, s.salvage_name), sum(s.count * n)::int
            FROM (VALUES {values}) i (recipe, level, n)
            JOIN {realm}_v1.recipe_salvage s ON (s.recipe_id, s.level) = (i.recipe, i.level)
            LEFT JOIN {realm}_v1.salvage a ON a.id = s.salvage_id GROUP BY 1"""
    )
    page.locator("#salvage tr").first.wait_for()
    sums = [_number(text) for text in page.locator("table.sums:not(#salvage) td").all_inner_texts()]
    assert sums == [*costs, sum(costs)]
    rows = [row.inner_text().split("\t") for row in page.locator("#salvage tr").all()]
    assert sorted((name, _number(count)) for name, count in rows) == sorted(salvage)


def _number(text: str) -> int:
    return int(text.replace(",", ""))


def pages(site: Site, realm: str) -> list[str]:
    """One address of each kind; of a real release those with the most on them."""
    first = {
        path: site.query(f"SELECT id FROM {realm}_v1.{table} ORDER BY id DESC LIMIT 1")[0][0]
        for path, table in (
            ("archetypes", "archetype"),
            ("powersets", "powerset"),
            ("powers", "power"),
            ("enhancement-sets", "enhancement_set"),
            ("enhancements", "enhancement"),
            ("recipes", "recipe"),
            ("salvage", "salvage"),
            ("summoned-entities", "summoned_entity"),
        )
    }
    ((busiest,),) = site.query(
        f"SELECT power_id FROM {realm}_v1.power_effect GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
    )
    ((recipe, level),) = site.query(f"SELECT recipe_id, level FROM {realm}_v1.recipe_salvage LIMIT 1")
    large = ["/archetypes", "/enhancement-sets", f"/shopping?list={recipe}.{level}.2", f"/powers/{busiest}"]
    if realm != SAMPLED:
        return large
    return ["", "/powersets", *large, *(f"/{path}/{number}" for path, number in first.items())]


def violations(page: Any, options: dict[str, Any]) -> list[tuple[str, list[str]]]:
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return [(each["id"], [node["html"] for node in each["nodes"]][:3]) for each in found]


def check_hostile_text(page: Any) -> None:
    """Markup in a description is text, but for what is allowed."""
    prose = page.locator(".prose")
    first, second = HOSTILE.split("<br>")
    assert prose.inner_text() == f"{first}\n{second.replace('<b>', '').replace('</b>', '')}"
    assert prose.locator("br").count() == 1
    assert prose.locator("script, img, b").count() == 0
    assert page.evaluate("window.broken") is None
