"""The description of the API is valid and complete, and its page shows all of it and nothing as markup."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

import pytest
import schemathesis

from mids_assets.api import docs_page
from mids_assets.api.app import create_app
from mids_assets.api.description import operations
from mids_assets.api.settings import ApiSettings


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return json.loads(json.dumps(create_app(ApiSettings()).openapi()))


def test_it_is_valid_openapi(document):
    assert document["openapi"].startswith("3.1")
    schemathesis.openapi.from_dict(document).validate()


def test_operations_have_stable_names_and_say_what_they_do(document):
    found = [each for _, _, each in operations(document)]
    names = [each["operationId"] for each in found]
    assert len(names) == len(set(names)) >= 20
    assert {"list_power", "get_power", "get_realm", "list_realms"} <= set(names)
    assert all(name.isidentifier() for name in names)
    assert all(each["description"].strip().endswith(".") for each in found)


def test_every_parameter_and_field_is_described(document):
    described = [
        (operation["operationId"], parameter.get("name", parameter.get("$ref")), parameter)
        for _, _, operation in operations(document)
        for parameter in operation.get("parameters", [])
        if "$ref" not in parameter
    ]
    described += [("", name, each) for name, each in document["components"]["parameters"].items()]
    for name, schema in document["components"]["schemas"].items():
        described.append((name, "", schema))
        described += [(name, field, each) for field, each in schema.get("properties", {}).items()]
    assert len(described) > 1000
    assert [(where, name) for where, name, each in described if len(each.get("description", "")) < 5] == []


def test_every_operation_says_what_may_be_refused_and_how(document):
    for path, _, operation in operations(document):
        responses = operation["responses"]
        assert {"401", "403", "413", "414", "422", "429", "431", "503"} <= set(responses)
        assert ("404" in responses) == ("{" in path)
        for status, response in responses.items():
            assert response["description"]
            if status >= "4":
                assert list(response["content"]) == ["application/problem+json"]


@pytest.mark.parametrize("login", ["none", "token"])
def test_it_says_whether_reading_needs_a_token(login):
    key = "a-key-of-at-least-thirty-two-bytes-for-tests"
    document = create_app(ApiSettings(login=login, jwt_secret=key)).openapi()
    paths = document["paths"]
    assert ({} in paths["/v1/realms"]["get"]["security"]) == (login == "none")
    assert {} in paths["/v1/meta"]["get"]["security"]
    assert key not in json.dumps(document)


class _Page(HTMLParser):
    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_the_page_shows_every_operation_parameter_and_shape(document):
    page = _Page(docs_page.page(document, "/v1/docs.css"))
    texts = set(page.texts)
    for path, method, operation in operations(document):
        assert f"{method.upper()} {path}" in texts
        assert {each["name"] for each in operation.get("parameters", []) if "name" in each} <= texts
    for name, schema in document["components"]["schemas"].items():
        assert {name, *schema.get("properties", {})} <= texts


def test_the_page_needs_no_script_no_inline_style_and_no_other_host(document):
    page = _Page(docs_page.page(document, "/v1/docs.css"))
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for tag, attributes in page.tags:
        assert tag not in ("script", "style", "img", "iframe", "form")
        assert not any(name == "style" or name.startswith("on") for name in attributes)
        target = attributes.get("href")
        assert target is None or target.startswith("/") or target[1:] in ids, "a link leads somewhere"


def test_the_page_shows_markup_of_a_description_as_text(document):
    hostile = "<script>alert(1)</script>\"'<img src=x onerror=alert(1)>&amp;"
    changed = json.loads(json.dumps(document))
    changed["info"]["title"] = changed["info"]["description"] = hostile
    for _, _, operation in operations(changed):
        operation["description"] = operation["operationId"] = hostile
        for parameter in operation["parameters"]:
            parameter["description"] = hostile
    changed["components"]["schemas"] = {hostile: {"description": hostile, "properties": {hostile: {"type": hostile}}}}
    page = _Page(docs_page.page(changed, "/v1/docs.css"))
    assert {tag for tag, _ in page.tags}.isdisjoint({"script", "img"})
    assert hostile in page.texts
