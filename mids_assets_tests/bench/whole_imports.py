"""Whole imports by the command, on a server and a data folder of their own: first, unchanged, forced.

Does not belong here: stages of an import (`stages`).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from mids_assets.settings import Settings
from mids_assets.warehouse import embedded
from mids_assets_tests.real import PROJECT


def measure_imports(source: Path, base: Path) -> dict[str, tuple[float, float]]:
    """Import -> seconds and peak MiB, as the command tells them."""
    settings = Settings(data_dir=base / "data")
    home = base / "dagster_home"
    home.mkdir()
    (home / "dagster.yaml").write_text((PROJECT / "dagster_home" / "dagster.yaml").read_text())
    env = {**os.environ, "MIDS_DATA_DIR": str(settings.data_dir), "DAGSTER_HOME": str(home)}
    command = ["-m", "mids_assets.cli", "import", str(source), "--json"]
    try:
        return {
            "first import": _run(command, env),
            "unchanged import": _run(command, env),
            "forced import": _run([*command, "--force"], env),
        }
    finally:
        embedded.stop(settings, force=True)


def _run(args: list[str], env: dict[str, str]) -> tuple[float, float]:
    told = subprocess.run([sys.executable, *args], env=env, cwd=PROJECT, check=True, stdout=subprocess.PIPE).stdout
    outcome = json.loads(told)
    return outcome["seconds"], outcome["peak_memory_mib"]
