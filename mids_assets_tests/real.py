"""Where the real releases lie, for the tests that need them; they skip where the folder is absent."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
SAMPLE = PROJECT / "data" / "sample"
REAL = Path(os.environ.get("MIDS_REAL_DATA") or PROJECT.parent / "shared" / "real")

needs_real = pytest.mark.skipif(not REAL.is_dir(), reason=f"no real data at {REAL} (MIDS_REAL_DATA)")


def release(name: str) -> Path:
    return REAL / "releases" / name
