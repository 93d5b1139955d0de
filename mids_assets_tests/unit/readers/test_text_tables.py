"""The tab files and the comma files: what the format says, where it is lenient, and that faults are placed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mids_assets.errors import FormatError
from mids_assets.readers.text_cells import clean, join_cells
from mids_assets.readers.text_power_names import (
    declared_realm,
    read_cryptic_names,
    read_power_replacements,
    write_cryptic_names,
    write_power_replacements,
)
from mids_assets.readers.text_tables import (
    read_enhancement_classes,
    read_levels,
    read_maths,
    read_origins,
    read_set_types,
    write_enhancement_classes,
    write_levels,
    write_maths,
    write_origins,
    write_set_types,
)
from mids_assets_tests.unit.readers.binary_support import REAL, needs_real

CLASSES = b"""Enhancement Classes\t\t
Version:\t1.1\t\t
Index\tName\tShort\tClass\tDescription
1\tAccuracy\tAcc\tAccuracy_Boost\t"More, ""accurate"
7\t' Odd \t\tOdd_Boost
End\t\t\t
ignored\tbehind the end
"""
CELLS = st.text(st.characters(exclude_characters='\t\r\n"', exclude_categories=["Cs"]), max_size=8).filter(
    lambda text: clean(text) == text
)
NAMES = CELLS.filter(lambda text: text not in ("", "End"))
INT32 = st.integers(-(2**31), 2**31 - 1)


def test_enhancement_classes():
    assert read_enhancement_classes(CLASSES) == [
        {
            "id": 1,
            "name": "Accuracy",
            "short_name": "Acc",
            "class_id": "Accuracy_Boost",
            "description": "More, accurate",
        },
        {"id": 7, "name": " Odd", "short_name": "", "class_id": "Odd_Boost", "description": ""},
    ]


@pytest.mark.parametrize("change", [b"\r\n", b"\r", b"\n\n"])
def test_any_line_end_and_a_byte_order_mark(change):
    data = b"\xef\xbb\xbf" + CLASSES.replace(b"\n", change)
    assert read_enhancement_classes(data) == read_enhancement_classes(CLASSES)


@pytest.mark.parametrize(
    ("before", "after", "line", "field"),
    [
        (b"Version:\t1.1", b"Version:\t", 2, "version"),
        (b"Version:", b"version:", 8, None),
        (b"Index", b"index", 8, None),
        (b"\nEnd", b"\nend", 6, "id"),
        (b"\n7\t", b"\n7.0\t", 5, "id"),
        (b"\n7\t", b"\n9999999999\t", 5, "id"),
        (b"\n7\t", b"\n\t", 5, "id"),
        (b"Odd_Boost", b"", 5, "class_id"),
        (b"Accuracy_Boost", b"\xff", 4, None),
    ],
)
def test_a_fault_names_line_offset_and_field(before, after, line, field):
    data = CLASSES.replace(before, after, 1)
    with pytest.raises(FormatError) as caught:
        read_enhancement_classes(data, file="EClasses.mhd")
    error = caught.value
    assert (error.file, error.record, error.field) == ("EClasses.mhd", f"line {line}", field)
    start = sum(len(text) + 1 for text in data.split(b"\n")[: line - 1])
    assert error.offset == (data.index(b"\xff") if after == b"\xff" else start)


def test_a_file_cut_off_before_end_is_noticed():
    with pytest.raises(FormatError, match="cut off"):
        read_enhancement_classes(CLASSES.split(b"End")[0])


@pytest.mark.parametrize(
    "read",
    [read_enhancement_classes, read_origins, read_levels, read_maths, read_set_types, read_cryptic_names],
)
@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b" \r\n\t\n"])
def test_an_empty_file_is_refused(read, data):
    with pytest.raises(FormatError, match="empty"):
        read(data, file="x")


@given(st.lists(st.tuples(INT32, NAMES, CELLS, NAMES, CELLS)))
def test_classes_come_back(rows):
    fields = ("id", "name", "short_name", "class_id", "description")
    records: list[dict[str, Any]] = [dict(zip(fields, row, strict=True)) for row in rows]
    assert read_enhancement_classes(write_enhancement_classes(records)) == records


@given(st.lists(st.tuples(NAMES, CELLS, CELLS)))
def test_origins_come_back(rows):
    records: list[dict[str, Any]] = [
        dict(zip(("name", "dual_graphic", "single_graphic"), row, strict=True)) for row in rows
    ]
    assert read_origins(write_origins(records)) == records


@given(st.lists(st.tuples(CELLS, NAMES)))
def test_set_types_come_back(rows):
    records = [{"name": name, "short_name": short} for name, short in rows]
    assert read_set_types(write_set_types(records)) == records


@given(st.lists(st.tuples(*[st.integers(0, 30)] * 3, CELLS), min_size=50, max_size=50))
def test_levels_come_back(rows):
    fields = ("level", "powers", "slots", "inspirations", "note")
    records: list[dict[str, Any]] = [dict(zip(fields, (level, *row), strict=True)) for level, row in enumerate(rows)]
    assert read_levels(write_levels(records)) == records


def test_levels_are_lenient_within_a_row_and_strict_about_their_number():
    rows = [b'1\t1\t\t3\t"The note"', b"2", b"3\tmany\t 2 \t-1", b"", *[b"%d\t\t" % n for n in range(4, 51)]]
    records = read_levels(b"Level\tPower\n" + b"\n".join(rows))
    assert records[0] == {"level": 0, "powers": 1, "slots": 0, "inspirations": 3, "note": "The note"}
    assert records[1] == {"level": 1, "powers": 0, "slots": 0, "inspirations": 0, "note": ""}
    assert records[2] == {"level": 2, "powers": 0, "slots": 2, "inspirations": -1, "note": ""}
    assert [record["level"] for record in records] == list(range(50))
    with pytest.raises(FormatError, match="50 rows are due, the file ends after 49"):
        read_levels(b"Level\tPower\n" + b"\n".join(rows[:-1]))


MATHS = {
    "diversification_threshold": [
        {"schedule": schedule, "threshold": number, "value": number + place / 8}
        for number in (1, 2, 3)
        for place, schedule in enumerate("ABCD")
    ],
    "enhancement_strength": [
        {"grade": grade, "level": -1, "schedule": schedule, "value": number / 7}
        for number, grade in enumerate(("training", "dual", "single", "hamidon"))
        for schedule in "ABCD"
    ]
    + [
        {"grade": "invention", "level": level, "schedule": schedule, "value": level + 0.001}
        for level in range(53)
        for schedule in "ABCD"
    ],
}


def test_maths_come_back():
    assert read_maths(write_maths(MATHS)) == MATHS


@pytest.mark.parametrize("bad", [b"x", b"", b"1,5", b"nan", b"1e999", b"0x1"])
def test_maths_take_numbers_only(bad):
    data = write_maths(MATHS).replace(b"\t2.125\t", b"\t" + bad + b"\t", 1)
    with pytest.raises(FormatError, match="no number") as caught:
        read_maths(data)
    assert (caught.value.record, caught.value.field) == ("line 5", "threshold B")


@pytest.mark.parametrize("text", ["a\tb", "a\nb", 'a"b', " a", "'a", "a "])
def test_a_text_that_would_not_come_back_is_not_written(text):
    with pytest.raises(ValueError, match="cannot be a cell"):
        join_cells([[text]])


REPLACEMENTS = b"""# Realm:  Some Place \r
10, 20   # a comment, 1, 2
[Global]
11 ,\t21
10, 99
[Class Blaster] # for one
12,22
nonsense
13, 23, 33
14; 24
99999999999, 1
"""


def test_power_replacements():
    assert read_power_replacements(REPLACEMENTS) == [
        {"archetype": "", "old": 10, "new": 20},
        {"archetype": "", "old": 11, "new": 21},
        {"archetype": "class blaster", "old": 12, "new": 22},
    ]
    assert declared_realm(REPLACEMENTS) == "Some Place"
    assert declared_realm(b"# realm:\n1, 2") is None


def test_power_replacements_come_back():
    records = read_power_replacements(REPLACEMENTS)
    assert read_power_replacements(write_power_replacements(records)) == records
    with pytest.raises(ValueError, match="cannot name a block"):
        write_power_replacements([{"archetype": "Class_A", "old": 1, "new": 2}])


def test_cryptic_names():
    data = b"A.B.C ,  A.B.D # why\nA.B.E,a.b.e\nnonsense\nX, Y, Z\nA.B.F,G.H.I"
    records = [{"old": "A.B.C", "new": "A.B.D"}, {"old": "A.B.F", "new": "G.H.I"}]
    assert read_cryptic_names(data) == records
    assert read_cryptic_names(write_cryptic_names(records)) == records


def test_a_name_that_is_renamed_twice_is_refused():
    with pytest.raises(FormatError) as caught:
        read_cryptic_names(b"A.B.C, A.B.D\n\na.b.c, A.B.E\n", file="n")
    assert (caught.value.record, caught.value.offset) == ("line 3", 14)


@needs_real
@pytest.mark.real
def test_real_files_are_read_and_come_back():
    readers = {
        "eclasses": (read_enhancement_classes, write_enhancement_classes),
        "origins": (read_origins, write_origins),
        "nlevels": (read_levels, write_levels),
        "rlevels": (read_levels, write_levels),
        "levels": (read_levels, write_levels),
        "maths": (read_maths, write_maths),
        "settypes": (read_set_types, write_set_types),
        "powersrepltable": (read_power_replacements, write_power_replacements),
        "crypticpowernames": (read_cryptic_names, write_cryptic_names),
    }
    seen = {}
    for path in sorted(REAL.rglob("*.mhd")):
        if path.stem.lower() in readers:
            read, write = readers[path.stem.lower()]
            records = read(path.read_bytes(), file=path)
            assert read(write(records)) == records
            seen[path.parent.name, path.stem.lower()] = len(records)
    assert seen["Homecoming", "eclasses"] == 32 and seen["Rebirth", "eclasses"] == 26
    assert seen["Rebirth", "settypes"] == 46 and seen["homecoming-2022-03-31", "settypes"] == 50
    assert seen["Homecoming", "powersrepltable"] == 8 and seen["Homecoming", "crypticpowernames"] == 97
