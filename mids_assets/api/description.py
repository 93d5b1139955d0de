"""The description of the API (OpenAPI 3.1): what FastAPI derives from the routes, and what holds for all of them.

Belongs here: refusals that come before a route, headers of answers and requests, who needs a token. Does not belong
here: shapes (schemas.py), parameters of a route (routes/), the page that shows it (routes/docs.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mids_assets.api.schemas import ProblemBody

TOKEN = "HTTPBearer"  # nosec B105: the name of a scheme
"""Name of the security scheme, which is that of FastAPI's class."""
_SCHEMAS = "#/components/schemas/"
_SCHEME = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "A token of the role viewer, where reading needs one, or operator.",
}
_TEXT = {"type": "string"}
_HEADERS: dict[str, dict[str, Any]] = {
    "ETag": {"description": "Strong entity tag: send it back as If-None-Match.", "schema": _TEXT, "required": True},
    "Cache-Control": {
        "description": "no-cache: ask before each use; private as well where a token was sent.",
        "schema": _TEXT,
        "required": True,
    },
    "Mids-Release": {"description": "Release id.", "schema": _TEXT, "required": True},
    "Mids-Publish": {
        "description": "Number of the publish: send it back as Mids-At-Least.",
        "schema": {"type": "integer"},
        "required": True,
    },
    "Retry-After": {"description": "Seconds to wait; absent where that does not help.", "schema": {"type": "integer"}},
    "WWW-Authenticate": {"description": "What is missing (RFC 6750).", "schema": _TEXT, "required": True},
}
_OF_ALL = ("ETag", "Cache-Control")
_OF_A_REALM = ("Mids-Release", "Mids-Publish")
_HEADERS_OF_REFUSALS = {"401": ("WWW-Authenticate",), "429": ("Retry-After",), "503": ("Retry-After",)}
_REFUSALS = {
    "400": "The request is no HTTP, or is ambiguous.",
    "401": "A token is needed, or the one that was sent does not count.",
    "403": "The token has not got the role.",
    "408": "The request came too slowly.",
    "413": "The body is too large.",
    "414": "The address is too long.",
    "429": "Too many requests.",
    "431": "The head of the request is too large.",
    "503": "What is asked for cannot be had now.",
}
_PARAMETERS = {
    "If-None-Match": {
        "name": "If-None-Match",
        "in": "header",
        "description": "Entity tags that the client has: if it has the answer already, that is a 304 without a body.",
        "schema": _TEXT,
    },
    "Mids-At-Least": {
        "name": "Mids-At-Least",
        "in": "header",
        "description": "Number of a publish that the client has seen: it gets nothing older.",
        "schema": {"type": "string", "pattern": "^[0-9]{1,18}$"},
        "example": "1733000000000000",
    },
}


def complete(document: dict[str, Any], *, login: bool, public: tuple[str, ...]) -> dict[str, Any]:
    """`document` as FastAPI makes it, with what holds for all routes; it is changed and returned.

    `login`: whether reading needs a token; `public`: paths that never do.
    """
    components = document["components"]
    problem = ProblemBody.__name__
    components["schemas"].setdefault(problem, ProblemBody.model_json_schema())
    components["headers"] = _HEADERS
    components["parameters"] = _PARAMETERS
    components["securitySchemes"] = {TOKEN: _SCHEME}
    for path, method, operation in operations(document):
        responses = operation["responses"]
        if "{" not in path:
            responses.pop("404", None)
        for status, text in _REFUSALS.items():
            responses.setdefault(status, {"description": text})
        for status, response in responses.items():
            if int(status) >= 400:
                response["content"] = {"application/problem+json": {"schema": {"$ref": _SCHEMAS + problem}}}
                _add_headers(response, _HEADERS_OF_REFUSALS.get(status, ()))
        if method == "get" and TOKEN not in _schemes(operation):
            _complete_reading(path, operation, required=login and path not in public)
        for parameter in operation.get("parameters", []):
            if parameter.get("schema", {}).get("type") == "array":
                parameter["explode"] = False
        operation["responses"] = dict(sorted(responses.items()))
    return document


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(path, method, operation) of a description."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def _complete_reading(path: str, operation: dict[str, Any], *, required: bool) -> None:
    responses = operation["responses"]
    responses["200"]["description"] = "What was asked for."
    # FastAPI calls what our class of responses sends a text.
    responses["200"]["content"]["application/json"]["schema"].pop("type")
    headers = _OF_ALL + (_OF_A_REALM if path.startswith("/v1/realms/{realm}") else ())
    _add_headers(responses["200"], headers)
    responses["304"] = {"description": "The client has it already."}
    _add_headers(responses["304"], headers)
    names = ("If-None-Match", "Mids-At-Least") if path.startswith("/v1/realms/{realm}") else ("If-None-Match",)
    operation.setdefault("parameters", []).extend({"$ref": f"#/components/parameters/{name}"} for name in names)
    # A token that was sent is always looked at.
    operation["security"] = [{TOKEN: []}] if required else [{}, {TOKEN: []}]


def _add_headers(response: dict[str, Any], names: tuple[str, ...]) -> None:
    if names:
        response["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _schemes(operation: dict[str, Any]) -> set[str]:
    return {name for each in operation.get("security", []) for name in each}
