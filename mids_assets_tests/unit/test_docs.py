"""The documents lead somewhere: every link to a file or heading, every picture; the runbook knows every problem."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mids_assets.health import problems
from mids_assets_tests.real import PROJECT

DOCUMENTS = [PROJECT / "README.md", *sorted(p for d in ("docs", "deploy") for p in (PROJECT / d).rglob("*.md"))]
PICTURES = PROJECT / "docs" / "images"


def anchors(document: Path) -> set[str]:
    """Names of the headings as GitHub makes them, and those that are set by hand."""
    text = re.sub(r"```.*?```", "", document.read_text("utf-8"), flags=re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)
    slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return slugs | set(re.findall(r'<a id="([^"]+)">', text))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document):
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text("utf-8")):
        if re.match(r"https?:", target):
            continue
        name, _, anchor = target.partition("#")
        path = (document.parent / name).resolve() if name else document
        assert path.exists(), target
        assert not anchor or anchor in anchors(path), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_tests_that_are_named_exist(document):
    for name, function in re.findall(r"`((?:\w+/)*test_\w+\.py)::(\w+)", document.read_text("utf-8")):
        path = PROJECT / "mids_assets_tests" / name
        assert path.exists(), name
        assert f"\ndef {function}(" in path.read_text("utf-8"), f"{name}::{function}"


def test_pictures_are_used_and_small():
    texts = [document.read_text("utf-8") for document in DOCUMENTS]
    used = {name for text in texts for name in re.findall(r"images/([\w-]+\.webp)", text)}
    assert {path.name for path in PICTURES.iterdir()} == used
    assert sum(path.stat().st_size for path in PICTURES.iterdir()) < 1_000_000


def test_the_runbook_knows_every_kind_of_problem():
    kinds = {value for name, value in vars(problems).items() if name.isupper() and isinstance(value, str)}
    assert len(kinds) > 5
    runbook = (PROJECT / "docs" / "runbook.md").read_text("utf-8")
    assert {kind for kind in kinds if kind not in runbook} == set()
