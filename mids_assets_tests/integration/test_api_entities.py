"""What the API says of entities is what the views hold: rows, children, filters, orders, pages."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import quote as escaped

import pytest
from prometheus_client import REGISTRY

from mids_assets.api import requests, schemas, statements
from mids_assets.api.resources import reference_tables, resources, shown
from mids_assets.model.tables import TABLES
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.stored import parent_key, quote
from mids_assets_tests.api_client import rows_of, serving
from mids_assets_tests.made_up import made_up
from mids_assets_tests.published import go, rows

ENTITIES = list(resources().values())
BASE = "/v1/realms/homecoming"


@pytest.fixture(scope="module")
def conn(server):
    with closing(connect(server, application_name="test")) as connection:
        yield connection


@pytest.fixture(scope="module")
def client(server, conn, tmp_path_factory):
    go(conn, server, made_up(7, share=1.0).write(tmp_path_factory.mktemp("build") / "tables"))
    with serving(server) as found:
        yield found


def stored(conn, name: str, order: str = "id") -> list[dict]:
    return [
        json.loads(text)
        for (text,) in rows(conn, f"SELECT row_to_json(t)::text FROM homecoming_v1.{quote(name)} t ORDER BY {order}")
    ]


@pytest.mark.parametrize("resource", ENTITIES, ids=lambda each: each.path)
def test_pages_hold_every_row_once_in_every_order(client, conn, resource):
    wanted = stored(conn, resource.table.name)
    assert len(wanted) >= 5
    assert rows_of(client, f"{BASE}/{resource.path}", limit=3) == wanted
    for sort, column in (("key", resource.key), ("display_name", resource.display_name)):
        found = rows_of(client, f"{BASE}/{resource.path}", limit=2, sort=sort)
        assert sorted(found, key=lambda row: row["id"]) == wanted
        order = f"left(lower(coalesce({quote(column)}, '')), 200) COLLATE \"C\", id"
        assert found == stored(conn, resource.table.name, order)


@pytest.mark.parametrize("resource", ENTITIES, ids=lambda each: each.path)
def test_one_has_its_columns_children_and_what_they_lead_to(client, conn, resource):
    table = resource.table
    for row in stored(conn, table.name):
        answer = client.get(f"{BASE}/{resource.path}/{row['id']}")
        assert answer.status_code == 200
        found = answer.json()["data"]
        assert set(found) == set(statements.parts(table.name)), "what is described is what is sent"
        assert {name: found[name] for name in row} == row
        for child in TABLES.children(table.name):
            parent = parent_key(child.name)
            wanted = [each for each in stored(conn, child.name, "1") if each[parent] == row["id"]]
            plain = [{name: each[name] for name in wanted[0] if name != parent} for each in found[child.name] if wanted]
            without = [{name: value for name, value in each.items() if name != parent} for each in wanted]
            assert sorted(map(str, plain)) == sorted(map(str, without))
        for reference in table.references:
            name = shown(table, reference)
            if name and table.target(reference).kind == "entity":
                number = row[table.physical(reference.name)]
                assert (found[name] and found[name]["id"]) == number


@pytest.mark.parametrize("resource", ENTITIES, ids=lambda each: each.path)
def test_a_key_names_the_same_row_in_any_case(client, conn, resource):
    for row in stored(conn, resource.table.name):
        key = row[resource.key]
        if key.isdigit() or "/" in key:
            continue
        for spelled in (key, key.upper().lower()):
            answer = client.get(f"{BASE}/{resource.path}/{escaped(spelled, safe='')}")
            found = [each for each in stored(conn, resource.table.name) if each[resource.key].lower() == key.lower()]
            assert answer.status_code == 200, (spelled, answer.text)
            assert answer.json()["data"]["id"] == found[0]["id"]


@pytest.mark.parametrize("resource", ENTITIES, ids=lambda each: each.path)
def test_every_filter_selects_what_the_column_says(client, conn, resource):
    table = resource.table
    all_rows = stored(conn, table.name)
    for parameter in requests.filters(table):
        name, _, bound = parameter.partition(".")
        column = table.physical(name)
        for value in {str(row[column]): row[column] for row in all_rows if row[column] not in (None, [])}.values():
            asked = value[0] if isinstance(value, list) else value
            if isinstance(asked, str) and ("\x00" in asked or len(asked) > requests.KEY_LENGTH):
                continue
            text = json.dumps(asked) if not isinstance(asked, str) else asked
            found = rows_of(client, f"{BASE}/{resource.path}", **{parameter: text})
            assert [row["id"] for row in found] == [row["id"] for row in all_rows if _fits(row[column], asked, bound)]


def _fits(value, asked, bound: str) -> bool:
    if value is None:
        return False
    if isinstance(value, list):
        return asked.lower() in [each.lower() for each in value]
    if isinstance(value, str):
        return value.lower() == asked.lower()
    return {"": value == asked, "ge": value >= asked, "le": value <= asked}[bound]


def test_a_reference_is_filtered_by_id_and_by_key(client, conn):
    for powerset in stored(conn, "powerset"):
        wanted = [row["id"] for row in stored(conn, "power") if row["powerset_id"] == powerset["id"]]
        for named in (powerset["id"], powerset["full_name"]):
            assert [row["id"] for row in rows_of(client, f"{BASE}/powers", powerset=named)] == wanted
        members = client.get(f"{BASE}/powersets/{powerset['id']}").json()["data"]["powers"]
        assert sorted(member["id"] for member in members) == wanted


def test_requests_that_share_a_statement_get_each_their_own(server, client, conn):
    """Also those for nothing, and those for one thing by its id and by its key."""
    asked = [(str(row["id"]), row["id"]) for row in stored(conn, "power")]
    asked += [(escaped(row["full_name"], safe=""), row["id"]) for row in stored(conn, "power")]
    asked += [(f"nothing-{turn}", None) for turn in range(10)]
    with serving(server, cache_bytes=0) as uncached, ThreadPoolExecutor(24) as pool:
        statements_before = _batches()
        answers = list(pool.map(lambda each: uncached.get(f"{BASE}/powers/{each[0]}"), asked * 5))
        assert 2 <= _batches() - statements_before < len(answers), "some of them came together"
    for (named, number), answer in zip(asked * 5, answers, strict=True):
        if number is None:
            assert answer.status_code == 404 and named in answer.json()["detail"]
        else:
            assert answer.json()["data"]["id"] == number


def _batches() -> float:
    return REGISTRY.get_sample_value("mids_api_batch_rows_count") or 0


def test_fields_leave_out_the_rest(client):
    page = client.get(f"{BASE}/powers", params={"fields": "display_name,id", "limit": 1}).json()["data"]
    assert list(page[0]) == ["id", "display_name"]
    one = client.get(f"{BASE}/powers/{page[0]['id']}", params={"fields": "power_effect,powerset,full_name"}).json()
    assert list(one["data"]) == ["full_name", "powerset", "power_effect"]


@pytest.mark.parametrize("resource", ENTITIES, ids=lambda each: each.path)
def test_the_description_has_the_shapes_that_are_sent(client, conn, resource):
    name = resource.table.name
    first = stored(conn, name)[0]
    listed = client.get(f"{BASE}/{resource.path}").json()["data"][0]
    assert set(_aliases(schemas.row(name))) == set(listed)
    schemas.row(name).model_validate(listed)
    whole = client.get(f"{BASE}/{resource.path}/{first['id']}").json()["data"]
    model = schemas.whole(name)
    assert set(_aliases(model)) == set(whole)
    model.model_validate(whole)


def _aliases(model) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def test_reference_tables_are_whole(client, conn):
    for table in reference_tables():
        found = client.get(f"{BASE}/reference/{table.name}").json()["data"]
        wanted = stored(conn, table.name, "1")
        columns = list(wanted[0])
        assert sorted(str({name: row[name] for name in columns}) for row in found) == sorted(map(str, wanted))


def test_modifiers_are_those_of_the_class_and_level(client, conn):
    for row in stored(conn, "archetype"):
        for level in (1, 2, 50):
            found = client.get(f"{BASE}/archetypes/{row['id']}/modifiers", params={"level": level}).json()["data"]
            wanted = {
                each["table"]: each["value"]
                for each in stored(conn, "attribute_modifier", "1")
                if each["level"] == level - 1 and each["column"] == row["modifier_column"]
            }
            assert found == {"level": level, "modifiers": wanted}


def test_every_answer_names_realm_release_and_version(client, conn):
    release, version, number = rows(conn, "SELECT release, version, publish FROM mids_v1.release")[0]
    for path in ("", "/releases", "/powers", "/powers?limit=1", "/reference/set_type"):
        answer = client.get(BASE + path)
        body = answer.json()
        assert (body["realm"], body["release"], body["version"], body["publish"]) == (
            "homecoming",
            release,
            version,
            number,
        )
        assert (answer.headers["Mids-Release"], answer.headers["Mids-Publish"]) == (release, str(number))
    assert client.get("/v1/realms").json()["data"][0]["release"] == release
    assert client.get(f"{BASE}/releases").json()["data"][0]["state"] == "published"


@pytest.mark.parametrize(
    ("path", "status", "field"),
    [
        ("/powers?limit=0", 422, "limit"),
        ("/powers?limit=201", 422, "limit"),
        ("/powers?limit=x", 422, "limit"),
        ("/powers?sort=x", 422, "sort"),
        ("/powers?after=x", 422, "after"),
        ("/powers?after=WyJpZCIsbnVsbCwiMSJd", 422, "after"),
        ("/powers?nothing=1", 422, "nothing"),
        ("/powers?fields=nothing", 422, "fields"),
        ("/powers?fields=", 422, "fields"),
        ("/powers?level_available=1.5", 422, "level_available"),
        ("/powers?level_available.ge=99999999999", 422, "level_available.ge"),
        ("/powers?accuracy=nan", 422, "accuracy"),
        ("/archetypes?playable=perhaps", 422, "playable"),
        ("/powers?full_name=%00", 422, "full_name"),
        ("/powers/%00", 422, "key"),
        ("/powers/nothing", 404, "key"),
        ("/powers/1?nothing=1", 422, "nothing"),
        ("/powers/1?fields=nothing", 422, "fields"),
        ("/powers/99999999999999999", 404, "key"),
        ("/powers/999999999999999999999999999", 404, "key"),
        ("/archetypes/1/modifiers?level=0", 422, "level"),
        ("/archetypes/nothing/modifiers", 404, "key"),
        ("/reference/nothing", 404, "table"),
        ("/nothing", 404, None),
    ],
)
def test_bad_input_is_refused_with_a_sentence(client, path, status, field):
    answer = client.get(BASE + path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status and body["detail"]
    assert body.get("field") == field


def test_an_unknown_realm_is_not_found(client):
    for path in ("/v1/realms/nothing", "/v1/realms/nothing/powers", "/v1/realms/nothing/powers/1"):
        assert client.get(path).status_code == 404
    assert client.get("/v1/realms/No%22thing/powers").status_code == 422
    assert client.post(f"{BASE}/powers").status_code == 405


def test_what_the_client_has_is_not_sent_again(client):
    path = f"{BASE}/powers"
    first = client.get(path)
    tag = first.headers["etag"]
    for sent in (tag, f"W/{tag}", f'"x", {tag}'):
        again = client.get(path, headers={"If-None-Match": sent})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get(path, headers={"If-None-Match": '"x"'}).content == first.content
    head = client.head(path)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", tag)
    assert head.headers["content-length"] == str(len(first.content))
