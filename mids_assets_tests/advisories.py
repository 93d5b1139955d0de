"""`make lint`: are the locked libraries known to be unsafe? Asks by pip-audit, and says so where nobody answers.

pip-audit takes a registry that answers "not found" to every question for a clean bill. So one package is asked about
first, and an answer about none of them is told as what it is. Does not belong here: our own code (bandit does that).
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from mids_assets_tests.real import PROJECT

LOCK = PROJECT / "requirements-dev.lock"
_LOCKED = re.compile(r"^[A-Za-z0-9._-]+==\S+", re.MULTILINE)
_TIMEOUT_SECONDS = "15"


def main(*options: str) -> int:
    """Exit code: 1 where a library is known to be unsafe, else 0. `options`: for pip-audit, such as another service."""
    lines = _LOCKED.findall(LOCK.read_text("utf-8"))
    probe, why = audited(lines[:1], *options)
    if not probe:
        print(f"pip-audit: no service of advisories answers here, so no library was checked{why}")
        return 0
    found, why = audited(lines, *options)
    if not found:
        print(f"pip-audit: the service of advisories broke off, so no library was checked{why}")
        return 0
    bad = [
        f"{one['name']} {one['version']}: {flaw['id']}, mended in {', '.join(flaw['fix_versions']) or 'no version yet'}"
        for one in found
        for flaw in one["vulns"]
    ]
    for text in bad:
        print(f"pip-audit: {text}", file=sys.stderr)
    unknown = len(lines) - len(found)
    print(
        f"pip-audit: {len(found)} libraries checked, {len(bad)} advisories"
        + (f"; {unknown} are unknown to it" if unknown else "")
    )
    return 1 if bad else 0


def audited(lines: list[str], *options: str) -> tuple[list[dict], str]:
    """What pip-audit says of the libraries that it got an answer about, and why there is none."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "requirements.txt"
        file.write_text("\n".join(lines) + "\n")
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pip_audit", "--requirement", str(file), "--no-deps", "--disable-pip"),
                *("--format", "json", "--progress-spinner", "off", "--timeout", _TIMEOUT_SECONDS),
                *options,
            ],
            capture_output=True,
            text=True,
        )
    try:
        answers = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        return [], f" ({_last_line(done.stderr)})"
    return [one for one in answers if "skip_reason" not in one], ""


def _last_line(text: str) -> str:
    return " ".join(text.strip().splitlines()[-1:])[:200] or "it said nothing"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
