"""`make fuzz`: damaged files into every reader, seeded, for a given time.

    python -m mids_assets_tests.fuzz [--seconds 180] [--seed 1] [--target NAME] [--case N] [--real] [--list]

The same seed gives the same cases; how many of them, the time decides. The cases run in a process of their own, so
that one that kills it is still named. Ends with 1 when a fault was found.
Does not belong here: what a fault is (`cases`), what is fed (`targets`).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

LAST_CASE = "last-case.txt"
"""What is being fed, should the process die; gone when the cases are through."""
_KEPT = Path(tempfile.gettempdir()) / "mids-fuzz"


def main() -> int:
    parser = argparse.ArgumentParser(prog="make fuzz", description="Feed damaged files to every reader.")
    parser.add_argument("--seconds", type=float, default=180)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--target", help="the target of this name, else those whose name holds this text")
    parser.add_argument("--case", type=int, help="this one case of the target")
    parser.add_argument("--real", action="store_true", help="real files as further seeds, where there are any")
    parser.add_argument("--list", action="store_true", help="the names of the targets")
    parser.add_argument("--out", type=Path, default=_KEPT, help=f"folder for the inputs of faults (default {_KEPT})")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    if options.inside:
        return feed(options)
    return watch([sys.executable, "-m", "mids_assets_tests.fuzz", "--inside", *sys.argv[1:]], options.out)


def watch(command: list[str], out: Path) -> int:
    """Run the cases in another process, and tell which case ended it where one did."""
    last = out / LAST_CASE
    last.unlink(missing_ok=True)
    environment = {**os.environ, "POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(command, env=environment) as child:
        try:
            code = child.wait()
        except KeyboardInterrupt:
            child.wait()
            return 130
    # An end by faulthandler is a 1 too, but not before the cases were through.
    if code in (0, 2) or (code == 1 and not last.exists()):
        return code
    print(f"\nFAULT the process ended with {code}; repeat: {last.read_text() if last.exists() else 'no case yet'}")
    return 1


def feed(options: argparse.Namespace) -> int:
    # Imported late: the watching process needs none of it.
    from mids_assets_tests.fuzz.cases import Run, limit_memory, table
    from mids_assets_tests.fuzz.targets import all_targets

    with tempfile.TemporaryDirectory(prefix="mids-fuzz-") as name:
        targets = all_targets(Path(name), real=options.real)
        if options.list:
            print("\n".join(target.name for target in targets))
            return 0
        wanted = options.target or ""
        chosen = [t for t in targets if t.name == wanted] or [t for t in targets if wanted in t.name]
        if not chosen:
            print(f"no target's name holds {wanted!r}; --list shows them")
            return 2
        for target in chosen:
            for seed in target.seeds:
                target.read(seed)  # A sound input must pass, or the run tests nothing.
        limit_memory()
        run = Run(options.seed, options.out, options.out / LAST_CASE, options=" --real" if options.real else "")
        if options.case is not None:
            for target in chosen:
                run.one(target, options.case)
        else:
            with suppress(KeyboardInterrupt):  # The table of what was done so far is worth having.
                run.feed(chosen, options.seconds)
        (options.out / LAST_CASE).unlink(missing_ok=True)
        print(table(run.tallies))
        return 1 if run.faults else 0


if __name__ == "__main__":
    sys.exit(main())
