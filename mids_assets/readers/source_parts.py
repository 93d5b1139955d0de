"""The parts of a database folder: names, which are required, and what becomes of the tables without the others.

Only data and the sentences that go with it.
Does not belong here: looking at files (`readers.source`).
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

DEPTH = 3
"""Folders that a database may lie below what was named: MidsReborn/Data/Homecoming."""

MAIN = {
    "i12": "i12.mhd",
    "mids_zip": "mids.zip",
    "exporter_i12": "i12_powers.json",
    "i12_text": "i12_extracted.txt",
    "city_of_data": "cityofdata.zip",
}
"""Kind -> the name of a file by which a folder or an archive is known as a database, without looking inside."""

PARTS = {
    "i12": "I12.mhd",
    "mids_zip": "Mids.zip",
    "enhdb": "EnhDB.mhd",
    "recipe": "Recipe.mhd",
    "salvage": "Salvage.mhd",
    "eclasses": "EClasses.mhd",
    "typegrades_json": "TypeGrades.json",
    "settypes": "SetTypes.mhd",
    "sdata_json": "SData.json",
    "sdata": "SData.mhd",
    "attribmod_json": "AttribMod.json",
    "attribmod": "AttribMod.mhd",
    "globalmods": "GlobalMods.mhd",
    "origins": "Origins.mhd",
    "nlevels": "NLevels.mhd",
    "levels": "Levels.mhd",
    "rlevels": "RLevels.mhd",
    "maths": "Maths.mhd",
    "powers_replacement": "PowersReplTable.mhd",
    "cryptic_names": "CrypticPowerNames.mhd",
    "compare": "Compare.mhd",
    "compare_json": "Compare.json",
    "exporter_i12": "I12_powers.json",
    "i12_text": "I12_extracted.txt",
    "exporter_powers": "powers.json",
    "exporter_archetypes": "archetypes.json",
    "exporter_powersets": "powersets.json",
    "exporter_enhancements": "enhancements.json",
    "exporter_recipes": "recipes.json",
    "exporter_salvage": "salvage.json",
    "city_of_data": "CityOfData.zip",
}
"""Kind -> the name that the file usually has."""

STANDARD_NAMES = {name.lower(): kind for kind, name in PARTS.items()}
ACCEPTED = set(PARTS) - {"mids_zip", "city_of_data", "nlevels", "rlevels", "levels"}
"""Kinds that a content tells by itself."""


@dataclass(frozen=True, slots=True)
class Part:
    """An optional part: the kinds that serve, best first, and the sentence for when none, or a lesser one, is there.

    `lesser` is None where the second choice is as good.
    """

    kinds: tuple[str, ...]
    none: str
    lesser: str | None = None

    def warning(self, found: Container[str]) -> str | None:
        present = next((number for number, kind in enumerate(self.kinds) if kind in found), None)
        if present is None:
            return self.none
        return self.lesser if present else None


_OPTIONAL = (
    Part(
        ("typegrades_json", "settypes"),
        "TypeGrades.json and SetTypes.mhd are absent: set_type comes from the built-in list, enhancement_grade and"
        " special_enhancement_type too.",
        "TypeGrades.json is absent: set_type comes from SetTypes.mhd, enhancement_grade and special_enhancement_type"
        " from the built-in lists.",
    ),
    Part(("sdata_json", "sdata"), "SData.json and SData.mhd are absent: server_setting will be empty."),
    Part(
        ("attribmod_json", "attribmod"),
        "AttribMod.json and AttribMod.mhd are absent: attribute_modifier_table and attribute_modifier will be empty.",
    ),
    Part(("globalmods",), "GlobalMods.mhd is absent: effect_tag will be empty."),
    Part(("origins",), "Origins.mhd is absent: origin will be empty."),
    Part(("nlevels", "levels"), "NLevels.mhd is absent: level_schedule will have no rows of kind N."),
    Part(("rlevels",), "RLevels.mhd is absent: level_schedule will have no rows of kind R."),
    Part(("maths",), "Maths.mhd is absent: diversification_threshold and enhancement_strength will be empty."),
    Part(("powers_replacement",), "PowersReplTable.mhd is absent: power_replacement will have no rows of kind index."),
    Part(("cryptic_names",), "CrypticPowerNames.mhd is absent: power_replacement will have no rows of kind cryptic."),
    Part(
        ("compare", "compare_json"),
        "Compare.mhd is absent: comparison_override will be empty.",
        "Compare.mhd is absent: comparison_override comes from Compare.json, which the source program does not read.",
    ),
)


_EXPORTER_OPTIONAL = (
    Part(("exporter_enhancements",), "enhancements.json is absent: enhancement will be empty."),
    Part(("exporter_recipes",), "recipes.json is absent: recipe will be empty."),
    Part(("exporter_salvage",), "salvage.json is absent: salvage will be empty."),
)


@dataclass(frozen=True, slots=True)
class Form:
    """A form in which a database comes. `name` is what its header calls it, `main` are the kinds that may hold its
    powers, best first, and `reason` says why it is preferred to what comes after it."""

    name: str
    main: tuple[str, ...]
    required: tuple[str, ...]
    optional: tuple[Part, ...]
    reason: str

    @property
    def kinds(self) -> set[str]:
        """All that is read of it, and the mains of which one is read."""
        return {*self.main, *self.required, *(kind for part in self.optional for kind in part.kinds)}


_FILES = ("enhdb", "recipe", "salvage", "eclasses")
FORMS = (
    Form("i12", ("i12",), _FILES, _OPTIONAL, "the binary file is the database itself"),
    Form("mids_zip", ("mids_zip",), _FILES, _OPTIONAL, "it holds every field of the database"),
    Form(
        "data_exporter",
        ("exporter_i12", "i12_text", "exporter_powers"),
        ("exporter_archetypes", "exporter_powersets"),
        _EXPORTER_OPTIONAL,
        "it holds the most",
    ),
    Form("city_of_data", ("city_of_data",), (), (), "it is an export of the game, and no database of MidsReborn"),
)
"""Best first: where a folder holds several databases, the first of these is read."""
