"""One case after another: the time they may take, what counts as a fault, what is kept of it.

Only `MidsError` may come out of a target; never another exception, a hang, a lack of memory, or a success that
misreads. A fault is shown with the command that repeats it, and its input is kept as a file. Faults that come from the
same line of code are shown once.
Does not belong here: the command line (`__main__`), the targets.
"""

from __future__ import annotations

import faulthandler
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mids_assets.errors import MidsError
from mids_assets_tests.fuzz.target import Target, Wrong

CASE_SECONDS = 10.0
"""No reader may take longer for one small input."""
DEAD_SECONDS = 60.0
"""After this the process ends, should a case not even see that its time is over."""
MEMORY_BYTES = 2 * 1024**3
"""Address space that a run may take beyond what it has when it begins."""
MOST_SHOWN = 20


class Hang(BaseException):
    """A case took longer than it may."""


@dataclass
class Tally:
    """What a target did."""

    cases: int = 0
    read: int = 0
    refused: int = 0
    faults: int = 0
    seconds: float = 0.0
    slowest: float = 0.0


@dataclass
class Run:
    """A run over some targets. `folder` keeps the inputs of faults; `note` names the case that is being fed."""

    seed: int
    folder: Path
    note: Path
    case_seconds: float = CASE_SECONDS
    options: str = ""
    """What else the command line needs to repeat a case."""
    tallies: dict[str, Tally] = field(default_factory=dict)
    shown: Counter[str] = field(default_factory=Counter)

    @property
    def faults(self) -> int:
        return sum(tally.faults for tally in self.tallies.values())

    def feed(self, targets: Sequence[Target], seconds: float) -> None:
        """Cases 0, 1, ... of each target, all targets the same share of the time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and len(self.shown) < MOST_SHOWN:
            target = min(targets, key=lambda target: self.tally(target).seconds)
            self.one(target, self.tally(target).cases)

    def tally(self, target: Target) -> Tally:
        return self.tallies.setdefault(target.name, Tally())

    def one(self, target: Target, number: int) -> None:
        data = target.case(self.seed, number)
        tally = self.tally(target)
        self.note.write_text(self.command(target, number))
        began = time.perf_counter()
        fault = self.fault(target, data, tally)
        took = time.perf_counter() - began
        tally.cases += 1
        tally.seconds += took
        tally.slowest = max(tally.slowest, took)
        if fault is not None:
            tally.faults += 1
            self.show(target, number, data, fault)

    def fault(self, target: Target, data: bytes, tally: Tally) -> BaseException | None:
        """What came out and should not have."""
        # Code in C does not see the alarm until it returns; where it never does, the process ends with its stack.
        faulthandler.dump_traceback_later(DEAD_SECONDS, file=sys.__stderr__ or 2, exit=True)
        before = signal.signal(signal.SIGALRM, self.alarm)
        timer = signal.setitimer(signal.ITIMER_REAL, self.case_seconds)
        try:
            target.read(data)
            tally.read += 1
        except MidsError as error:
            tally.refused += 1
            if not str(error).strip():
                return error
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # A panic of polars is no Exception.
            return error
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
            signal.setitimer(signal.ITIMER_REAL, *timer)
            faulthandler.cancel_dump_traceback_later()
        return None

    def alarm(self, *_: object) -> None:
        raise Hang(f"the case took longer than {self.case_seconds:g} s")

    def command(self, target: Target, number: int) -> str:
        return f'make fuzz SEED={self.seed} ARGS="--target {target.name} --case {number}{self.options}"'

    def show(self, target: Target, number: int, data: bytes, fault: BaseException) -> None:
        place = traceback.extract_tb(fault.__traceback__)[-1]
        # A judge raises all its complaints from a few lines: there the target tells them apart.
        judged = target.name if isinstance(fault, Wrong | Hang) else ""
        where = f"{type(fault).__name__} {place.filename}:{place.lineno} {judged}"
        self.shown[where] += 1
        if self.shown[where] > 1:
            return
        kept = self.folder / f"{target.name}-{self.seed}-{number}.input"
        kept.write_bytes(data)
        print(f"\nFAULT target {target.name}, seed {self.seed}, case {number}: {len(data):,} bytes in {kept}")
        print(f"repeat: {self.command(target, number)}")
        print("".join(line[:2000] for line in traceback.format_exception(fault, limit=-6)), flush=True)


def limit_memory() -> None:
    """Let a length that a file claims end in MemoryError instead of in swapping."""
    status = Path("/proc/self/statm")
    if status.exists():
        limit = int(status.read_text().split()[0]) * resource.getpagesize() + MEMORY_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (limit, resource.getrlimit(resource.RLIMIT_AS)[1]))


def table(tallies: dict[str, Tally]) -> str:
    lines = [f"{'target':<36}{'cases':>9}{'read':>8}{'refused':>9}{'faults':>8}{'per s':>8}{'slowest':>9}"]
    for name, tally in tallies.items():
        rate = tally.cases / tally.seconds if tally.seconds else 0
        lines.append(
            f"{name:<36}{tally.cases:>9,}{tally.read:>8,}{tally.refused:>9,}{tally.faults:>8,}{rate:>8,.0f}"
            f"{tally.slowest:>8.2f}s"
        )
    cases = sum(tally.cases for tally in tallies.values())
    faults = sum(tally.faults for tally in tallies.values())
    return "\n".join([*lines, f"{cases:,} cases, {faults:,} faults"])
