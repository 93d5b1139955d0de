"""Yardstick: the same rows by json.load and SQLAlchemy's ORM: `python -m mids_assets_tests.bench.orm URL POWERS`.

As one writes it without a second thought: mapped classes, an object a row, `session.add`, a flush every thousand
powers, one commit. The tables are those of the model with all their constraints and indexes, in a schema of their
own, and every value that the import finds in these records is written. Left out, in the yardstick's favour: checks,
quarantine, hashes, ids that stay the same from release to release, and the other tables.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData, create_engine
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session, registry, relationship

from mids_assets.model.enums import ENUMERATIONS
from mids_assets.warehouse.ddl import realm_ddl, view_schema
from mids_assets_tests.bench.working import Work, measure, whole

SCHEMA = "orm_yardstick"
FLUSH = 1_000

_POWER = {
    "Name": "name", "DisplayName": "display_name", "Description": "description_long", "PowersetName": "set_name",
    "Level": "level_available", "Accuracy": "accuracy", "EnduranceCost": "endurance_cost",
    "RechargeTime": "recharge_time", "ActivationTime": "cast_time", "Range": "range", "Radius": "radius",
    "MaxTargets": "max_targets", "EnhancementTypes": "boosts_allowed", "RequiresLineOfSight": "target_line_of_sight",
}  # fmt: skip
_EFFECT = {"Scale": "scale", "Magnitude": "magnitude", "Duration": "duration", "Chance": "base_probability"}
_READ = {*_POWER, "InternalName", "PowerType", "Effects"}
_SHOWN = {
    name: "base_probability" if name == "probability" else name
    for name in ("effect_type", "damage_type", "mez_type", "magnitude", "scale", "duration", "probability", "to_who")
}
"""Key of power.effects -> column of the effect."""
_MEMBERS = {
    name: {member.lower(): (number, member) for number, member in ENUMERATIONS[name].members}
    for name in ("effect_type", "power_type", "damage", "mez")
}
_POWER_TYPES = {"Auto": "Auto_", "Passive": "Auto_"}


@dataclass(frozen=True, slots=True)
class Inputs:
    """`engine`: a database with the tables in `SCHEMA`, `classes`: theirs; `powers`: an I12_powers.json."""

    engine: Engine
    classes: tuple[Any, Any, Any]
    powers: Path


@contextmanager
def tables(engine: Engine) -> Iterator[None]:
    """The tables of a realm, empty, and gone afterwards."""
    drop = [f'DROP SCHEMA IF EXISTS "{name}" CASCADE' for name in (view_schema(SCHEMA), SCHEMA)]
    with engine.begin() as connection:
        for statement in [*drop, *realm_ddl(SCHEMA)]:
            connection.exec_driver_sql(statement)
    yield
    with engine.begin() as connection:
        for statement in drop:
            connection.exec_driver_sql(statement)


def load(inputs: Inputs) -> Work:
    """Read the file and write its powersets, powers and effects."""
    powerset_class, power_class, effect_class = inputs.classes
    with inputs.powers.open(encoding="utf-8") as file:
        records = json.load(file)
    powersets: dict[str, Any] = {}
    places: Counter[str] = Counter()
    with Session(inputs.engine) as session:
        for number, record in enumerate(records):
            set_name = record["PowersetName"]
            if set_name.lower() not in powersets:
                powerset = powerset_class(id=len(powersets) + 1, full_name=set_name, **_stamps(len(powersets)))
                powersets[set_name.lower()] = powerset
                session.add(powerset)
            power = power_class(
                id=number + 1,
                powerset=powersets[set_name.lower()],
                position=places[set_name.lower()],
                **_stamps(number),
                **_power(record),
            )
            places[set_name.lower()] += 1
            for effect in _effects(record):
                power.rows.append(effect_class(**effect))
            session.add(power)
            if number % FLUSH == FLUSH - 1:
                session.flush()
        session.commit()
    return whole(inputs.powers, len(records))


def mapped(engine: Engine) -> tuple[Any, Any, Any]:
    """Classes for powerset, power and power_effect, their columns as the database has them."""
    metadata = MetaData(schema=SCHEMA)
    metadata.reflect(engine, only=["powerset", "power", "power_effect"])
    found = {name: metadata.tables[f"{SCHEMA}.{name}"] for name in ("powerset", "power", "power_effect")}
    powerset, power, effect = (type(name.title().replace("_", ""), (), {}) for name in found)
    mapper = registry(metadata=metadata)
    mapper.map_imperatively(effect, found["power_effect"])
    rows = relationship(effect, foreign_keys=[found["power_effect"].c.power_id], passive_deletes=True)
    mapper.map_imperatively(powerset, found["powerset"])
    owner = relationship(powerset, foreign_keys=[found["power"].c.powerset_id])
    mapper.map_imperatively(power, found["power"], properties={"rows": rows, "powerset": owner})
    return powerset, power, effect


def _stamps(position: int) -> dict[str, int]:
    return {"release_id": 1, "source_position": position, "row_hash": 0, "children_hash": 0}


def _power(record: dict[str, Any]) -> dict[str, Any]:
    name = record.get("InternalName") or f"{record['PowersetName']}.{record['Name']}"
    number, member = _member("power_type", _POWER_TYPES.get(record["PowerType"], record["PowerType"]))
    extra = {key: _stated(value) for key, value in record.items() if key not in _READ and value is not None}
    return {
        "full_name": name,
        "power_type": member,
        "power_type_code": number,
        "effects": [{key: effect.get(column) for key, column in _SHOWN.items()} for effect in _effects(record)],
        "allowed_enhancements": [],
        "extra": extra or None,
        **{column: record.get(key) for key, column in _POWER.items()},
    }


def _stated(value: Any) -> Any:
    """An object without its nulls, which say nothing."""
    return {key: inner for key, inner in value.items() if inner is not None} if isinstance(value, dict) else value


def _effects(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for position, effect in enumerate(record.get("Effects") or ()):
        values: dict[str, Any] = {column: effect.get(key) for key, column in _EFFECT.items()}
        for column, enumeration, key in (
            ("effect_type", "effect_type", "EffectType"),
            ("damage_type", "damage", "Attribute"),
            ("mez_type", "mez", "Attribute"),
        ):
            values[f"{column}_code"], values[column] = _member(enumeration, effect.get(key))
        yield {"position": position, **values}


def _member(enumeration: str, name: str | None) -> tuple[int | None, str | None]:
    return _MEMBERS[enumeration].get((name or "").lower(), (None, None))


if __name__ == "__main__":
    url, path = sys.argv[1:]
    database = create_engine(url)
    with tables(database):
        print(json.dumps(asdict(measure(load, Inputs(database, mapped(database), Path(path))))))
