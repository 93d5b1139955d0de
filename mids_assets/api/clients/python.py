"""The answers of the API as Python types, generated from its description.

`python -m mids_assets.api.clients.python mids_assets/api/clients/models.py` writes them (`make docs`); a test fails
when they are stale. Does not belong here: a client that asks.
"""

from __future__ import annotations

import keyword
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mids_assets.api.app import create_app
from mids_assets.api.settings import ApiSettings

_INTRO = '''"""Shapes of the API's answers and of what is sent to it.

Generated from its description by `make docs`; edit the model. They need nothing of this package, so that the file
may be copied. With `fields` a row has those alone.
"""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict
'''
_TYPES = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_WIDTH = 110


def module() -> str:
    """The whole file."""
    schemas = create_app(ApiSettings()).openapi()["components"]["schemas"]
    return "\n".join([_INTRO, *(line for name in sorted(schemas) for line in _class(name, schemas[name]))])


def _class(name: str, schema: dict[str, Any]) -> Iterator[str]:
    if any(keyword.iskeyword(field) for field in schema.get("properties", {})):
        yield from _call(name, schema)
        return
    yield f"\nclass {name}(TypedDict):"
    yield from _text(schema.get("description", name))
    required = schema.get("required", [])
    for field, each in schema.get("properties", {}).items():
        kind = _type(each)
        yield f"    {field}: {kind if field in required else f'NotRequired[{kind}]'}"
        yield from _text(each.get("description", field))
    yield ""


def _call(name: str, schema: dict[str, Any]) -> Iterator[str]:
    """The same for fields that are words of Python."""
    required = schema.get("required", [])
    yield f"\n{name} = TypedDict("
    yield f'    "{name}",'
    yield "    {"
    for field, each in schema["properties"].items():
        kind = _type(each)
        yield f'        "{field}": "{kind if field in required else f"NotRequired[{kind}]"}",'
    yield "    },"
    yield ")"
    yield from (line.removeprefix("    ") for line in _text(schema.get("description", name)))
    yield ""


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return schema["$ref"].rpartition("/")[2]
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_type(each) for each in schema["anyOf"]))
    if schema.get("type") == "array":
        return f"list[{_type(schema['items'])}]"
    if schema.get("type") == "object":
        more = schema.get("additionalProperties")
        return f"dict[str, {_type(more) if isinstance(more, dict) else 'Any'}]"
    return _TYPES.get(schema.get("type", ""), "Any")


def _text(text: str) -> Iterator[str]:
    """A docstring."""
    safe = " ".join(text.split()).replace("\\", "\\\\").replace('"', "'")
    lines = textwrap.wrap(safe, _WIDTH)
    yield f'    """{lines[0]}' + ('"""' if len(lines) == 1 else "")
    yield from (f"    {line}" for line in lines[1:-1])
    if len(lines) > 1:
        yield f'    {lines[-1]}"""'


def main() -> None:
    Path(sys.argv[1]).write_text(module(), "utf-8")


if __name__ == "__main__":
    main()
