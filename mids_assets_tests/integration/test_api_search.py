"""The search of the API: what is found for what was typed, in which order, with and without the extension."""

from __future__ import annotations

from contextlib import closing

import pytest

from mids_assets.api.search import KINDS, search, words
from mids_assets.warehouse import trigrams
from mids_assets.warehouse.connection import connect
from mids_assets_tests.api_client import serving
from mids_assets_tests.made_up import made_up
from mids_assets_tests.published import forget, go, rows

PATH = "/v1/realms/homecoming/search"
SETS = {
    "Blaster_Ranged.Fire_Blast": ("Fire Blast", "Primary"),
    "Pets.Imp": ("Imp", "Pet"),
    "Blaster_Support.Ice": ("Ice Manipulation", "Secondary"),
}
POWERS = {
    "Blaster_Ranged.Fire_Blast.Fire_Ball": ("Fire Ball", "Moderate DMG(Fire/Smash)", "Hurls a ball.<br>Recharge: Slow"),
    "Blaster_Ranged.Fire_Blast.Fire_Blast": ("Fire Blast", "Ranged", "It heals nobody."),
    "Blaster_Ranged.Fire_Blast.Rain": ("Rain of Fire", "Location", "Burns [<5 Stacks: all] who stand in it."),
    "Pets.Imp.Fire_Ball": ("Fire Ball", None, None),
    "Blaster_Support.Ice.Patch": ("Ice Patch", "Slippery", "The <b>healing</b> of foes is slowed"),
    "Blaster_Support.Ice.Long": ("Long " + "x" * 5000, None, ""),
}


@pytest.fixture(scope="module")
def conn(server):
    with closing(connect(server, application_name="test")) as connection:
        forget(connection)
        yield connection


@pytest.fixture(scope="module")
def client(server, conn, tmp_path_factory):
    """A published realm, with names and texts of which the tests know what is to be found."""
    go(conn, server, made_up(5, share=1.0).write(tmp_path_factory.mktemp("build") / "tables"))
    ids = {
        table: [number for (number,) in rows(conn, f"SELECT id FROM homecoming.{table} ORDER BY id")]
        for table in ("powerset", "power")
    }
    with conn, conn.cursor() as cur:
        for table in ("archetype", "summoned_entity", "enhancement_set"):
            cur.execute(f"UPDATE homecoming.{table} SET display_name = 'Nobody'")
        cur.execute("UPDATE homecoming.powerset SET display_name = 'Nobody', description = NULL")
        cur.execute(
            "UPDATE homecoming.power SET display_name = 'Nobody', description_short = NULL, description_long = ''"
        )
        sets = dict(zip(SETS, ids["powerset"], strict=False))
        for key, (name, kind) in SETS.items():
            cur.execute(
                "UPDATE homecoming.powerset SET full_name = %s, display_name = %s, set_type = %s WHERE id = %s",
                (key, name, kind, sets[key]),
            )
        for number, (key, texts) in zip(ids["power"], POWERS.items(), strict=False):
            cur.execute(
                "UPDATE homecoming.power SET full_name = %s, powerset_id = %s, display_name = %s,"
                " description_short = %s, description_long = %s WHERE id = %s",
                (key, sets[key.rpartition(".")[0]], *texts, number),
            )
    assert len(ids["power"]) >= len(POWERS) and len(ids["powerset"]) >= len(SETS)
    with serving(server, cache_bytes=0) as found:
        yield found


def found(client, q: str, **more) -> list[dict]:
    answer = client.get(PATH, params={"q": q, **more})
    assert answer.status_code == 200, answer.text
    hits = answer.json()["data"]
    assert [hit["score"] for hit in hits] == sorted((hit["score"] for hit in hits), reverse=True)
    assert len({(hit["kind"], hit["id"]) for hit in hits}) == len(hits), "each row once"
    return hits


def keys(client, q: str, **more) -> list[str]:
    return [hit["key"] for hit in found(client, q, **more)]


def test_the_very_name_comes_first_and_that_of_a_player_before_that_of_a_pet(client):
    hits = found(client, "fire BALL")
    assert [hit["key"] for hit in hits[:2]] == ["Blaster_Ranged.Fire_Blast.Fire_Ball", "Pets.Imp.Fire_Ball"]
    assert hits[0]["score"] == 1 > hits[1]["score"]
    assert hits[0]["kind"] == "power" and hits[0]["display_name"] == "Fire Ball"
    assert hits[0]["parent"]["key"] == "Blaster_Ranged.Fire_Blast"
    assert hits[0]["excerpt"].startswith("Moderate DMG(Fire/Smash)") and "<" not in hits[0]["excerpt"]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("blaster_ranged.fire_blast.FIRE_BALL", "Blaster_Ranged.Fire_Blast.Fire_Ball"),
        ("fire bal", "Blaster_Ranged.Fire_Blast.Fire_Ball"),
        ("  rain   of f", "Blaster_Ranged.Fire_Blast.Rain"),
        ("fire rain", "Blaster_Ranged.Fire_Blast.Rain"),
        ("blaster fire ball", "Blaster_Ranged.Fire_Blast.Fire_Ball"),
        ("imp ball", "Pets.Imp.Fire_Ball"),
        ("smash", "Blaster_Ranged.Fire_Blast.Fire_Ball"),
        ("recharge slow", "Blaster_Ranged.Fire_Blast.Fire_Ball"),
        ("stacks", "Blaster_Ranged.Fire_Blast.Rain"),
        ("heal", "Blaster_Support.Ice.Patch"),
        ("heals foe", "Blaster_Support.Ice.Patch"),
        ("fyre bal", "Blaster_Ranged.Fire_Blast.Fire_Ball"),
        ("ice pach", "Blaster_Support.Ice.Patch"),
        ("long xxx", "Blaster_Support.Ice.Long"),
    ],
)
def test_what_is_typed_finds(client, typed, first):
    assert first in keys(client, typed)[: 2 if typed == "heal" else 1]


def test_ranks(client):
    """Name, then its beginning, then words of the name, then of the key, then of descriptions."""
    assert keys(client, "fire blast", kind="power")[:2] == [
        "Blaster_Ranged.Fire_Blast.Fire_Blast",
        "Blaster_Ranged.Fire_Blast.Fire_Ball",
    ]
    kinds = [hit["kind"] for hit in found(client, "fire blast")[:2]]
    assert sorted(kinds) == ["power", "powerset"], "of one name, in both tables"
    scores = {hit["key"]: hit["score"] for hit in found(client, "fire", kind="power")}
    assert scores["Blaster_Ranged.Fire_Blast.Fire_Ball"] > scores["Blaster_Ranged.Fire_Blast.Rain"] > 0.6
    assert found(client, "slippery")[0]["score"] < 0.5


def test_markup_is_no_word_and_an_excerpt_shows_none(client):
    assert not set(keys(client, "br", kind="power")) & set(POWERS)
    (excerpt,) = [hit["excerpt"] for hit in found(client, "healing") if hit["key"] == "Blaster_Support.Ice.Patch"]
    assert "The healing of foes" in excerpt
    assert "<5 Stacks" in found(client, "stand")[0]["excerpt"], "a sign of comparison is no markup"


def test_kind_and_limit(client):
    assert {hit["kind"] for hit in found(client, "fire blast", kind="powerset")} == {"powerset"}
    assert len(found(client, "nobody", limit=3)) == 3
    assert {hit["kind"] for hit in found(client, "nobody", limit=50)} >= {"archetype", "power"}


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({}, "q"),
        ({"q": ""}, "q"),
        ({"q": "   "}, "q"),
        ({"q": "a\x00b"}, "q"),
        ({"q": "x" * 101}, "q"),
        ({"q": "x", "kind": "power_effect"}, "kind"),
        ({"q": "x", "limit": "51"}, "limit"),
        ({"q": "x", "limits": "5"}, "limits"),
    ],
)
def test_what_cannot_be_asked_is_told(client, parameters, field):
    answer = client.get(PATH, params=parameters)
    assert answer.status_code == 422 and answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json()["field"] == field


@pytest.mark.parametrize(
    "typed", ["'", "a' | 'b", "a & b", "!!!", "(", ":*", "\\", "%", "_", "<5", "🔥", "the", "İ", "'; --"]
)
def test_signs_of_query_languages_are_signs(client, typed):
    found(client, typed)


def test_words_of_a_query():
    assert words("fire bal") == "'fire' & 'bal':*" and words("' & !") == ""
    assert words("Blaster_Ranged.Fire") == "'Blaster' & 'Ranged' & 'Fire':*"
    assert words("x " * 50).count("x") == 12


def test_without_the_extension_only_misspelt_names_are_lost(client, conn):
    with conn, conn.cursor() as cur:
        cur.execute("DROP EXTENSION pg_trgm CASCADE")
    try:
        assert keys(client, "fyre bal") == []
        assert keys(client, "fire bal")[0] == "Blaster_Ranged.Fire_Blast.Fire_Ball"
    finally:
        with conn, conn.cursor() as cur:
            trigrams.index(cur, "homecoming")
    assert keys(client, "fyre bal")


def test_every_way_has_its_index(client, conn):
    """Not one branch of the statement reads a whole table, once there are too many rows for that to be cheap."""
    with conn, conn.cursor() as cur:
        for kind in KINDS:
            cur.execute("SET LOCAL enable_seqscan = off; SET LOCAL plan_cache_mode = force_generic_plan")
            statement = search("homecoming", (kind,), "public")
            for place, type_ in ((1, "text"), (2, "text"), (3, "int4")):
                statement = statement.replace(f"${place}::{type_}", f"${place}")
            cur.execute(f"PREPARE asked (text, text, int4) AS {statement}")
            cur.execute("EXPLAIN (FORMAT TEXT) EXECUTE asked('fire bal', $$'fire' & 'bal':*$$, 20)")
            plan = "\n".join(line for (line,) in cur.fetchall())
            cur.execute("DEALLOCATE asked")
            assert f"Seq Scan on {kind}" not in plan, plan
            ends = ["name", "words", "key", "similar"]
            missing = [end for end in ends if f"{kind}_search_{end}" not in plan]
            assert missing == [], plan
