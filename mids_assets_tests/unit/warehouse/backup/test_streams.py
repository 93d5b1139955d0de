"""Bytes between programs: measured, checked, counted; failures are those of the program or of the source."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator

import pytest

from mids_assets.errors import BackupUnusable
from mids_assets.warehouse.backup.manifest import StoredFile
from mids_assets.warehouse.backup.streams import Measured, ProgramFailed, Script, output, piped, unchanged

CAT = [sys.executable, "-c", "import sys, shutil; shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)"]


def test_what_passes_is_measured_and_found_unchanged():
    measured = Measured([b"abc", b"", b"de"])
    assert b"".join(measured) == b"abcde"
    assert measured.facts == StoredFile(5, hashlib.sha256(b"abcde").hexdigest())
    assert list(unchanged([b"ab", b"cde"], measured.facts, "a file")) == [b"ab", b"cde"]
    for other in ([b"abcd"], [b"abcdf"], []):
        with pytest.raises(BackupUnusable, match="a file is damaged"):
            list(unchanged(other, measured.facts, "a file"))


def test_a_program_that_fails_says_why_and_hides_passwords():
    code = "import sys; sys.stdout.write('some'); sys.exit('no: postgresql://u:topsecret@h/d\\nDETAIL: x')"
    with pytest.raises(ProgramFailed, match=r"failed: no: postgresql://u:\*\*\*\*@h/d DETAIL: x"):
        list(output([sys.executable, "-c", code], {}))


def test_more_than_a_pipe_holds_goes_through_both_ways():
    lines = [b"%d\n" % number for number in range(200_000)]
    assert list(piped(CAT, lines)) == lines


def test_what_the_source_raises_ends_the_program():
    def breaks() -> Iterator[bytes]:
        yield b"one\n"
        raise BackupUnusable("damaged")

    with pytest.raises(BackupUnusable, match="damaged"):
        list(piped(CAT, breaks()))


def test_a_program_that_has_enough_leaves_the_rest_to_be_checked():
    seen: list[int] = []

    def source() -> Iterator[bytes]:
        for number in range(50):
            seen.append(number)
            yield b"x" * 100_000

    assert list(piped([sys.executable, "-c", "print(1)"], source())) == [b"1\n"]
    assert seen == list(range(50))


def test_rows_are_counted_and_told_from_statements():
    text = b"""SET a = 1;
COPY "homecoming".power (id, name) FROM stdin;
1\tCOPY x (y) FROM stdin;
2\tb
\\.

COPY pg_temp.release (id) FROM stdin;
\\.
-- COPY of nothing
"""
    script = Script(text.splitlines(keepends=True))
    found = list(script)
    assert b"".join(line for line, _ in found) == text
    assert [line[:1] for line, is_row in found if is_row] == [b"1", b"2"]
    assert script.rows == {"homecoming.power": 2, "pg_temp.release": 0}
