"""Short ways to declare columns; nothing here knows a concrete table.

Each function takes the column's name and its description. `source` defaults to the column's own name, which is
the name of the field in the source record.
"""

from __future__ import annotations

from mids_assets.model.table import JSON_LIMIT, NAME_LIMIT, TEXT_LIMIT, Column, Reference


def name(column: str, description: str, *, source: str | None = None, nullable: bool = True) -> Column:
    """A short text: an identifier or a shown name."""
    return Column(column, "text", description, source=_source(column, source), nullable=nullable, max_length=NAME_LIMIT)


def prose(column: str, description: str, *, source: str | None = None) -> Column:
    """A text for people, of any length: shown names and descriptions. Formulas, too."""
    return Column(column, "text", description, source=_source(column, source), max_length=TEXT_LIMIT)


def integer(
    column: str,
    description: str,
    *,
    source: str | None = None,
    unit: str | None = None,
    minimum: float | None = None,
    maximum: float | None = None,
    nullable: bool = True,
    hashed: bool = True,
) -> Column:
    return Column(
        column,
        "int4",
        description,
        source=_source(column, source),
        unit=unit,
        minimum=minimum,
        maximum=maximum,
        nullable=nullable,
        hashed=hashed,
    )


def number(
    column: str,
    description: str,
    *,
    unit: str | None = None,
    source: str | None = None,
    minimum: float | None = None,
    maximum: float | None = None,
) -> Column:
    """A finite float; holds the shortest decimal that reads back as the source's f32."""
    return Column(
        column,
        "float8",
        description,
        source=_source(column, source),
        unit=unit,
        minimum=minimum,
        maximum=maximum,
    )


def boolean(column: str, description: str, *, source: str | None = None, hashed: bool = True) -> Column:
    return Column(column, "bool", description, source=_source(column, source), hashed=hashed)


def texts(column: str, description: str, *, source: str | None = None) -> Column:
    return Column(column, "text[]", description, source=_source(column, source), max_length=NAME_LIMIT)


def json(column: str, description: str, *, source: str = "", made_from: tuple[str, ...] = ()) -> Column:
    return Column(column, "jsonb", description, source=source, made_from=made_from)


def extra() -> Column:
    """What the source's record holds under keys that the model has no column for (`readers.json_extra`)."""
    return Column(
        "extra",
        "jsonb",
        "Values of the source that no other column holds, by their place in the record, such as effects[3].NewKey; "
        "null where there are none.",
        source="extra",
        max_length=JSON_LIMIT,
    )


def position(description: str, column: str = "position", *, made_from: tuple[str, ...] = ()) -> Column:
    """0-based place in a list of the source; part of a child's key."""
    return Column(column, "int4", description, minimum=0, nullable=False, made_from=made_from)


def enum(column: str, enumeration: str, description: str, *, source: str | None = None) -> tuple[Column, Column]:
    """A member's name (null where the number has no member) and, beside it, the number."""
    return (
        Column(column, "text", description, source=_source(column, source), enum=enumeration, max_length=NAME_LIMIT),
        Column(
            f"{column}_code",
            "int4",
            f"Number behind {column} (enumeration {enumeration}); kept where it has no member.",
            source=_source(column, source),
            enum=enumeration,
        ),
    )


def flags(column: str, enumeration: str, description: str, *, source: str | None = None) -> tuple[Column, Column]:
    """Names of the known bits, ascending, and, beside them, the whole bit mask."""
    return (
        Column(column, "text[]", description, source=_source(column, source), enum=enumeration),
        Column(
            f"{column}_code",
            "int4",
            f"Bit mask behind {column} (enumeration {enumeration}); unknown bits are kept here.",
            source=_source(column, source),
            enum=enumeration,
        ),
    )


def level(column: str, description: str) -> Column:
    """A level as the item files store it."""
    return integer(
        column, f"{description} 0-based (shown level minus one); -1 means none.", unit="0-based level", minimum=-1
    )


def parent(reference: str, target: str, description: str) -> Reference:
    return Reference(reference, target, description, required=True)


def _source(column: str, source: str | None) -> str:
    return column if source is None else source
