"""A text of the game's expression language cut into tokens.

A `>` is an operator or a part of a name (`source>kMeter > 0`). In every text of the real export an operator stands
between blanks, so: **a `>` directly behind a name belongs to the name when a letter, a digit, `_`, a blank, a closing
bracket, a comma or the end follows it.** Hence `a>b` and `mapname> eq 'x'` hold the names `a>b` and `mapname>`, while
`a >b`, `a>=b`, `a>-1` and `3>2` are comparisons.
Does not belong here: which tokens may follow each other (`grammar`).
"""

from __future__ import annotations

import re
from typing import NamedTuple, NoReturn

from mids_assets.errors import ExpressionError

LENGTH_LIMIT = 65_536
"""Characters of one expression; the longest real one has 672."""
NAME_LIMIT = 255
"""Characters of one name, as of every name in the tables; the longest real one has 87."""

_TOKEN = re.compile(
    r"""
      (?P<blank>\s+)
    | (?P<name>[@$]?[A-Za-z_][\w@$%?:]*(?:\.[\w@$%?:]+|>(?=[\w\s),]|\Z)[\w@$%?:]*)*)
    | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    | (?P<text>'[^']*')
    | (?P<sign>\|\||&&|[=!<>]=|[!<>+\-*/(),])
    """,
    re.ASCII | re.VERBOSE,
)


class Token(NamedTuple):
    """`kind` is name, number, text, sign or end; `position` counts characters from 0."""

    kind: str
    text: str
    position: int


def tokens(text: str) -> list[Token]:
    """The tokens of an expression, without blanks; the last one is of kind `end` and has no text.

    Raises ExpressionError for what is no token, and for what is longer than the limits."""
    if len(text) > LENGTH_LIMIT:
        raise ExpressionError(f"an expression has at most {LENGTH_LIMIT:,} characters, this one {len(text):,}", 0)
    if "\0" in text:
        # Inside of quotes it could be read, but PostgreSQL could not store the tree.
        _refuse(text, text.index("\0"))
    found = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            _refuse(text, position)
        if match.lastgroup == "name" and len(match.group()) > NAME_LIMIT:
            raise ExpressionError(f"a name has at most {NAME_LIMIT} characters", position)
        if match.lastgroup != "blank":
            found.append(Token(str(match.lastgroup), match.group(), position))
        position = match.end()
    found.append(Token("end", "", position))
    return found


def _refuse(text: str, position: int) -> NoReturn:
    character = text[position]
    if character == "'":
        raise ExpressionError("this text in quotes never ends", position)
    whole = {"=": "==", "|": "||", "&": "&&"}.get(character)
    hint = f"; {whole} was expected" if whole else ""
    raise ExpressionError(f"{character!r} means nothing here{hint}", position)
