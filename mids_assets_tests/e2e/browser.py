"""A real browser: Debian's Chromium, driven by Playwright. Pictures of it go to .ci/artifacts, which git ignores.

Does not belong here: what is looked at.
"""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mids_assets_tests.real import PROJECT
from mids_assets_tests.servers import give_up

ARTIFACTS = PROJECT / ".ci" / "artifacts"
_CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
_SWITCHES = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-sandbox",
]


@contextmanager
def browser_page(width: int, height: int, **context: Any) -> Iterator[Any]:
    """A window of that many pixels; what it showed last is kept as last.png. Gives up without a browser.

    `context` goes to Playwright: a login, which certificates are taken.
    """
    if _CHROMIUM is None:
        give_up("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=_SWITCHES)
        page = browser.new_page(viewport={"width": width, "height": height}, **context)
        page.set_default_timeout(30_000)
        try:
            yield page
        finally:
            page.screenshot(path=ARTIFACTS / "last.png")
            browser.close()


def small_picture(page: Any) -> bytes:
    """What the window shows, as WebP of about a third of the bytes of a PNG; the browser itself converts it."""
    shown = base64.b64encode(page.screenshot(animations="disabled")).decode()
    workshop = page.context.browser.new_page()
    try:
        packed = workshop.evaluate(
            """async (shown) => {
                 const image = new Image();
                 image.src = 'data:image/png;base64,' + shown;
                 await image.decode();
                 const canvas = document.createElement('canvas');
                 [canvas.width, canvas.height] = [image.width, image.height];
                 canvas.getContext('2d').drawImage(image, 0, 0);
                 return canvas.toDataURL('image/webp', 0.8);
               }""",
            shown,
        )
    finally:
        workshop.close()
    return base64.b64decode(packed.partition(",")[2])
