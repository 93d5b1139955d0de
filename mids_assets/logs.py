"""Log lines as JSON, one object a line on stderr, where MIDS_LOG_FORMAT asks for it.

Each line has time, level, logger and message, and says what it is about: run, realm, release and build, null where a
line is about none. Passwords are taken out of it. Does not belong here: what is logged.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from mids_assets.redaction import redact
from mids_assets.settings import log_format

ABOUT = ("run_id", "realm", "release", "build")
OURS = "mids_assets"
_about: ContextVar[dict[str, str]] = ContextVar("mids_log_about")
_TAGS = {"realm": "mids/realm", "release": "mids/release", "build": "mids/build"}
_DAGSTER = "dagster_meta"
"""What Dagster adds to the records of a run."""


def as_json() -> bool:
    """Whether lines are to be JSON. Raises `UserError` where MIDS_LOG_FORMAT is neither text nor json."""
    return log_format(os.environ) == "json"


def about(*, anew: bool = False, **facts: str | None) -> None:
    """State what the lines of this thread are about from here on; a fact that is None is left as it was, or with `anew`
    forgotten."""
    _about.set({**({} if anew else _about.get({})), **{name: value for name, value in facts.items() if value}})


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        run: dict[str, Any] = getattr(record, _DAGSTER, None) or {}
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(run.get("orig_message") or record.getMessage()),
        }
        tags = run.get("job_tags") or {}
        known = {name: tags.get(tag) for name, tag in _TAGS.items()} | {"run_id": run.get("run_id")}
        line |= {name: known.get(name) or _about.get({}).get(name) for name in ABOUT}
        if run.get("step_key"):
            line["step"] = run["step_key"]
        if error := _error(record, run):
            line["error"] = redact(error)
        return json.dumps(line, ensure_ascii=False, default=str)

    def formatException(self, ei) -> str:
        return " ".join(super().formatException(ei).split())


class TextFormatter(logging.Formatter):
    """A record as text, without passwords."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


class RunHandler(logging.StreamHandler):
    """What dagster.yaml names under python_logs: lines of a run as JSON, and nothing where they are not asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.setLevel(logging.INFO)
        self.setFormatter(JsonFormatter())
        self.addFilter(lambda _: as_json())


def configure(*, whole_process: bool = False) -> None:
    """Where JSON is asked for, write the lines of our code so; with `whole_process` those of all libraries too, with
    Python's warnings and an error that nobody caught. A second call changes nothing."""
    if not as_json() or any(isinstance(one.formatter, JsonFormatter) for one in _handlers()):
        return
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    ours = logging.getLogger(OURS)
    ours.setLevel(logging.INFO)
    if not whole_process:
        ours.addHandler(handler)
        ours.propagate = False
        return
    logging.getLogger().addHandler(handler)
    logging.captureWarnings(True)
    sys.excepthook = lambda *error: ours.critical("It ended by an error that nobody expected.", exc_info=error)


def configure_server() -> None:
    """Lines of a server's process: as JSON where that is asked for, else each with its moment and without passwords."""
    configure(whole_process=True)
    if not as_json():
        handler = logging.StreamHandler()
        handler.setFormatter(TextFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        logging.getLogger().addHandler(handler)
        logging.captureWarnings(True)


def _handlers() -> list[logging.Handler]:
    return [*logging.getLogger().handlers, *logging.getLogger(OURS).handlers]


def _error(record: logging.LogRecord, run: dict[str, Any]) -> str | None:
    """What ended a step of a run, at its root; else the exception that was logged."""
    info = getattr(getattr(run.get("dagster_event"), "event_specific_data", None), "error", None)
    while info is not None and info.cause is not None:
        info = info.cause
    if info is not None:
        return " ".join(f"{info.cls_name}: {info.message}".split())
    return JsonFormatter().formatException(record.exc_info) if record.exc_info and record.exc_info[0] else None
