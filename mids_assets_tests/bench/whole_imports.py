"""Whole imports by the command, on a server, a data folder and a Dagster instance of their own.

Does not belong here: stages of an import (`stages`, `exporter_stages`), the seconds of its steps (`steps`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mids_assets.settings import Settings
from mids_assets.warehouse import embedded
from mids_assets_tests.bench.watching import Watched, watch
from mids_assets_tests.real import PROJECT


@dataclass(frozen=True, slots=True)
class Place:
    """Where imports go; nothing there but what they left."""

    settings: Settings
    home: Path

    @property
    def env(self) -> dict[str, str]:
        """Without the settings of whoever runs the bench."""
        ours = {name: value for name, value in os.environ.items() if not name.startswith("MIDS_")}
        return {**ours, "MIDS_DATA_DIR": str(self.settings.data_dir), "DAGSTER_HOME": str(self.home)}


@contextmanager
def place(base: Path) -> Iterator[Place]:
    """A new place in `base`. Its server is stopped at the end."""
    made = Place(Settings(data_dir=base / "data"), base / "dagster_home")
    made.home.mkdir(parents=True)
    (made.home / "dagster.yaml").write_text((PROJECT / "dagster_home" / "dagster.yaml").read_text())
    try:
        yield made
    finally:
        embedded.stop(made.settings, force=True)


def run_import(where: Place, source: Path, *flags: str, action: str = "published") -> tuple[Watched, dict[str, Any]]:
    """`mids import` in a process of its own, and what it says about itself. Anything but `action` ends the bench."""
    watched = watch(["-m", "mids_assets.cli", "import", str(source), "--json", *flags], where.env)
    outcome = json.loads(watched.stdout)
    if outcome["action"] != action:
        raise SystemExit(f"import of {source} ended with {outcome['action']!r} and not {action!r}: was code changed?")
    return watched, outcome


def measure_imports(source: Path, base: Path) -> dict[str, tuple[float, float]]:
    """Import -> seconds and peak MiB, as the command tells them."""
    with place(base) as where:
        found = {
            "first import": run_import(where, source),
            "unchanged import": run_import(where, source, action="nothing_to_do"),
            "forced import": run_import(where, source, "--force"),
        }
    return {name: (outcome["seconds"], outcome["peak_memory_mib"]) for name, (_, outcome) in found.items()}
