"""Patches: what is packed comes out, and nothing else does. The bytes of hostile ones are made here."""

from __future__ import annotations

import struct
import tempfile
import tracemalloc
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mids_assets.errors import FormatError, SourceError
from mids_assets.readers.packed import FILES_LIMIT, INFLATED_LIMIT
from mids_assets.readers.patch import PREFIX, extract_patch, is_patch, write_patch
from mids_assets.readers.patch_hash import verify_hashes, write_hash

FILES = [("Homecoming", "I12.mhd", b"main"), ("Homecoming\\Images", "a.png", b""), ("", "b.txt", bytes(300))]
I32 = struct.Struct("<i")


@pytest.fixture
def out(tmp_path):
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def refused(path: Path, out: Path, **options) -> FormatError:
    with pytest.raises(FormatError) as caught:
        extract_patch(path, out, **options)
    assert caught.value.file == str(path)
    return caught.value


def raw(path: Path, content: bytes) -> Path:
    path.write_bytes(zlib.compress(content))
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


NAMES = st.text(st.characters(codec="utf-8", exclude_characters='/\\:*?"<>|. ', exclude_categories=("C",)), min_size=1)
PART = NAMES.map(lambda name: name[:40])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.lists(PART, max_size=3), PART, st.binary(max_size=400)), max_size=8), st.booleans())
def test_what_is_packed_comes_out(files, compressed):
    # A folder's name is never a file's name here, and no two differ by case only.
    entries = [
        ("\\".join(f"d{part.casefold()}" for part in parts), f"f{number}{name}", data)
        for number, (parts, name, data) in enumerate(files)
    ]
    with tempfile.TemporaryDirectory() as name:
        patch, folder = Path(name) / "x.mru", Path(name) / "out"
        folder.mkdir()
        write_patch(patch, entries, compressed=compressed)
        write_hash(patch.with_suffix(".hash"), entries)
        # The magic of a compressed patch shows once the tables at its head are inflated.
        assert is_patch(patch.read_bytes()[:4096])
        unpacked = extract_patch(patch, folder)
        assert [(file.directory, file.file_name) for file in unpacked] == [entry[:2] for entry in entries]
        found = contents(folder)
        expected = {f"{d}/{n}".replace("\\", "/").lstrip("/").casefold(): data for d, n, data in entries}
        assert {name.casefold(): data for name, data in found.items()} == expected
        assert verify_hashes(patch, unpacked) is None


@pytest.mark.parametrize(
    ("directory", "file_name"),
    [
        ("\\Homecoming", "a"),
        ("/etc", "a"),
        ("C:", "a"),
        ("C:\\x", "a"),
        ("..", "a"),
        ("x\\..\\..", "a"),
        ("x/../y", "a"),
        (".", "a"),
        ("x\\\\y", "a"),
        ("x\\", "a"),
        ("x", ".."),
        ("x", "."),
        ("x", ""),
        ("x", "a/b"),
        ("x", "a\\b"),
        ("x", "a."),
        ("x ", "a"),
        ("x", "a" * 256),
        ("\\".join(["abcdefghi"] * 110), "a"),
        *[("x", f"a{sign}b") for sign in '\0\n\x1f\x7f:*?"<>|'],
        *[(f"x{sign}", "b") for sign in '\0\t:*?"<>|'],
    ],
)
def test_a_path_that_must_not_be_trusted(directory, file_name, tmp_path, out):
    path = tmp_path / "x.mru"
    write_patch(path, [("fine", "fine", b"1"), (directory, file_name, b"2")])
    error = refused(path, out)
    assert error.record == "file 1" and error.offset and "refused" in str(error)
    assert contents(tmp_path) == {"x.mru": path.read_bytes(), "out/fine/fine": b"1"}


@pytest.mark.parametrize(
    "pair",
    [
        [("x", "a"), ("x", "a")],
        [("x", "a"), ("X", "A")],
        [("x", "a"), ("x\\A", "b")],
        [("x\\a", "b"), ("x", "A")],
        [("x\\y", "ß"), ("x/y", "SS")],
    ],
)
def test_one_path_twice(pair, tmp_path, out):
    write_patch(tmp_path / "x.mru", [(*names, b"") for names in pair])
    assert refused(tmp_path / "x.mru", out).record == "file 1"


def test_a_folder_that_changes_its_case_stays_one_folder(tmp_path, out):
    write_patch(tmp_path / "x.mru", [("Home\\Images", "a", b"1"), ("HOME\\images", "b", b"2")])
    extract_patch(tmp_path / "x.mru", out)
    assert contents(out) == {"Home/Images/a": b"1", "Home/Images/b": b"2"}


@pytest.mark.parametrize("compressed", [True, False])
def test_a_patch_cut_anywhere(compressed, tmp_path):
    path = tmp_path / "x.mru"
    write_patch(path, FILES, compressed=compressed)
    whole = path.read_bytes()
    # The eight bytes behind the uncompressed content are a leftover that nobody reads.
    for size in range(len(whole) if compressed else len(whole) - 8):
        path.write_bytes(whole[:size])
        (folder := tmp_path / str(size)).mkdir()
        refused(path, folder)
    for size in range(len(whole) - 8, len(whole)) if not compressed else ():
        path.write_bytes(whole[:size])
        (folder := tmp_path / str(size)).mkdir()
        assert len(extract_patch(path, folder)) == len(FILES)


def test_every_damaged_byte_is_an_error_or_harmless(tmp_path):
    path = tmp_path / "x.mru"
    write_patch(path, FILES)
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        (folder := tmp_path / str(place)).mkdir()
        with pytest.raises(FormatError):
            extract_patch(path, folder)


def test_bytes_after_the_last_file_are_ignored(tmp_path, out):
    write_patch(tmp_path / "x.mru", FILES)
    content = zlib.decompress((tmp_path / "x.mru").read_bytes())
    path = raw(tmp_path / "y.mru", content + b"more" * 1000)
    path.write_bytes(path.read_bytes() + b"and behind the stream")
    assert len(extract_patch(path, out)) == 3


@pytest.mark.parametrize("count", [2**31 - 1, -2, -(2**31), FILES_LIMIT + 1])
def test_impossible_counts(count, tmp_path, out):
    error = refused(raw(tmp_path / "x.mru", PREFIX + I32.pack(count)), out)
    assert (error.field, error.offset) == ("count", len(PREFIX))


def test_a_count_above_the_files_that_are_there(tmp_path, out):
    error = refused(raw(tmp_path / "x.mru", PREFIX + I32.pack(3)), out)
    assert (error.field, error.record, error.offset) == ("data_length", "file 0", len(PREFIX) + 4)


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        (I32.pack(-2), "data_length"),
        (I32.pack(2**31 - 1) + b"\x01a\x00", None),
        (I32.pack(5) + b"\x01a\x00" + b"1234", "data"),
        (I32.pack(0) + b"\xff\xff\xff\xff\xff\x01", "file_name"),
        (I32.pack(0) + b"\xff\xff\x7f", "file_name"),
        (I32.pack(0) + b"\x02\xff\xfe\x00", "file_name"),
        (I32.pack(0) + b"\x03\xed\xa0\x80\x00", "file_name"),
        (I32.pack(0) + b"\x01a\x05x", "directory"),
    ],
)
def test_impossible_entries(entry, field, tmp_path, out):
    path = raw(tmp_path / "x.mru", PREFIX + I32.pack(1) + entry)
    assert refused(path, out, limit=2**31 - 1).field == field
    assert field == "data" or contents(out) == {}


def test_something_else_is_no_patch(tmp_path, out):
    assert "does not begin with" in str(
        refused(raw(tmp_path / "x.mru", b"\x16Mids Reborn Other Data!" + bytes(9)), out)
    )
    assert refused(raw(tmp_path / "x.mru", b"\x05hello" + bytes(90)), out).offset == 0
    (tmp_path / "x.mru").write_bytes(b"\x05hello")
    assert refused(tmp_path / "x.mru", out).offset == 0
    assert not is_patch(zlib.compress(b"hello")) and not is_patch(b"") and not is_patch(b"\x78")


def bomb(path: Path, head: bytes, mebibytes: int) -> Path:
    """`head`, then zeros: one MiB is packed once and its bytes repeated, which a full flush allows."""
    packer = zlib.compressobj(9)
    start = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(1024 * 1024)) + packer.flush(zlib.Z_FULL_FLUSH)
    with path.open("wb") as out:
        out.write(start)
        for _ in range(mebibytes):
            out.write(block)
    return path


@pytest.mark.parametrize(
    "head",
    [
        PREFIX + I32.pack(0),  # behind the last file
        PREFIX + I32.pack(1) + I32.pack(2**31 - 1) + b"\x01a\x00",  # in a file
        PREFIX + I32.pack(FILES_LIMIT) + I32.pack(0) + b"\x01a\x00",  # in place of files: empty names
    ],
)
def test_a_bomb_of_4_gb_ends_early_with_flat_memory(head, tmp_path, out):
    path = bomb(tmp_path / "x.mru", head, 4096)
    assert path.stat().st_size < 6 * 1024 * 1024
    tracemalloc.start()
    try:
        error = refused(path, out, limit=32 * 1024 * 1024)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "refused" in str(error)
    assert peak < 4 * 1024 * 1024
    assert sum(len(data) for data in contents(out).values()) == 0


def test_lengths_that_sum_up_beyond_the_default_limit(tmp_path, out):
    head = PREFIX + I32.pack(2) + I32.pack(4) + b"\x01a\x00data" + I32.pack(2**31 - 1) + b"\x01b\x00"
    assert 2**31 - 1 + len(head) > INFLATED_LIMIT
    assert "2,147,483,648" in str(refused(bomb(tmp_path / "x.mru", head, 1), out))


def changed_hash(change, tmp_path, out):
    patch = tmp_path / "homecoming-2025.1.2-cumulative.mru"
    write_patch(patch, FILES)
    write_hash(patch.with_suffix(".hash"), change(list(FILES)))
    verify_hashes(patch, extract_patch(patch, out))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda files: files[1:], r"I12\.mhd is not listed"),
        (lambda files: [*files, ("Homecoming", "lost.mhd", b"")], r"lost\.mhd is listed in .* and not there"),
        (lambda files: [("Homecoming", "I12.mhd", b"other"), *files[1:]], r"I12\.mhd has not the hash"),
    ],
)
def test_the_hash_file_is_compared_both_ways(change, words, tmp_path, out):
    with pytest.raises(SourceError, match=words):
        changed_hash(change, tmp_path, out)


def test_the_hash_file_may_spell_case_separators_and_order_otherwise(tmp_path, out):
    changed_hash(lambda f: [(d.upper().replace("\\", "/"), n.upper(), b) for d, n, b in reversed(f)], tmp_path, out)
    place = tmp_path / "homecoming-2025.1.2-cumulative.hash"
    text = place.read_bytes()
    place.unlink()
    (tmp_path / "homecoming-2025.1.2.hash").write_bytes(
        b"\xef\xbb\xbf"
        + text.upper()
        .replace(b"DIRECTORY", b"Directory")
        .replace(b"FILENAME", b"FileName")
        .replace(b'"HASH"', b'"Hash"')
    )
    (second := tmp_path / "second").mkdir()
    patch = place.with_suffix(".mru")
    assert verify_hashes(patch, extract_patch(patch, second)) is None


@pytest.mark.parametrize("text", [b"", b"{}", b"[1]", b'[{"Directory":"a"}]', b"<html>", b"[" * 100_000, b"\xff"])
def test_an_unusable_hash_file(text, tmp_path):
    (tmp_path / "x.hash").write_bytes(text)
    with pytest.raises(FormatError, match=r"x\.hash"):
        verify_hashes(tmp_path / "x.mru", [])


def test_a_hash_file_that_lists_a_file_twice(tmp_path):
    write_hash(tmp_path / "x.hash", [("a", "b", b""), ("A", "B", b"")])
    with pytest.raises(FormatError, match="twice"):
        verify_hashes(tmp_path / "x.mru", [])


def test_an_absent_hash_file_is_a_warning(tmp_path):
    assert "x.hash is absent" in str(verify_hashes(tmp_path / "x.mru", []))
