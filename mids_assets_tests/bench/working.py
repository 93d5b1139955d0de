"""One stage measured in this process: its work, time and memory. Does not belong here: a stage."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from mids_assets.transform.memory import peak_mib

Inputs = TypeVar("Inputs")


@dataclass(frozen=True, slots=True)
class Work:
    """What a stage went through; `of_bytes` is the size of the whole where that was a part.

    `worker_mib`: the most that one of its worker processes took, 0 without any.
    """

    bytes: int
    records: int
    of_bytes: int
    worker_mib: float = 0.0


@dataclass(frozen=True, slots=True)
class Measured:
    work: Work
    seconds: float
    cpu_seconds: float
    peak_mib: float


def measure(stage: Callable[[Inputs], Work], inputs: Inputs) -> Measured:
    """One run in this process, without the start of Python and its imports; the peak includes them."""
    gc.collect()
    wall, cpu = time.perf_counter(), _cpu_seconds()
    work = stage(inputs)
    return Measured(work, time.perf_counter() - wall, _cpu_seconds() - cpu, peak_mib())


def whole(path: Path, records: int) -> Work:
    """The work of going through all of a file."""
    size = path.stat().st_size
    return Work(size, records, size)


def _cpu_seconds() -> float:
    """Of this process and of the children that ended."""
    return sum(os.times()[:4])
