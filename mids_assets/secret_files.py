"""Settings that are secrets: given as a variable, or as the name of a file that holds them.

A variable is seen by every child process and in many a listing of them; a file is what Docker, Kubernetes and systemd
hand secrets on in. Does not belong here: which settings there are (settings.py), hiding them (warehouse/redaction.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mids_assets.errors import UserError

FILE_SUFFIX = "_FILE"
MOST_BYTES = 64 * 1024
LEAST_KEY_BYTES = 32


def secret_file(env: Mapping[str, str], name: str) -> Path | None:
    """The file that `<name>_FILE` names. Raises `UserError` where `name` is set as well."""
    named = env.get(name + FILE_SUFFIX, "").strip()
    if not named:
        return None
    if env.get(name, "").strip():
        raise UserError(f"{name} and {name}{FILE_SUFFIX} are both set: unset one of them")
    return Path(named).expanduser()


def require_long_key(name: str, key: str) -> None:
    """Raise `UserError` for a key that is set and could be guessed."""
    if key and len(key.encode()) < LEAST_KEY_BYTES:
        raise UserError(f"{name} has fewer than {LEAST_KEY_BYTES} bytes; make one by: openssl rand -base64 48")


def secret(env: Mapping[str, str], name: str) -> str:
    """The value of a secret: that of the variable, else the content of its file without the line end; "" for neither.

    Raises `UserError` that names the file where it cannot be read or holds nothing, and never what it holds.
    """
    path = secret_file(env, name)
    if path is None:
        return env.get(name, "")
    setting = name + FILE_SUFFIX
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UserError(f"{setting}: {path} cannot be read: {error.strerror}") from None
    if len(content) > MOST_BYTES:
        raise UserError(f"{setting}: {path} is larger than {MOST_BYTES // 1024} KiB, so it is no secret")
    try:
        # An editor of Windows begins a file with a mark.
        text = content.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise UserError(f"{setting}: {path} is no UTF-8 text") from None
    if not text.strip():
        raise UserError(f"{setting}: {path} is empty")
    return text
