"""Backups by hand: what a person means by a realm, a name or neither, and what is said before one is restored.

Does not belong here: making and restoring them (`warehouse.backup`), how they look (show_backups.py).
"""

from __future__ import annotations

from contextlib import closing

from mids_assets.errors import NothingToBackUp, UserError
from mids_assets.objects.place import Place
from mids_assets.settings import Settings
from mids_assets.warehouse.backup.manifest import DAGSTER, LATEST, Manifest, backups, find_backup, named_backup
from mids_assets.warehouse.backup.place import open_place
from mids_assets.warehouse.backup.taking import Taken, back_up
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.register import published


def take(settings: Settings, realm: str | None, dagster: bool) -> list[Taken]:
    """Back up what was asked for; without a word all realms, and Dagster's database, that hold something."""
    asked = _asked(settings, realm, dagster)
    taken = []
    for of in asked or [*settings.realms, DAGSTER]:
        try:
            taken.append(back_up(settings, of, "asked"))
        except NothingToBackUp:
            if asked:
                raise
    if not taken:
        raise NothingToBackUp("nothing is published yet, so there is nothing to back up")
    return taken


def listed(settings: Settings, realm: str | None, dagster: bool) -> tuple[Place, list[Manifest]]:
    place = open_place(settings)
    wanted = _asked(settings, realm, dagster)
    return place, [one for one in backups(place) if not wanted or one.of in wanted]


def chosen(settings: Settings, name: str, realm: str | None, dagster: bool) -> tuple[Place, list[Manifest]]:
    """The backups that a name, or `latest` of something, means. Without a word the latest of each realm."""
    place = open_place(settings)
    if name != LATEST:
        if realm or dagster:
            return place, [find_backup(place, _asked(settings, realm, dagster)[0], name)]
        return place, [named_backup(place, name)]
    wanted = _asked(settings, realm, dagster)
    if not wanted:
        there = {one.of for one in backups(place)}
        wanted = [one for one in settings.realms if one in there]
        if not wanted:
            raise UserError(f"there is no backup of {', '.join(settings.realms)} in {place.name}")
    return place, [find_backup(place, of, LATEST) for of in wanted]


def restored_over(settings: Settings, found: list[Manifest]) -> list[str]:
    """What a restore would replace, a sentence for each backup."""
    sentences = []
    for one in found:
        if one.of == DAGSTER:
            sentences.append(f"Runs and events of Dagster become those of {_moment(one)}.")
            continue
        with closing(connect(settings, application_name="mids db restore")) as connection:
            now = published(connection, one.of)
        is_now = f"holds version {now.version}, published {now.published_at:%Y-%m-%d %H:%M} UTC," if now else "is empty"
        sentences.append(f"Realm {one.of} {is_now} and becomes version {one.version} as it was at {_moment(one)}.")
    return sentences


def _moment(one: Manifest) -> str:
    return f"{one.created_at:%Y-%m-%d %H:%M} UTC"


def _asked(settings: Settings, realm: str | None, dagster: bool) -> list[str]:
    if realm and dagster:
        raise UserError("--realm and --dagster are two backups: name one of them")
    return [settings.require_realm(realm)] if realm else [DAGSTER] if dagster else []
