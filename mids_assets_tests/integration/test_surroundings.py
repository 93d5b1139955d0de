"""The same bytes in, the same bytes out, whatever the surroundings: locale, time zone, seed of hashing, workers.

Each case runs in a process of its own that takes its locale over for everything (LC_ALL), as a program that embeds
ours might. The locales are compiled for the test; `.ci/run` installs what that needs, and forbids to skip it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from mids_assets.model.tables import TABLES
from mids_assets_tests.faults import rewrite
from mids_assets_tests.real import PROJECT, SAMPLE

RUN = """
import json, locale, sys
locale.setlocale(locale.LC_ALL, "")
from mids_assets.cli import main
for arguments in json.loads(sys.argv[1]):
    sys.argv[1:] = arguments
    try:
        main()
    except SystemExit as end:
        if end.code:
            raise
"""


@dataclass(frozen=True)
class Surroundings:
    locale: str
    hash_seed: str
    workers: int
    zone: str = "UTC"


PLAIN = Surroundings("C.UTF-8", "0", 1)
OTHERS = [
    Surroundings("de_DE.UTF-8", "1", 2, "Pacific/Auckland"),
    # In Turkish, the small letter of I is another one than i.
    Surroundings("tr_TR.UTF-8", "random", 1, "America/Caracas"),
    Surroundings("C", "random", 2),
]


@pytest.fixture(scope="module")
def locales(tmp_path_factory) -> Path:
    """A folder with the compiled locales, for LOCPATH."""
    folder = tmp_path_factory.mktemp("locales")
    if not shutil.which("localedef") or not Path("/usr/share/i18n/locales/tr_TR").exists():
        give_up = pytest.fail if os.environ.get("MIDS_REQUIRE_LOCALES") else pytest.skip
        give_up("no localedef, or no sources of locales (Debian: package locales)")
    for name in ("C", "de_DE", "tr_TR"):
        # Exit code 1 is a warning about the locale's own text.
        made = subprocess.run(
            [
                "localedef",
                "--no-archive",
                "-i",
                "POSIX" if name == "C" else name,
                "-f",
                "UTF-8",
                f"{folder}/{name}.UTF-8",
            ],
            capture_output=True,
        )
        assert made.returncode in (0, 1), made.stderr
    return folder


def variables(around: Surroundings, locales: Path) -> dict[str, str]:
    return {
        "LOCPATH": str(locales),
        "LC_ALL": around.locale,
        "LANG": around.locale,
        # Else Python takes UTF-8 for text although the locale is C.
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONUTF8": "0",
        "PYTHONHASHSEED": around.hash_seed,
        "TZ": around.zone,
        "MIDS_WORKERS": str(around.workers),
        "MIDS_CHUNK_BYTES": "65536",
    }


def run(env: dict[str, str], *commands: list[str]) -> bytes:
    """What the commands print."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, json.dumps(commands)],
        env={"PATH": os.environ["PATH"], **env},
        cwd=PROJECT,
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def results(around: Surroundings, locales: Path, folder: Path) -> dict[str, str]:
    """Digests of everything that the commands write which need no database."""
    run(
        variables(around, locales),
        ["sample", f"{folder}/sample", "--seed", "5", "--format", "all"],
        ["export", str(SAMPLE), f"{folder}/json", "--format", "json"],
        ["export", str(SAMPLE), f"{folder}/parquet", "--format", "parquet"],
        ["export", str(SAMPLE / "Mids.zip"), f"{folder}/from_zip", "--format", "parquet"],
    )
    return digests(folder)


@pytest.fixture(scope="module")
def plain(locales, tmp_path_factory) -> dict[str, str]:
    found = results(PLAIN, locales, tmp_path_factory.mktemp("plain"))
    for name in ("parquet", "from_zip"):
        assert sum(path.startswith(f"{name}/tables/") and path.endswith(".parquet") for path in found) == len(TABLES)
    return found


@pytest.mark.parametrize("around", OTHERS, ids=lambda one: f"{one.locale}-{one.hash_seed}-{one.workers}")
def test_results_do_not_depend_on_the_surroundings(plain, locales, tmp_path, around):
    found = results(around, locales, tmp_path)
    assert found.keys() == plain.keys()
    assert [name for name in plain if found[name] != plain[name]] == []


def test_an_import_in_other_surroundings_changes_no_row(world, locales):
    plain = {**world.environment, **variables(PLAIN, locales)}
    run(plain, ["import", str(SAMPLE), "--json"])
    before = world.contents()
    told = run({**plain, **variables(OTHERS[1], locales)}, ["import", str(SAMPLE), "--force", "--json"])
    outcome = json.loads(told)
    assert outcome["action"] == "published"
    assert not any(sum(change.values()) for change in outcome["changed"].values())
    assert world.contents() == before


def test_a_terminal_without_the_letters_of_a_name(locales, tmp_path):
    path = tmp_path / "Salvage.mhd"
    path.write_bytes((SAMPLE / "Salvage.mhd").read_bytes())
    rewrite(path, "salvage", lambda value: value["items"][0].update(external_name="İ é 𝄞"))
    for name, shown in (("tr_TR.UTF-8", "İ é 𝄞"), ("C", r"\u0130 \xe9 \U0001d11e")):
        done = run(variables(Surroundings(name, "0", 1), locales), ["inspect", str(path)])
        assert shown in done.decode()


def test_the_locales_are_really_other_ones(locales):
    shown = {}
    for name in ("C.UTF-8", "de_DE.UTF-8"):
        shown[name] = subprocess.run(
            [sys.executable, "-c", "import locale; locale.setlocale(locale.LC_ALL, ''); print(locale.str(1.5))"],
            env={"LOCPATH": str(locales), "LC_ALL": name},
            capture_output=True,
            text=True,
        ).stdout.strip()
    assert shown == {"C.UTF-8": "1.5", "de_DE.UTF-8": "1,5"}
