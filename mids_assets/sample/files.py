"""Writes a sample release as the files of a database folder.

The bytes are made by the writers of `readers`, which also read real files. The same release gives the same bytes.
Does not belong here: the records (one module per kind).
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from mids_assets.errors import UserError
from mids_assets.readers.binary_write import encode, write_file
from mids_assets.readers.json_files import write_attribute_modifiers, write_server_data, write_type_grades
from mids_assets.readers.layouts.enhdb import ENHDB
from mids_assets.readers.layouts.i12 import I12
from mids_assets.readers.layouts.recipe import RECIPE
from mids_assets.readers.layouts.small import COMPARE, GLOBALMODS, SALVAGE
from mids_assets.readers.mids_zip import DatabaseHeader, write_mids_zip
from mids_assets.readers.text_power_names import write_cryptic_names, write_power_replacements
from mids_assets.readers.text_tables import (
    write_enhancement_classes,
    write_levels,
    write_maths,
    write_origins,
)
from mids_assets.readers.wire import from_net_date
from mids_assets.sample import tables
from mids_assets.sample.draw import Draw
from mids_assets.sample.exporter import EXPORTER_FILES, write_exporter
from mids_assets.sample.release import SampleRelease, generate

NOTICE = "SAMPLE.txt"
EXPORTER_FOLDER = "exporter"
"""Where a DataExporter folder goes beside other forms: a folder is read as one database only."""
_EXPORTER = frozenset({"exporter", "exporter-text"})
_FORMS = frozenset({"mhd", "zip"}) | _EXPORTER
FORMATS = {
    "mhd": frozenset({"mhd"}),
    "zip": frozenset({"zip"}),
    "exporter": frozenset({"exporter"}),
    "exporter-text": frozenset({"exporter-text"}),
    "all": frozenset({"mhd", "zip", "exporter"}),
}
"""What `--format` takes -> which forms of the database are written."""
DATABASE_FILES = frozenset(
    (
        *("AttribMod.json", "Compare.mhd", "CrypticPowerNames.mhd", "EClasses.mhd", "EnhDB.mhd", "GlobalMods.mhd"),
        *("I12.mhd", "Maths.mhd", "Mids.zip", "NLevels.mhd", "Origins.mhd", "PowersReplTable.mhd", "RLevels.mhd"),
        *("Recipe.mhd", NOTICE, "SData.json", "Salvage.mhd", "TypeGrades.json"),
    )
)
"""Every file of a sample as the program has it."""
KNOWN_FILES = DATABASE_FILES | EXPORTER_FILES
"""Every file that a sample can consist of."""


def write_sample(
    out: Path,
    *,
    powers: int = 300,
    seed: int = 1,
    realm: str = "homecoming",
    file_format: str = "mhd",
    pretty: bool = False,
) -> SampleRelease:
    """The whole of `mids sample`: check the arguments (`UserError`), generate, write into folder `out`."""
    if file_format not in FORMATS:
        raise UserError(f"{file_format!r} is no format of a sample: use {', '.join(FORMATS)}")
    if pretty and not FORMATS[file_format] & _EXPORTER:
        raise UserError(f"format {file_format} has no JSON to lay out: leave --pretty out, or use --format exporter")
    release = generate(powers, seed, realm)
    write_release(release, out, FORMATS[file_format], pretty=pretty)
    return release


def write_release(
    release: SampleRelease, out: Path, formats: Collection[str] = ("mhd",), *, pretty: bool = False
) -> list[Path]:
    """Write all files of `release` into `out` (made where it is missing) and return their paths in order of names.

    `formats`: "mhd" writes the main database as I12.mhd, "zip" as Mids.zip; the other files are the same. "exporter"
    writes a DataExporter folder, "exporter-text" one whose powers are text: into `out` itself, or beside the others
    into its folder `exporter`. `pretty` gives that folder's JSON line breaks.
    A folder that holds anything but an earlier sample is refused with `UserError`: a made-up release must not
    mix with, or take the place of, a real one. The files of an earlier sample are replaced.
    """
    chosen = frozenset(formats)
    if not chosen or chosen - _FORMS:
        raise UserError(f"formats are {', '.join(sorted(_FORMS))}, not {', '.join(sorted(chosen)) or 'none'}")
    _clear(out)
    # First, so that a folder that was written only in part is known as a sample.
    (out / NOTICE).write_bytes(_notice(release).encode())
    if chosen - _EXPORTER:
        _write_database(release, out, chosen)
    if chosen & _EXPORTER:
        folder = out / EXPORTER_FOLDER if chosen - _EXPORTER else out
        folder.mkdir(exist_ok=True)
        (folder / NOTICE).write_bytes(_notice(release).encode())
        for form in sorted(chosen & _EXPORTER):
            write_exporter(release, folder, text=form == "exporter-text", pretty=pretty)
    return sorted(path for path in out.rglob("*") if path.is_file())


def _write_database(release: SampleRelease, out: Path, formats: Collection[str]) -> None:
    sections = {
        "archetypes": release.archetypes,
        "powersets": release.powersets,
        "powers": release.powers,
        "entities": release.entities,
    }
    if "mhd" in formats:
        write_file(out / "I12.mhd", I12.newest, {"header": release.header, **sections})
    if "zip" in formats:
        head = release.header
        date = from_net_date(head["date"])
        names = ("version", "issue", "page_volume", "page_volume_text")
        write_mids_zip(out / "Mids.zip", DatabaseHeader(date=date, **{name: head[name] for name in names}), **sections)
    for name, data in _small_files(release).items():
        (out / name).write_bytes(data)


def _clear(out: Path) -> None:
    """Make `out` an empty folder, if nothing but an earlier sample has to go."""
    if out.exists() and not out.is_dir():
        raise UserError(f"{out} is a file: name a folder for the sample")
    out.mkdir(parents=True, exist_ok=True)
    present = list(out.iterdir())
    if not present:
        return
    inner = out / EXPORTER_FOLDER
    within = list(inner.iterdir()) if inner.is_dir() else []
    foreign = sorted(
        path.relative_to(out).as_posix()
        for path in [*present, *within]
        if path.is_symlink() or path.is_dir() != (path == inner) or _usual_name(path) not in _PLACES[path.parent == out]
    )
    if foreign or not (out / NOTICE).is_file():
        what = foreign[0] if foreign else f"files but no {NOTICE}"
        raise UserError(f"{out} holds {what}, so it is not just an earlier sample: name a new or empty folder")
    for path in [*within, *present]:
        if path.is_dir():
            path.rmdir()
        elif path != out / NOTICE:
            path.unlink()


_PLACES = {True: KNOWN_FILES | {EXPORTER_FOLDER}, False: EXPORTER_FILES | {NOTICE}}
"""Names in the folder of a sample itself, and in the one inside."""


def _usual_name(path: Path) -> str:
    # A run that was killed leaves the file it was at under a name in .part.
    return path.name.removesuffix(".part")


def _small_files(release: SampleRelease) -> dict[str, bytes]:
    key = (release.seed, release.realm_number)
    comment = f"# Made-up sample, seed {release.seed}\n# Realm: {release.realm.capitalize()}\n".encode()
    files = {
        "AttribMod.json": write_attribute_modifiers(tables.modifier_tables(*key)),
        "Compare.mhd": encode(COMPARE.newest, {"overrides": tables.comparison_overrides(release.plan)}),
        "EClasses.mhd": write_enhancement_classes(tables.enhancement_classes()),
        "EnhDB.mhd": encode(ENHDB.newest, release.enhdb),
        "GlobalMods.mhd": encode(GLOBALMODS.newest, {"effect_ids": tables.effect_tags()}),
        "Maths.mhd": write_maths(
            {"diversification_threshold": tables.thresholds(), "enhancement_strength": tables.strengths()}
        ),
        "NLevels.mhd": write_levels(tables.levels("N")),
        "Origins.mhd": write_origins(tables.origins()),
        "PowersReplTable.mhd": comment + write_power_replacements(tables.power_replacements()),
        "RLevels.mhd": write_levels(tables.levels("R")),
        "Recipe.mhd": encode(RECIPE.newest, release.recipes),
        "SData.json": write_server_data(tables.server_settings(Draw(*key, 1 << 45))),
        "Salvage.mhd": encode(SALVAGE.newest, release.salvage),
        "TypeGrades.json": write_type_grades(tables.type_grades(release.realm)),
    }
    if release.realm == "homecoming":
        files["CrypticPowerNames.mhd"] = comment + write_cryptic_names(tables.cryptic_names(release.plan))
    return files


def _notice(release: SampleRelease) -> str:
    return (
        "This folder holds a MADE-UP SAMPLE of a City of Heroes planner database.\n"
        "Its structure is that of real databases; every name, text and number is invented and belongs to no game.\n"
        "\n"
        f"version {release.version}, realm {release.realm}, {release.power_count} powers, seed {release.seed}\n"
        f"Made by: mids sample OUT --powers {release.power_count} --seed {release.seed} --realm {release.realm}\n"
    )
