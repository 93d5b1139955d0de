"""All targets together. Does not belong here: what each of them feeds and judges (`targets_*`)."""

from __future__ import annotations

from pathlib import Path

from mids_assets_tests.fuzz import (
    targets_binary,
    targets_city,
    targets_containers,
    targets_expressions,
    targets_folder,
    targets_records,
    targets_text,
)
from mids_assets_tests.fuzz.target import Target


def all_targets(folder: Path, *, real: bool = False) -> list[Target]:
    """Every reader. `folder` is where those write that read from a path; `real` adds cuts of real files as seeds."""
    return [
        *targets_binary.targets(folder, real=real),
        *targets_text.targets(real=real),
        *targets_records.targets(folder),
        *targets_containers.targets(folder),
        *targets_folder.targets(folder),
        *targets_expressions.targets(),
        *targets_city.targets(folder),
    ]
