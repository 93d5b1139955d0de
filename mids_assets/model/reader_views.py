"""What readers may see of schema `mids`: the views of schema `mids_v1`, and which columns they show.

They show releases that were published at some time, what their publishes changed, and where they differ from the game;
never where a release came from, why it was refused, or who did what. Does not belong here: SQL
(warehouse/reader_views.py), a realm's own views, which show whole tables.
"""

from __future__ import annotations

from dataclasses import dataclass

from mids_assets.model.operations import CROSS_CHECK, DISCREPANCY, RELEASE, RELEASE_CHANGE, OperationalTable
from mids_assets.model.operations import PUBLISH as PUBLISHES
from mids_assets.model.table import Column

READER_SCHEMA = "mids_v1"
SCHEMA_COMMENT = (
    "What readers may know of schema mids: releases that were published, what changed, and what differs from the game."
)

PUBLISH = Column(
    "publish",
    "int8",
    "Number of the last publish: published_at in microseconds since 1970. A later publish has a greater one.",
    nullable=False,
)
"""What tells one state of a realm from the next: an answer that was made at one publish is good for that one only."""


@dataclass(frozen=True)
class ReaderView:
    """A view of the table's name. `shown`: names of the table's columns, in their order; `computed`: columns that the
    view makes itself. Only rows about releases that were published at some time are in it; a cross-check compares no
    others."""

    table: OperationalTable
    description: str
    shown: tuple[str, ...]
    computed: tuple[Column, ...] = ()

    @property
    def name(self) -> str:
        return self.table.name

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns of the view, in their order."""
        by_name = {column.name: column for column in self.table.columns}
        return (*(by_name[name] for name in self.shown), *self.computed)


READER_VIEWS = (
    ReaderView(
        table=RELEASE,
        description="Releases that were published at some time.",
        shown=(
            "id",
            "realm",
            "release",
            "build",
            "state",
            "version",
            "revision",
            "release_date",
            "issue",
            "page_volume",
            "page_volume_text",
            "is_sample",
            "published_at",
        ),
        computed=(PUBLISH,),
    ),
    ReaderView(
        table=PUBLISHES,
        description="Every publish, in the order of its id.",
        shown=tuple(column.name for column in PUBLISHES.columns),
    ),
    ReaderView(
        table=RELEASE_CHANGE,
        description="What each publish changed.",
        shown=tuple(column.name for column in RELEASE_CHANGE.columns),
    ),
    ReaderView(
        table=CROSS_CHECK,
        description="Which releases were compared with City of Data, and what that came to.",
        shown=tuple(column.name for column in CROSS_CHECK.columns),
    ),
    ReaderView(
        table=DISCREPANCY,
        description="Where a value differs from that of the game itself.",
        shown=tuple(column.name for column in DISCREPANCY.columns),
    ),
)
