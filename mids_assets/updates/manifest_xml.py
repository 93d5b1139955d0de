"""XML of an update manifest as a tree of elements; document types, and with them entities, are refused.

Does not belong here: what the elements mean (`updates.manifest`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from mids_assets.errors import FormatError

_DEPTH = 32


@dataclass(slots=True)
class Element:
    """An element; `name` in lower case and without prefix, `text` without the blanks around it."""

    name: str
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def all(self) -> Iterator[Element]:
        """This element and all beneath it, in the order of the document."""
        yield self
        for child in self.children:
            yield from child.all()

    def value(self, name: str) -> str | None:
        """The text of the first child of that name, None where it is absent or empty."""
        return next((child.text for child in self.children if child.name == name and child.text), None)


def parse_xml(data: bytes, file: str) -> Element:
    """The root of a document. Raises `FormatError` for what is not XML, or is XML that a manifest does not need."""
    root = Element("")
    path = [root]
    parser = expat.ParserCreate()

    def start(name: str, _: dict[str, str]) -> None:
        if len(path) > _DEPTH:
            raise FormatError(f"elements are nested deeper than {_DEPTH}", file=file, offset=parser.CurrentByteIndex)
        element = Element(name.rsplit(":", 1)[-1].lower())
        path[-1].children.append(element)
        path.append(element)

    def end(_: str) -> None:
        element = path.pop()
        element.text = element.text.strip()

    def text(part: str) -> None:
        path[-1].text += part

    def refuse(*_: object) -> None:
        raise FormatError(
            "declares a document type, which no update manifest does", file=file, offset=parser.CurrentByteIndex
        )

    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise FormatError(
            f"this is no XML ({expat.ErrorString(error.code)})", file=file, offset=parser.ErrorByteIndex
        ) from None
    except (LookupError, ValueError) as error:
        raise FormatError(f"this is no XML ({error})", file=file) from None
    return root.children[0]
