"""`psql` on the warehouse. Does not belong here: finding the program (client_programs.py), SQL."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NoReturn

from mids_assets.settings import Settings
from mids_assets.warehouse.client_programs import client_environment, client_program
from mids_assets.warehouse.connection import database_url


def psql(settings: Settings, args: Sequence[str] = ()) -> NoReturn:
    """Become psql, connected to the warehouse. Does not return; its exit code is ours."""
    program = client_program(settings, "psql")
    os.execve(program, [str(program), *args], client_environment(database_url(settings), "mids db psql"))  # no shell # nosec B606
