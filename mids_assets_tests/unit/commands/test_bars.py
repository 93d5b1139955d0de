"""What a person sees of an import: bars in a terminal, lines where there is none, nothing when it is not wanted."""

from __future__ import annotations

import io
import sys

import pytest

from mids_assets.commands import bars as module
from mids_assets.commands.bars import Bars
from mids_assets.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def told(monkeypatch):
    """What a stage of three units writes to standard error."""

    def tell(error: io.StringIO, quiet: bool = False) -> str:
        monkeypatch.setattr(sys, "stderr", error)
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setenv("COLUMNS", "150")
        for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
            monkeypatch.delenv(name, raising=False)
        with Bars(quiet) as bars:
            bars.stage("source", "looking")
            bars.stage("source", "version 1")
            for done in range(4):
                bars.show(Progress("chunks", done, 3, f"{done * 1000:,} records, 500/s" if done else ""))
            bars.show(Progress("chunks", 3, 3, "again"))
        return error.getvalue()

    return tell


def test_without_a_terminal_each_stage_of_several_units_is_a_line_when_it_ends(told):
    assert told(io.StringIO()) == "chunks   3/3  3,000 records, 500/s\n"


def test_a_long_stage_says_now_and_then_how_far_it_is(told, monkeypatch):
    monkeypatch.setattr(module, "LINE_SECONDS", 0.0)
    lines = told(io.StringIO()).splitlines()
    assert lines == ["chunks   0/3", *(f"chunks   {n}/3  {n},000 records, 500/s" for n in (1, 2, 3))]


def test_a_terminal_shows_bars_with_the_pace(told):
    text = told(Terminal())
    assert "3/3" in text and "again" in text and "\x1b[" in text
    assert "chunks   3/3  3,000" not in text


@pytest.mark.parametrize("error", [io.StringIO, Terminal])
def test_quiet_is_quiet(told, error):
    assert told(error(), quiet=True) == ""
