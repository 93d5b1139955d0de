"""The browser window of the end-to-end tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mids_assets_tests.e2e.browser import browser_page


@pytest.fixture
def page() -> Iterator[Any]:
    with browser_page(1600, 1000) as page:
        yield page
