"""The page in a real browser, over the sample and a real release where there is one: its numbers are the database's."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from mids_assets_tests.e2e.browser import browser_page
from mids_assets_tests.e2e.page_checks import check_hostile_text, check_sums, pages, says, tells, violations
from mids_assets_tests.e2e.page_rows import bonuses, boosts, changes, effects, recipes
from mids_assets_tests.e2e.page_site import (
    POWER,
    REALISTIC,
    SAMPLED,
    Site,
    axe,
    second_sample,
    settled,
    with_modifiers,
)
from mids_assets_tests.mids_serve import mids_serve
from mids_assets_tests.real import SAMPLE, needs_real

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
REAL_ONE = [needs_real, pytest.mark.real]
REALMS = [SAMPLED, pytest.param(REALISTIC, marks=REAL_ONE)]
DAGSTER = "https://dagster.example.org"


@pytest.fixture(scope="module")
def site(world, tmp_path_factory) -> Iterator[Site]:
    realms = {"MIDS_REALMS": f"{SAMPLED},{REALISTIC}"}
    world.mids("import", str(SAMPLE), "--realm", SAMPLED, **realms)
    folder = with_modifiers(tmp_path_factory.mktemp("real") / "database")
    if folder:
        world.mids("import", str(folder), "--realm", REALISTIC, **realms)
    env = {**world.environment, **realms, "MIDS_DAGSTER_URL": DAGSTER}
    with mids_serve(env, tmp_path_factory.mktemp("log") / "serve.log") as served:
        yield Site(served, world)


@pytest.fixture(scope="module")
def two_releases(site, tmp_path_factory):
    """The sample as it was edited is published, if no test has done so yet."""
    if len(site.query("SELECT FROM mids.release WHERE realm = %s", SAMPLED)) == 1:
        second_sample(site.world, tmp_path_factory.mktemp("edited") / "sample")


@pytest.mark.parametrize("realm", REALMS)
def test_search_works_by_keyboard(site, realm):
    key, name = site.query(
        f"SELECT full_name, display_name FROM {realm}_v1.power WHERE full_name = %s OR full_name = %s",
        POWER,
        "Blaster_Ranged.Fire_Blast.Fire_Ball",
    )[0]
    with site.window(f"/{realm}") as page:
        page.keyboard.press("/")
        field = page.get_by_role("combobox", name="Search everything")
        assert field.evaluate("node => node === document.activeElement")
        page.keyboard.type(name[:-1].lower())
        hits = page.locator(".hits").get_by_role("option")
        hits.filter(has_text=name).first.wait_for()
        assert field.get_attribute("aria-expanded") == "true"
        page.keyboard.press("Escape")
        assert field.get_attribute("aria-expanded") == "false"
        page.keyboard.press("ArrowDown")
        chosen = page.locator(".hits").get_by_role("option", selected=True)
        for _ in range(hits.count()):
            if name in chosen.inner_text() and "power" in chosen.locator(".kind").inner_text().split():
                break
            page.keyboard.press("ArrowDown")
        assert field.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
        page.keyboard.press("Enter")
        heading = page.get_by_role("heading", name=name, exact=True)
        heading.wait_for()
        assert page.url.startswith(f"{site.served.url}/{realm}/powers/") and key.split(".")[-1] in page.url
        assert heading.evaluate("node => node === document.activeElement"), "the focus follows to the new page"
        assert page.title().startswith(name)


def test_an_answer_that_comes_late_changes_nothing(site):
    with site.window(f"/{SAMPLED}") as page:
        held = []

        def hold(route):
            held.append(route)

        page.route(re.compile(r"/search\?q=tor&"), hold)
        hits = page.locator(".hits").get_by_role("option")
        with page.expect_request(re.compile(r"/search\?q=tor&")):
            page.get_by_role("combobox", name="Search everything").press_sequentially("tor")
        page.keyboard.type("nis ward")
        hits.filter(has_text="Tornis Ward").first.wait_for()
        shown = hits.all_inner_texts()
        for route in held:
            route.fulfill(json={"data": []})
        page.keyboard.press("ArrowDown")
        assert len(held) == 1 and hits.all_inner_texts() == shown


@pytest.mark.parametrize(("realm", "level"), [(SAMPLED, 50), (SAMPLED, 7), pytest.param(REALISTIC, 22, marks=REAL_ONE)])
def test_the_numbers_of_a_power_are_those_of_the_database(site, realm, level):
    rows = effects(site, realm, level)
    assert {row[2] for row in rows} == {"Damage", "Mez"} and {row[4] for row in rows} == {"Magnitude", "Duration"}
    with site.window(f"/{realm}") as page:
        for key in sorted({row[0] for row in rows}):
            page.goto(f"{site.served.url}/{realm}/powers/{key}?level={level}")
            page.locator(".effects li").first.wait_for()
            said = [text.split("\n")[0] for text in page.locator(".effects > li").all_inner_texts()]
            for row in (row for row in rows if row[0] == key):
                assert any(tells(sentence, *row[2:]) for sentence in said), (row, said)


@pytest.mark.parametrize("realm", REALMS)
def test_the_bonuses_of_a_set_are_those_of_the_database(site, realm):
    uid, rows = bonuses(site, realm)
    assert len(rows) > 3
    with site.window(f"/{realm}/enhancement-sets/{uid}") as page:
        page.locator(".bonuses").wait_for()
        groups = [group.inner_text() for group in page.locator(".bonuses > div").all()]
    for kind, slotted, name, value, aspect, type_ in rows:
        heading = f"{slotted} pieces" if kind == "set" else "with "
        texts = [text for text in groups if text.startswith(heading) and name in text]
        assert texts, (heading, name, groups)
        if value is not None and aspect in ("Str", "Res") and type_ not in ("Mez", "GrantPower"):
            assert any(says(text, r"([+-]?[\d.,]+) %", value * 100) for text in texts), (name, value, texts)


def test_bonuses_of_powers_that_a_release_lacks_are_shown_by_name(site):
    """As in a release of City of Data, which names powers that it does not hold."""
    uid, _ = bonuses(site, SAMPLED)
    names = site.query(
        f"SELECT power_name FROM {SAMPLED}_v1.enhancement_set_bonus b JOIN {SAMPLED}_v1.enhancement_set s"
        " ON s.id = b.enhancement_set_id WHERE s.uid = %s",
        uid,
    )

    def without_powers(route):
        answer = route.fetch()
        value = answer.json()
        for row in value["data"]["enhancement_set_bonus"]:
            row |= {"power": None, "power_id": None}
        route.fulfill(response=answer, json=value)

    with site.window(f"/{SAMPLED}") as page:
        page.route("**/v1/realms/*/enhancement-sets/*", without_powers)
        page.goto(f"{site.served.url}/{SAMPLED}/enhancement-sets/{uid}")
        page.locator(".bonuses").wait_for()
        assert sorted(page.locator(".bonuses .dead").all_inner_texts()) == sorted(name for (name,) in names)


@pytest.mark.parametrize("realm", REALMS)
def test_what_an_enhancement_boosts_is_its_schedule_times_its_multiplier(site, realm):
    number, level, values = boosts(site, realm)
    with site.window(f"/{realm}/enhancements/{number}") as page:
        said = page.locator("section", has_text="What it boosts").locator("li")
        said.first.wait_for()
        for text, value in zip(said.all_inner_texts(), values, strict=True):
            assert says(text, r"([\d.,]+) % at level", value * 100) and text.endswith(f"at level {level + 1}")


@pytest.mark.parametrize("realm", REALMS)
def test_a_shopping_list_adds_up_and_can_be_handed_on(site, realm):
    (number, level), other = recipes(site, realm)
    wanted = [(number, level, 3), (*other, 1)]
    with site.window(f"/{realm}/recipes/{number}") as page:
        shown = level + 1 if level >= 0 else "any"
        page.get_by_role("button", name=f"Add level {shown} to the shopping list").click()
        page.goto(f"{site.served.url}/{realm}/recipes/{other[0]}")
        shown = other[1] + 1 if other[1] >= 0 else "any"
        page.get_by_role("button", name=f"Add level {shown} to the shopping list").click()
        page.get_by_role("status").get_by_role("link", name="shopping list").click()
        page.get_by_label("quantity").first.fill("3")
        page.wait_for_url(re.compile(r"\.3_"))
        check_sums(site, realm, page, wanted)
        address = page.url
        # It is kept in the browser.
        page.goto(f"{site.served.url}/{realm}/shopping")
        page.locator("#salvage tr").first.wait_for()
        assert page.url == address
        page.emulate_media(media="print")
        assert not page.locator("header").is_visible() and page.locator("#salvage").is_visible()
    with site.window(address.removeprefix(site.served.url)) as page:
        check_sums(site, realm, page, wanted)
        page.get_by_text("This list came with the address").wait_for()
        page.get_by_role("button", name="Back to my own").click()
        page.get_by_text("The list is empty").wait_for()
        page.goto(address)
        page.get_by_role("button", name="Keep this one").click()
        page.get_by_text("This list came with the address").wait_for(state="detached")


def test_a_powerset_lists_its_powers_with_levels_in_order(site):
    powerset, *_ = POWER.rpartition(".")
    rows = site.query(
        "SELECT p.display_name, p.level_available FROM homecoming_v1.power p JOIN homecoming_v1.powerset s"
        " ON s.id = p.powerset_id WHERE s.full_name = %s ORDER BY p.position",
        powerset,
    )
    with site.window(f"/{SAMPLED}/powersets/{powerset}") as page:
        levels = page.locator(".powers .level").all_inner_texts()
        names = page.locator(".powers a").all_inner_texts()
    assert list(zip(names, levels, strict=True)) == [(name, f"level {level}") for name, level in rows]


def test_what_an_expression_decides_is_shown_as_one(site):
    key, formula = site.query(
        "SELECT p.full_name, e.magnitude_expression FROM homecoming_v1.power_effect e JOIN homecoming_v1.power p"
        " ON p.id = e.power_id WHERE e.attrib_type = 'Expression' AND e.magnitude_expression <> '' LIMIT 1"
    )[0]
    with site.window(f"/{SAMPLED}/powers/{key}") as page:
        said = page.locator(".effects > li", has=page.locator("code")).first
        assert "is given by a formula that is not computed here" in said.inner_text()
        assert formula in said.inner_text()
        said.locator("summary").click()
        raw = said.get_by_role("row", name=re.compile("^attrib_type Expression"))
        raw.first.wait_for()


def test_a_power_leads_to_its_lineage_and_its_sets(site):
    key, type_ = site.query(
        "SELECT p.full_name, t.set_type FROM homecoming_v1.power_allowed_set_type t JOIN homecoming_v1.power p"
        " ON p.id = t.power_id JOIN homecoming_v1.enhancement_set s ON s.set_type = t.set_type LIMIT 1"
    )[0]
    sets = site.query("SELECT display_name FROM homecoming_v1.enhancement_set WHERE set_type = %s", type_)
    (name,) = site.query("SELECT name FROM homecoming_v1.set_type WHERE position = %s", type_)[0]
    with site.window(f"/{SAMPLED}/powers/{key}") as page:
        link = page.get_by_role("link", name="Where the table comes from")
        assert link.get_attribute("href") == f"{DAGSTER}/assets/{SAMPLED}/tables/power?view=lineage"
        details = page.locator("details", has_text=f"Sets of type {name}")
        details.locator("summary").click()
        details.get_by_role("link").first.wait_for()
        assert sorted(details.get_by_role("link").all_inner_texts()) == sorted(each for (each,) in sets)


@pytest.mark.parametrize("realm", REALMS)
def test_every_page_fits_a_phone_and_keeps_nobody_out(site, realm, tmp_path_factory):
    script = axe(tmp_path_factory.mktemp("axe"))
    tags = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
    with site.window(f"/{realm}", 360) as page:
        for path in pages(site, realm):
            page.goto(f"{site.served.url}/{realm}{path}")
            settled(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
            page.evaluate(script)
            assert violations(page, tags) == [], path
            page.emulate_media(color_scheme="dark")
            assert violations(page, {"runOnly": {"type": "rule", "values": ["color-contrast"]}}) == [], path
            page.emulate_media(color_scheme="light")


@needs_real
@pytest.mark.real
def test_another_realm_is_a_choice_away(site):
    ((version,),) = site.query("SELECT version FROM mids.release WHERE realm = %s AND state = 'published'", REALISTIC)
    with site.window(f"/{SAMPLED}") as page:
        page.get_by_label("Realm").select_option(REALISTIC)
        page.get_by_role("heading", name=f"What is in {REALISTIC}").wait_for()
        page.locator(".shown", has_text=f"Realm {REALISTIC}, version {version}").wait_for()


def test_what_is_not_there_is_said_with_what_to_do(site):
    with site.window(f"/{SAMPLED}/nonsense") as page:
        page.get_by_role("heading", name="There is no such page").wait_for()
    with site.window(f"/{SAMPLED}") as page:
        page.goto(f"{site.served.url}/nowhere")
        page.get_by_role("heading", name="There is no such page").wait_for()


def test_a_token_is_asked_for_and_stays_in_its_tab(site, tmp_path):
    login = {
        "MIDS_API_LOGIN": "token",
        "MIDS_API_JWT_SECRET": "a-key-of-at-least-thirty-two-bytes-for-tests",
        "MIDS_API_AUDIENCE": "mids",
    }
    token = site.world.mids("token", "--subject", "reader", "--role", "viewer", **login).stdout.strip()
    with (
        browser_page(1200, 900) as page,
        mids_serve({**site.world.environment, **login}, tmp_path / "serve.log") as served,
    ):
        page.goto(f"{served.url}/{SAMPLED}/powers/{POWER}")
        page.get_by_text("A token is needed.").wait_for()
        for text in ("nonsense", token):
            page.get_by_label("Token").fill(text)
            page.get_by_role("button", name="Use").click()
            page.get_by_role("button", name="Forget the token").wait_for()
            if text != token:
                page.get_by_text("A token is needed.").wait_for()
                page.get_by_role("button", name="Forget the token").click()
        page.get_by_role("heading", name=POWER.rsplit("_", 1)[-1]).wait_for()
        assert page.evaluate("Object.values(sessionStorage)") == [token]
        assert page.evaluate("Object.values(localStorage).length") == 0
        assert token not in page.url and token not in str(page.context.cookies())
        served.process.terminate()
        served.process.wait(60)
        page.get_by_role("link", name="Archetypes").first.click()
        page.get_by_text("No answer.").wait_for()
        page.get_by_text("Look whether the server runs").wait_for()


# From here on another release is published.
def test_a_release_that_is_published_meanwhile_is_offered_and_never_mixed_in(site, tmp_path):
    with site.window(f"/{SAMPLED}/powers/{POWER}") as page:
        settled(page)
        before = page.locator(".facts").inner_text()
        shown = page.locator(".shown").inner_text()
        second_sample(site.world, tmp_path / "second")
        # What is asked now is answered by the new release, and not shown beside the old one.
        page.get_by_text("Sets of type").first.click()
        page.get_by_text("This part is of a release that was published while the page was open.").first.wait_for()
        page.get_by_text("A new release was published. What you see is still the one before.").wait_for()
        assert page.locator(".facts").inner_text() == before
        page.get_by_role("button", name="Show the new release").first.click()
        page.get_by_text("77.5 s", exact=True).wait_for()
        assert page.locator(".shown").inner_text() != shown
        assert page.get_by_text("A new release was published").count() == 0
        check_hostile_text(page)


def test_what_changed_is_what_the_publish_noted(site, two_releases):
    rows = changes(site)
    before = next(old for _, _, field, old, _ in rows if field == "recharge_time")
    with site.window(f"/{SAMPLED}/changes") as page:
        power = page.locator(".changed", has=page.get_by_role("link", name="Velkra Lash"))
        power.wait_for()
        assert page.locator(".changed li").count() == len(rows)
        lines = power.locator("li").all_inner_texts()
        assert f"recharge time: {before:g} s → 77.5 s" in [line.replace("\n", " ") for line in lines]
        assert any(line.startswith("effect 1: scale: ") for line in lines)
        page.get_by_label("Table").select_option("attribute_modifier")
        power.wait_for(state="detached")
        page.locator(".changed li").first.wait_for()
        assert page.locator(".changed li").count() == sum(row[0] == "attribute_modifier" for row in rows)
        assert "table=attribute_modifier" in page.url
        page.get_by_label("Table").select_option("")
        power.get_by_role("link").click()
        page.get_by_text("its history").click()
        page.get_by_role("heading", name="0.1.1").wait_for()
        assert sorted(page.locator("li.changed").all_inner_texts()) == sorted(lines)
        settled(page)
