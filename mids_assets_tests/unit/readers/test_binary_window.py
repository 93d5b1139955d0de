"""Files read through a window: the same records whatever its size, every byte once, and changes are noticed."""

import hashlib

import pytest

from mids_assets.errors import FormatError, SourceError
from mids_assets.readers import binary_scan
from mids_assets.readers.binary import choose_layout, find_layout, scan
from mids_assets.readers.binary_window import Window
from mids_assets.readers.binary_write import encode
from mids_assets.readers.layouts import I12
from mids_assets_tests.unit.readers.binary_support import sample_value

LAYOUTS = I12.layouts()


@pytest.fixture
def small_windows(monkeypatch):
    """Windows of 64 bytes: every record is longer than one, and every kind of field is cut somewhere."""
    monkeypatch.setattr(binary_scan, "Window", lambda source, digest=None: Window(source, digest, block=64))


def parts(source, layout, **options):
    return [(part.field.name, part.value, part.starts) for part in scan(source, layout, batch=2, **options)]


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.id)
@pytest.mark.parametrize("block", [1, 64, 1000, 5000])
def test_any_window_gives_the_same_records(tmp_path, monkeypatch, layout, block):
    raw = encode(layout, sample_value(layout, items=5))
    (tmp_path / "I12.mhd").write_bytes(raw)
    monkeypatch.setattr(binary_scan, "Window", lambda source, digest=None: Window(source, digest, block=block))
    digest = hashlib.sha256()
    assert parts(tmp_path / "I12.mhd", layout, digest=digest) == parts(raw, layout)
    assert digest.hexdigest() == hashlib.sha256(raw).hexdigest()


def test_a_cut_at_every_byte_gives_the_same_error_through_a_window(tmp_path, small_windows):
    raw = encode(I12.newest, sample_value(I12.newest, items=1))
    path = tmp_path / "I12.mhd"
    for size in range(0, len(raw), 7):
        path.write_bytes(raw[:size])
        found = []
        for source in (raw[:size], path):
            with pytest.raises(FormatError) as caught:
                find_layout(source, LAYOUTS)
            found.append((caught.value.message, caught.value.offset, caught.value.record, caught.value.field))
        assert found[0] == found[1]


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path, small_windows):
    path = tmp_path / "I12.mhd"
    raw = encode(I12.newest, sample_value(I12.newest, items=5))
    for changed in (raw[:-100], raw + b"x"):
        path.write_bytes(raw)
        reading = scan(path, I12.newest, batch=1)
        next(reading)
        path.write_bytes(changed)
        with pytest.raises(SourceError, match=r"I12\.mhd was changed while it was being read"):
            list(reading)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.id)
def test_the_beginning_tells_the_layout(tmp_path, monkeypatch, layout):
    path = tmp_path / "I12.mhd"
    path.write_bytes(encode(layout, sample_value(layout, items=3)) + b"left over")
    monkeypatch.setattr("mids_assets.readers.binary.find_layout", lambda *_, **__: pytest.fail("read to the end"))
    assert choose_layout(path, LAYOUTS, records=2) is layout


def test_where_several_layouts_read_the_beginning_the_whole_file_decides():
    # Without effects r1 and r2 are the same bytes up to an effect behind the beginning.
    layout = I12.layout("r1")
    value = sample_value(layout, items=3)
    value["powers"][0]["effects"] = []
    raw = encode(layout, value)
    assert choose_layout(raw, LAYOUTS, records=1) is layout
    with pytest.raises(FormatError) as caught:
        choose_layout(raw[:-1], LAYOUTS, records=1)
    assert caught.value.record == "summoned_entity 2"
    # Without any the newest is taken, as by a reading of the whole file.
    for power in value["powers"]:
        power["effects"] = []
    raw = encode(layout, value)
    assert choose_layout(raw, LAYOUTS) is find_layout(raw, LAYOUTS) is I12.layout("r2")


def test_where_no_layout_reads_the_beginning_the_error_is_that_of_the_whole_file():
    raw = encode(I12.newest, sample_value(I12.newest, items=3))
    broken = raw[: raw.index(b"BEGIN:POWERSETS") + 50]
    found = []
    for choose in (find_layout, choose_layout):
        with pytest.raises(FormatError) as caught:
            choose(broken, LAYOUTS)
        found.append(str(caught.value))
    assert found[0] == found[1]


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.id)
def test_a_small_part_of_the_file_tells_its_layout(tmp_path, monkeypatch, layout):
    value = sample_value(layout, items=3)
    value["powers"] *= 2000
    path = tmp_path / "I12.mhd"
    path.write_bytes(encode(layout, value))
    loaded = []
    load = Window._next
    monkeypatch.setattr(Window, "_next", lambda window, size: loaded.append(load(window, size)) or loaded[-1])
    assert choose_layout(path, LAYOUTS) is layout
    # Of each wrong layout a glance or two, of the right one a hundred powers.
    assert 0 < sum(map(len, loaded)) < path.stat().st_size / 5
