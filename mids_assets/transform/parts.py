"""The parts of a release and of its builds: the files that one step writes, and that are there together or not at all.

Where releases are in an object store, a part is what is put there and fetched. Does not belong here: how
(`transform.mirror`), what is in the files.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from mids_assets.model.tables import ASSETS, TABLES


@dataclass(frozen=True, slots=True)
class Part:
    """`patterns`: its files below the release's folder, as globs in which {build} stands for the build.

    `made_by`: the asset that writes it. `of_release`: it belongs to the release itself, so to all of its builds.
    """

    name: str
    made_by: str
    patterns: tuple[str, ...]
    of_release: bool = False
    left_out: str = ""

    def only(self, *patterns: str) -> Part:
        """The same part, of which only these files are wanted."""
        return replace(self, patterns=patterns)

    def without(self, pattern: str) -> Part:
        """The same part, of which these files are not wanted."""
        return replace(self, left_out=pattern)

    def files(self, folder: Path, build: str) -> list[str]:
        """Its files in the folder of a release, as paths below it."""
        found = (path for pattern in self.patterns for path in folder.glob(pattern.format(build=build)))
        names = (path.relative_to(folder).as_posix() for path in found if path.is_file() and path.name[0] != ".")
        return sorted(name for name in names if self.holds(name, build))

    def holds(self, name: str, build: str) -> bool:
        """Whether a file with that path below the release's folder is wanted of this part."""
        wanted = any(fnmatchcase(name, pattern.format(build=build)) for pattern in self.patterns)
        return wanted and not fnmatchcase(name, self.left_out.format(build=build))


def chunk(key: str) -> Part:
    return Part(f"chunks/{key}", f"i12_records, partition {key},", (f"chunks/{{build}}/{key}.*",))


def raw(file: str) -> Part:
    """One raw file, with what is known of all raw files."""
    return RAW.only(*RAW_FACTS.patterns, f"raw/{{build}}/{file}")


def frames(entity: str) -> Part:
    return Part(
        f"frames/{entity}",
        f"frames/{entity}",
        (f"frames/{{build}}/{entity}.*", f"frames/{{build}}/{entity}/*.parquet"),
    )


def tables(entity: str) -> Part:
    names = (f"{table.name}.parquet" for table in TABLES.of_asset(entity))
    files = tuple(f"tables/{{build}}/{name}" for name in (*names, f"{entity}.summary.json"))
    return Part(f"tables/{entity}", f"the tables of {entity}", files)


def changes(stem: str) -> Part:
    """A comparison with another build, which lies beside the tables."""
    return Part(f"changes/{stem}", "guards", (f"tables/{{build}}/{stem}.*",))


SOURCE = Part("source", "release", ("source/*", "release.json"), of_release=True)
ABOUT = SOURCE.only("release.json")
"""What is known of a release, without its files."""
CORRECTIONS = Part("corrections", "release", ("corrections-{build}.json",))
RAW = Part("raw", "raw", ("raw/{build}/*",))
RAW_FACTS = RAW.only("raw/{build}/files.json", "raw/{build}/i12.offsets.npy")
"""What is known of all raw files, without them."""
SMALL_RAW = RAW.without("raw/{build}/i12.json")
"""All raw files but the powers, which are as big as all else together, and are read in ranges."""
MANIFEST = Part("manifest", "i12_chunk_plan", ("build-{build}.json",))
FRAMES = tuple(frames(entity) for entity in ASSETS)
SUMMARIES = tuple(tables(entity).only(f"tables/{{build}}/{entity}.summary.json") for entity in ASSETS)
"""What the checks of the tables found."""
COMPARABLE = (ABOUT, *(tables(entity) for entity in ASSETS))
"""What a comparison of two builds reads."""
FINISHED = (*COMPARABLE, *FRAMES, SMALL_RAW)
"""What is read of a build whose tables are all there: by the guards and the publish."""
