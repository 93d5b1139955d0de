"""Arguments of `mids trace`, and how its answer looks. Slow modules are imported inside the command.

Does not belong here: the work (tracing.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from mids_assets.commands.arguments import AsJson, Realm, print_json, realm_of
from mids_assets.settings import Settings

app = typer.Typer()

_WIDTH = 200


# A level of -1 is a part of a key and no option.
@app.command(context_settings={"ignore_unknown_options": True})
def trace(
    table: Annotated[str, typer.Argument(help="Table, such as power or power_effect.")],
    key: Annotated[list[str], typer.Argument(help="Its key: name or id of the entity, then places of a child's row.")],
    column: Annotated[
        list[str] | None, typer.Option("--column", "-c", help="Follow this value back (may be given several times).")
    ] = None,
    realm: Realm = None,
    as_json: AsJson = False,
) -> None:
    """From a published row to the record of the source that it came from."""
    from mids_assets.commands.tracing import trace as find

    settings = Settings.from_env()
    found = find(settings, realm_of(settings, realm), table, key, column or [])
    if as_json:
        print_json(found)
    else:
        typer.echo("\n".join([*_way(found), "", *(_values(found) if column else _record(found))]))


def _way(found: dict[str, Any]) -> Iterator[str]:
    release, source = found["release"], found["source"]
    key = ", ".join(f"{name} {value}" for name, value in found["key"].items())
    yield f"row          {found['realm']}.{found['table']}: {key}"
    yield (
        f"release      {release['version'] or release['release']} of {(release['date'] or 'no date')[:10]}, release"
        f" {release['release']}, build {release['build']}, from {release['origin']}"
    )
    if release["last_change"]:
        changed = release["last_change"]
        yield f"last change  in {changed['version'] or changed['release']}"
    yield f"file         {source['file']} in {source['folder']}"
    place = "" if source["byte_offset"] is None else f", bytes {source['byte_offset']} to "
    end = "" if source["byte_offset"] is None else f"{source['byte_offset'] + source['bytes']}"
    yield f"record       number {source['position']} (the first is 0) in {source['raw_file']}{place}{end}"
    yield from (f"correction   {one['sentence']} Reason: {one['reason']}" for one in found["corrections"])
    for one in found["quarantine"]:
        state = one["resolution"] or "open"
        yield f"quarantine   {one['id']}, {one['rule']} {one['field'] or ''}: {one['message']} ({state})"


def _values(found: dict[str, Any]) -> Iterator[str]:
    for one in found["columns"]:
        unit = f" {one['unit']}" if one["unit"] else ""
        yield f"{one['column']} = {_short(one['value'])}{unit if one['value'] is not None else ''}"
        yield from (f"    {'made ' if one['made'] else ''}from {_source(source)}" for source in one["sources"])


def _record(found: dict[str, Any]) -> Iterator[str]:
    yield json.dumps(found["record"], indent=2, ensure_ascii=False)
    yield "\nThe record as the source has it. `--column NAME` follows the value of a column back to its field."


def _source(source: dict[str, Any]) -> str:
    """The field, and what its record says; where a correction made a difference, what it made of it."""
    text = f"{source['asset']} {source['field']}"
    if "raw" not in source:
        return text
    text += f": the source has {source['key']} = {_short(source['raw'])}"
    return text if source["frame"] == source["raw"] else f"{text}, validated it is {_short(source['frame'])}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _WIDTH else text[: _WIDTH - 3] + "..."
