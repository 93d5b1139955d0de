"""From a folder or an archive to the packed export, in a temporary folder that is removed after the block.

Does not belong here: which folder is meant (`readers.unpack`), what packing does (`pack`).
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mids_assets.errors import SourceError, UserError
from mids_assets.readers.city_of_data.archive_files import TarFiles, ZipFiles
from mids_assets.readers.city_of_data.export import FILE_NAME
from mids_assets.readers.city_of_data.find import exports_in
from mids_assets.readers.city_of_data.pack import pack, pack_files
from mids_assets.readers.source_parts import MAIN


@contextmanager
def packed_folder(folder: Path) -> Iterator[tuple[Path, list[str]]]:
    """A folder with the packed export of `folder`, and what a person has to know of it. Raises as `pack`."""
    with _temporary() as place:
        yield place, pack(folder, place / FILE_NAME).warnings


def holds_export(path: Path) -> bool:
    """Whether a ZIP archive holds an export. Raises `SourceError` where it is none."""
    with ZipFiles(path) as files:
        return bool(exports_in(files))


@contextmanager
def unpacked_exports(path: Path, *, is_zip: bool, limit: int) -> Iterator[tuple[Path, list[str]]]:
    """A folder with the packed export of an archive, or with a folder for each where it holds several, and what a
    person has to know.

    Raises `SourceError` where it holds none, or a database of MidsReborn beside it; `FormatError` for an archive that
    is damaged or must not be trusted, or inflates to more than `limit` bytes.
    """
    with _temporary() as place:
        try:
            warnings = _unpack(path, place, is_zip=is_zip, limit=limit)
        except OSError as problem:
            raise UserError(
                f"{path}: cannot be unpacked into {tempfile.gettempdir()}: {problem.strerror}; make room there or set"
                " TMPDIR"
            ) from None
        yield place, warnings


def _unpack(path: Path, place: Path, *, is_zip: bool, limit: int) -> list[str]:
    with (ZipFiles if is_zip else TarFiles)(path, limit) as files:
        roots = exports_in(files)
        if not roots:
            raise SourceError(
                f"{path}: this archive holds no City of Data export; a database folder of MidsReborn is taken as .zip"
            )
        if databases := sorted(name for name in files.sizes if name.rpartition("/")[2].lower() in _MAIN):
            raise SourceError(
                f"{path}: holds a City of Data export and a database of MidsReborn ({databases[0]}); unpack it and give"
                " one of the two folders"
            )
        warnings: list[str] = []
        for number, root in enumerate(roots):
            folder = place if len(roots) == 1 else place / f"{number} {_HARMLESS.sub('_', root.strip('/'))}"
            folder.mkdir(exist_ok=True)
            warnings += pack_files(files, root, folder / FILE_NAME).warnings
        return warnings


_MAIN = set(MAIN.values()) - {FILE_NAME.lower()}
_HARMLESS = re.compile(r"[^A-Za-z0-9._-]")


@contextmanager
def _temporary() -> Iterator[Path]:
    # Two levels that name no realm: `readers.source` looks at the two parents of a folder.
    with tempfile.TemporaryDirectory(prefix="mids-", ignore_cleanup_errors=True) as name:
        place = Path(name).resolve() / "packed" / "export"
        place.mkdir(parents=True)
        yield place
