"""One file of an export decoded into a declared structure, or the fault that says which key is not as it should be.

Does not belong here: the structures themselves, what their values mean.
"""

from __future__ import annotations

import re
from typing import Annotated, TypeVar

import msgspec

from mids_assets.readers.city_of_data.rows import Content
from mids_assets.readers.json_exact import RecordFault
from mids_assets.readers.json_structure import BOM

T = TypeVar("T")
Int32 = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
_PLACE = re.compile(r" - at `\$\.?(.*)`$")
_MISSING = re.compile(r"missing required field `(.*)`")


def decoded(decoder: msgspec.json.Decoder[T], content: Content) -> T:
    """Raises `RecordFault` with the path of the first key that is missing or of another type, or of damaged JSON.

    Of a key that occurs twice in an object the last one counts, as for every common parser of JSON.
    A byte order mark before the bytes of a file is no part of it.
    """
    try:
        return decoder.decode(content.removeprefix(BOM) if isinstance(content, bytes) else content)
    except msgspec.ValidationError as error:
        raise _fault(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RecordFault("", "syntax", str(error)) from None
    except RecursionError:
        raise RecordFault("", "syntax", "nested too deeply") from None


def _fault(text: str) -> RecordFault:
    place = _PLACE.search(text)
    path = place[1] if place else ""
    message = text[: place.start()] if place else text
    if missing := _MISSING.search(message):
        path = f"{path}.{missing[1]}" if path else missing[1]
        return RecordFault(path, "missing", "the key is missing")
    rule = "range" if re.search(r" [<>]=? ", message) or "out of range" in message else "type"
    return RecordFault(path, rule, message)
