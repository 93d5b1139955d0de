"""What a search compares: SQL expressions over a row of an entity, the same for the indexes and for whoever asks.

PostgreSQL uses an index over an expression only where a statement has that very expression. Names and keys are taken
word for word, descriptions as English: "heals" finds "healing". Does not belong here: which columns are searched
(`Table.search` of the model), the indexes (ddl.py), the extension for misspelt words (trigrams.py), whole statements.
"""

from __future__ import annotations

from mids_assets.model.table import Search, Table
from mids_assets.warehouse.stored import literal, quote

NAME_WORDS, TEXT_WORDS = "pg_catalog.simple", "pg_catalog.english"
"""Text search configurations of names and of descriptions."""
NAME_LENGTH = 200
"""Letters by which names are compared: an entry of an index has bounds, a name of the source has none."""
_TAG = "</?[A-Za-z][^<>]*>"
"""Markup such as <br>. Not the comparison sign in [<5 Stacks]."""


def searched(table: Table) -> Search:
    """How `table` is searched. Raises `ValueError` where it is not."""
    if table.search is None:
        raise ValueError(f"{table.name} is not searched")
    return table.search


def folded_name(table: Table, row: str = "") -> str:
    """The beginning of the shown name without regard to case. `row`: here as below, alias of the row with a dot."""
    return f"left(lower({row}{quote(searched(table).name)}), {NAME_LENGTH})"


def folded_key(table: Table, row: str = "") -> str:
    """The first part of the natural key, which the unique index of every entity begins with."""
    return f"lower({row}{quote(table.key[0])})"


def name_words(table: Table, row: str = "") -> str:
    """tsvector of the shown name."""
    return _words(NAME_WORDS, _text(searched(table).name, row))


def key_words(table: Table, row: str = "") -> str:
    """tsvector of the parts of the key, such as those of Blaster_Ranged.Fire_Blast.Fire_Ball."""
    return _words(NAME_WORDS, _text(table.key[0], row))


def text_words(table: Table, row: str = "") -> str:
    """tsvector of the shown name and all descriptions."""
    columns = (searched(table).name, *searched(table).texts)
    return _words(TEXT_WORDS, " || ' ' || ".join(_text(column, row) for column in columns))


def plain(text: str) -> str:
    """An SQL text without markup."""
    return f"regexp_replace({text}, {literal(_TAG)}, ' ', 'g')"


def _text(column: str, row: str) -> str:
    return f"coalesce({row}{quote(column)}, '')"


def _words(configuration: str, text: str) -> str:
    # Fire/Cold and Blaster_Ranged.Fire_Blast would be taken for one word: a file, a host.
    return f"to_tsvector({literal(configuration)}, regexp_replace({text}, {literal(f'{_TAG}|[/._]')}, ' ', 'g'))"
