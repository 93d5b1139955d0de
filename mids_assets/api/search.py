"""SQL of a search over the names and descriptions of entities: one statement, from what the model says is searched.

Ranks, best first: the very name or key; the name begins so; all words in the name; all words in the key; all words in
name and descriptions; a similar name, by trigrams. The last word is the beginning of one, since people type. What only
pets, set bonuses and enhancements have comes after what a player chooses, within a rank.
Does not belong here: what a request may ask for (routes/search.py), the indexes that serve it (warehouse/ddl.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from mids_assets.api.nested import view
from mids_assets.api.resources import resources
from mids_assets.api.statements import published
from mids_assets.model.table import Table
from mids_assets.model.tables import TABLES
from mids_assets.warehouse.search_sql import (
    NAME_LENGTH,
    NAME_WORDS,
    TEXT_WORDS,
    folded_key,
    folded_name,
    key_words,
    name_words,
    plain,
    searched,
    text_words,
)
from mids_assets.warehouse.stored import literal, quote

KINDS = tuple(table.name for table in TABLES if table.search)
_WORD = re.compile(r"[^\W_]+")
_MOST_WORDS = 12
_RANKED = 100
"""So many rows of a kind are ranked in each way: a word that hundreds have tells nothing."""
_HEADLINE = 'MaxWords=30, MinWords=15, ShortWord=0, StartSel="", StopSel=""'
_NOT_CHOSEN = "IN ('Pet', 'SetBonus', 'Boost', 'Redirect')"
_ASIDE = {
    "archetype": "NOT t.playable",
    "powerset": f"t.set_type {_NOT_CHOSEN}",
    "power": f"w.set_type {_NOT_CHOSEN}",
}
"""Rows of a kind that a player does not choose; `w` is what the row belongs to."""

_NAME = f"left(lower($1::text), {NAME_LENGTH})"
_AFTER = f"({_NAME} || U&'\\+10FFFF')"
_IN_NAME = f"to_tsquery({literal(NAME_WORDS)}, $2::text)"
_IN_TEXT = f"to_tsquery({literal(TEXT_WORDS)}, $2::text)"


def words(text: str) -> str:
    """A tsquery of all words of a text, the last one as the beginning of a word; "" where there are none."""
    found = _WORD.findall(text)[:_MOST_WORDS]
    return " & ".join(f"'{word}'" for word in found) + (":*" if found else "")


@lru_cache(maxsize=256)
def search(realm: str, kinds: tuple[str, ...], trigrams: str | None) -> str:
    """The best rows as a JSON array. $1 is what was typed, $2 `words` of it, $3 the number of rows.

    `trigrams`: schema of the extension pg_trgm; None = names that are only similar are not found.
    """
    tables = [TABLES[kind] for kind in kinds]
    ways = ["direct", "described"]
    steps = [
        _step("direct", (one for table in tables for one in _direct(realm, table))),
        _step("described", (_described(realm, table) for table in tables if searched(table).texts), after=["direct"]),
    ]
    if trigrams:
        similar = (_similar(realm, table, trigrams) for table in tables)
        steps.append(_step("alike", similar, after=ways))
        ways = [*ways, "alike"]
    found = " UNION ALL ".join(f"SELECT kind, id, score FROM {way}" for way in ways)
    steps.append(f"best AS (SELECT kind, id, max(score) AS score FROM ({found}) f GROUP BY kind, id)")
    rows = " UNION ALL ".join(_row(realm, table, place) for place, table in enumerate(tables))
    steps.append(
        f"chosen AS (SELECT * FROM ({rows}) r ORDER BY r.score DESC, r.place, lower(r.display_name), r.key, r.id"
        " LIMIT $3::int4)"
    )
    document = (
        "SELECT c.kind, c.id, c.key, c.display_name, c.parent,"
        f" nullif(btrim(regexp_replace(ts_headline({literal(TEXT_WORDS)}, {plain('c.text')}, {_IN_TEXT},"
        f" {literal(_HEADLINE)}), '\\s+', ' ', 'g')), '') AS excerpt, round(c.score, 3)::float8 AS score"
    )
    listed = (
        "SELECT coalesce(json_agg(d ORDER BY d.score DESC, c.place, lower(c.display_name), c.key, c.id), '[]')::text"
        f" FROM chosen c, LATERAL ({document}) d"
    )
    return f"WITH {', '.join(steps)} {published(realm, f'({listed})')}"


def _step(name: str, parts: Iterator[str], after: list[str] | None = None) -> str:
    """Rows of one rank; with `after`, only where those before it are fewer than asked for."""
    rows = " UNION ALL ".join(f"({part})" for part in parts)
    rows = rows or "SELECT NULL::text AS kind, NULL::int8 AS id, NULL::numeric AS score WHERE false"
    if after:
        enough = " + ".join(f"(SELECT count(*) FROM {way})" for way in after)
        rows = f"SELECT * FROM ({rows}) f WHERE {enough} < $3::int4"
    return f"{name} AS MATERIALIZED ({rows})"


def _direct(realm: str, table: Table) -> Iterator[str]:
    name = folded_name(table, "t.")
    share = f"length({_NAME})::numeric / greatest(length({name}), 1)"
    yield _hits(
        realm,
        table,
        f"CASE WHEN {name} = {_NAME} THEN 1 ELSE 0.8 + 0.1 * {share} END",
        f"{name} OPERATOR(pg_catalog.~>=~) {_NAME} AND {name} OPERATOR(pg_catalog.~<~) {_AFTER}",
        f"ORDER BY {name} USING OPERATOR(pg_catalog.~<~)",
    )
    yield _hits(realm, table, "1", f"{folded_key(table, 't.')} = lower($1::text)")
    for expression, least in ((name_words(table, "t."), 0.65), (key_words(table, "t."), 0.5)):
        score = f"{least} + 0.1 * ts_rank({expression}, {_IN_NAME}, 32)::numeric"
        yield _hits(realm, table, score, f"{expression} @@ {_IN_NAME}")


def _described(realm: str, table: Table) -> str:
    expression = text_words(table, "t.")
    score = f"0.35 + 0.1 * ts_rank({expression}, {_IN_TEXT}, 32)::numeric"
    return _hits(realm, table, score, f"{expression} @@ {_IN_TEXT}")


def _similar(realm: str, table: Table, trigrams: str) -> str:
    name, schema = folded_name(table, "t."), quote(trigrams)
    likeness = f"greatest({schema}.similarity({name}, {_NAME}), {schema}.word_similarity({_NAME}, {name}))"
    alike = f"{name} OPERATOR({schema}.%) {_NAME} OR {name} OPERATOR({schema}.%>) {_NAME}"
    return _hits(realm, table, f"0.3 * {likeness}::numeric", alike)


def _hits(realm: str, table: Table, score: str, condition: str, order: str = "") -> str:
    return (
        f"SELECT {literal(table.name)} AS kind, t.id, {score} AS score FROM {view(realm, table.name)} t"
        f" WHERE {condition} {order} LIMIT {_RANKED}"
    )


def _row(realm: str, table: Table, place: int) -> str:
    """What is shown of the rows of a kind, and what its descriptions say."""
    resource, search = resources()[table.name], searched(table)
    parent, within = "NULL::json", ""
    if search.within:
        reference = table.reference(search.within)
        above = resources()[reference.target]
        within = f" LEFT JOIN {view(realm, above.table.name)} w ON w.id = t.{quote(table.physical(search.within))}"
        parent = (
            "CASE WHEN w.id IS NOT NULL THEN json_build_object("
            f"'id', w.id, 'key', w.{quote(above.key)}, 'display_name', w.{quote(above.display_name)}) END"
        )
    aside = _ASIDE.get(table.name)
    score = f"b.score * CASE WHEN {aside} THEN 0.95 ELSE 1 END" if aside else "b.score"
    texts = "".join(f", t.{quote(column)}" for column in search.texts)
    text = f"concat_ws(' '{texts})" if texts else "NULL::text"
    return (
        f"SELECT {place} AS place, b.kind, t.id, t.{quote(resource.key)} AS key,"
        f" t.{quote(resource.display_name)} AS display_name, {parent} AS parent, {text} AS text, {score} AS score"
        f" FROM best b JOIN {view(realm, table.name)} t ON t.id = b.id{within} WHERE b.kind = {literal(table.name)}"
    )
