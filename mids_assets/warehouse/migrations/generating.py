"""`make migration`: write the next revision from what a new database at head lacks of the model.

Does not belong here: applying revisions (applying.py). What it writes is a draft: a person reads it, completes it (a
required column needs a value for the rows that are there) and commits it.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.operations.ops import ExecuteSQLOp

from mids_assets.errors import UserError
from mids_assets.settings import Settings
from mids_assets.warehouse import ddl, embedded, reader_views
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.migrations import applying, history, scripts
from mids_assets.warehouse.migrations.target import comparable_engine

_SLUG = 27
"""Alembic's column of revisions holds 32 characters: a number of four, a line, and so many."""


def generate(settings: Settings, message: str, *, empty: bool = False) -> Path | None:
    """Write the revision that leads from head to the model; None where nothing differs, unless `empty`.

    `settings` lead to a database that may be thrown away. Raises `UserError` for a message without a word.
    """
    slug = re.sub(r"[^a-z0-9]+", "_", message.lower())[:_SLUG].strip("_")
    if not slug:
        raise UserError('a revision needs a message that says what it does: make migration MESSAGE="..."')
    number = int(history.head().split("_")[0]) + 1 if history.revisions() else 1
    with closing(connect(settings, application_name="mids migration")) as conn:
        applying.upgrade(conn)
        with conn, conn.cursor() as cur:
            views_fit = reader_views.fits(cur)
    engine = comparable_engine(settings)

    def keep_or_drop(_: Any, __: Any, directives: list[Any]) -> None:
        if not views_fit:
            # Alembic compares no views.
            statements = ";\n".join(reader_views.statements())
            directives[0].upgrade_ops.ops.append(ExecuteSQLOp(statements))
        if directives[0].upgrade_ops.is_empty() and not empty and _same_realm_model():
            directives[:] = []

    config = scripts.config(attributes={"engine": engine, "keep_or_drop": keep_or_drop}, stdout=sys.stderr)
    command.revision(config, message.strip().rstrip("."), autogenerate=True, rev_id=f"{number:04}_{slug}")
    written = history.VERSIONS / f"{number:04}_{slug}.py"
    return written if written.is_file() else None


def _same_realm_model() -> bool:
    return scripts.realm_model(history.head()) == ddl.realm_fingerprint()


@contextmanager
def _scratch() -> Iterator[Settings]:
    """A server of its own, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="mids-migration-") as folder:
        Path(folder).chmod(0o755)
        settings = Settings(data_dir=Path(folder))
        try:
            yield settings
        finally:
            embedded.stop(settings, force=True)


def _tidy(written: Path) -> None:
    """Imports that the revision does not need go, so do Alembic's markers, and lines are broken as everywhere."""
    lines = written.read_text().splitlines(keepends=True)
    written.write_text("".join(line for line in lines if not line.lstrip().startswith("# ###")))
    for arguments in (["check", "--quiet", "--fix"], ["format", "--quiet"]):
        subprocess.run([sys.executable, "-m", "ruff", *arguments, str(written)], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="make migration")
    parser.add_argument("message")
    parser.add_argument("--empty", action="store_true", help="also when nothing differs, for statements by hand")
    given = parser.parse_args()
    with _scratch() as settings:
        try:
            written = generate(settings, given.message, empty=given.empty)
        except UserError as error:
            sys.exit(f"make migration: {error}")
    if written is None:
        print("the newest revision is what the model says: nothing was written", file=sys.stderr)  # noqa: T201
        return
    _tidy(written)
    print(written)  # noqa: T201


if __name__ == "__main__":
    main()
