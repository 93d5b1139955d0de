"""The description of the API as a page that needs nothing but itself: no script, no other host.

Every text goes through ElementTree, which escapes it. Does not belong here: what the description says (description.py),
sending the page (routes/docs.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring  # nosec B405: written, never read

from mids_assets.api.description import operations

_SCHEMAS = "#/components/schemas/"


def page(document: dict[str, Any], style: str) -> bytes:
    """HTML of a description. `style`: address of its style sheet."""
    root = Element("html", lang="en")
    head = SubElement(root, "head")
    SubElement(head, "meta", charset="utf-8")
    SubElement(head, "meta", name="viewport", content="width=device-width")
    _add(head, "title", f"{document['info']['title']}: the API")
    SubElement(head, "link", rel="stylesheet", href=style)
    body = SubElement(root, "body")
    _add_intro(body, document)
    main = SubElement(body, "main")
    every = sorted(operations(document), key=lambda each: each[2].get("tags", [""])[0])
    for tag, group in groupby(every, key=lambda each: each[2].get("tags", [""])[0]):
        _add(main, "h2", tag.capitalize())
        for path, method, operation in group:
            _add_operation(main, document, path, method, operation)
    _add(main, "h2", "Shapes")
    for name, schema in sorted(document["components"]["schemas"].items()):
        _add_shape(main, name, schema)
    return b"<!doctype html>\n" + tostring(root, encoding="unicode", method="html").encode()


def _add_intro(body: Element, document: dict[str, Any]) -> None:
    head = SubElement(body, "header")
    _add(head, "h1", f"{document['info']['title']}: the API")
    _add_text(head, document["info"]["description"])
    place = _add(head, "p", "For programs: ")
    _add(place, "a", "openapi.json", href="/v1/openapi.json").tail = ". For people: "
    _add(place, "a", "the page to look things up", href="/").tail = "."
    navigation = SubElement(body, "nav")
    listed = SubElement(navigation, "ul")
    for path, method, operation in operations(document):
        line = SubElement(listed, "li")
        _add(line, "a", f"{method.upper()} {path}", href=f"#{operation['operationId']}")


def _add_operation(main: Element, document: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> None:
    section = SubElement(main, "section", id=operation["operationId"])
    _add(section, "h3", f"{method.upper()} {path}")
    _add_text(section, operation.get("description") or operation["summary"])
    # What has to be is known before the program runs: {} among the ways says that none is needed.
    if operation.get("security") and {} not in operation["security"]:
        _add(section, "p", "It needs a token.")
    parameters = [_resolved(document, each) for each in operation.get("parameters", [])]
    rows = [[(each["name"], None), (each["in"], None), *_cells(each["schema"], each)] for each in parameters]
    _add_table(section, f"{len(rows)} parameters", ["Parameter", "In", "Kind", "Meaning"], rows)
    sent = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if sent:
        _add_kind(_add(section, "p", "Body: "), sent["schema"])
    answers = SubElement(section, "dl")
    for status, response in operation["responses"].items():
        _add(answers, "dt", status)
        said = _add(answers, "dd", response["description"] + " ")
        for content in response.get("content", {}).values():
            _add_kind(said, content.get("schema", {}))


def _add_shape(main: Element, name: str, schema: dict[str, Any]) -> None:
    section = SubElement(main, "section", id=f"shape-{name}")
    _add(section, "h3", name)
    _add_text(section, schema.get("description", ""))
    rows = [[(field, None), *_cells(each, each)] for field, each in schema.get("properties", {}).items()]
    _add_table(section, f"{len(rows)} fields", ["Field", "Kind", "Meaning"], rows)


Cell = tuple[str, dict[str, Any] | None]
"""A text, or the kind of a schema."""


def _cells(schema: dict[str, Any], described: dict[str, Any]) -> list[Cell]:
    return [("", schema), (described.get("description", ""), None)]


def _add_table(section: Element, summary: str, heads: list[str], rows: list[list[Cell]]) -> None:
    if not rows:
        return
    details = SubElement(section, "details")
    _add(details, "summary", summary)
    table = SubElement(details, "table")
    line = SubElement(table, "tr")
    for head in heads:
        _add(line, "th", head, scope="col")
    for row in rows:
        line = SubElement(table, "tr")
        for text, schema in row:
            cell = _add(line, "td", text)
            if schema is not None:
                _add_kind(cell, schema)


def _add_kind(parent: Element, schema: dict[str, Any]) -> None:
    """What kind of value it is, shapes as links."""
    for place, (text, shape) in enumerate(_kinds(schema)):
        target = SubElement(parent, "a", href=f"#shape-{shape}") if shape else SubElement(parent, "span")
        target.text = (" or " if place and not shape else "") + text
        target.tail = " "


def _kinds(schema: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(_SCHEMAS)
        yield name, name
    elif "anyOf" in schema:
        for each in schema["anyOf"]:
            yield from _kinds(each)
    elif schema.get("type") == "array":
        for text, shape in _kinds(schema["items"]):
            yield f"list of {text}", shape
    elif "enum" in schema:
        yield ", ".join(map(str, schema["enum"])), None
    else:
        least, most = schema.get("minimum"), schema.get("maximum")
        bounds = f" {least} to {most}" if least is not None and most is not None else ""
        yield schema.get("type", "any JSON") + bounds, None


def _resolved(document: dict[str, Any], parameter: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in parameter:
        return parameter
    return document["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]


def _add_text(parent: Element, text: str) -> None:
    for paragraph in text.strip().split("\n\n"):
        _add(parent, "p", paragraph)


def _add(parent: Element, tag: str, text: str, **attributes: str) -> Element:
    element = SubElement(parent, tag, attributes)
    element.text = text
    return element
