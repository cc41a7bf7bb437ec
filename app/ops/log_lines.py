"""How a server writes its log: readable lines for a terminal, or one JSON object a line.

Neither has a query, an address or the message of an unexpected error, in which values that
somebody asked with may stand.
"""

import json
import logging
import logging.config
import sys
import traceback
from datetime import UTC, datetime
from typing import Any, Final

from app.settings import LogFormat, Settings

#: What a record may say beside its message, under `extra`.
FIELDS: Final = ("request_id", "method", "route", "status", "ms", "problem")


def set_up(chosen: Settings) -> None:
    """Write the log of this process as the settings have it."""
    logging.config.dictConfig(config(chosen))


def config(chosen: Settings) -> dict[str, Any]:
    """The same for logging.config, as the server takes it for its own processes."""
    handler = {
        "class": "logging.StreamHandler",
        "formatter": "chosen",
        "stream": "ext://sys.stderr",
    }
    quiet = {"handlers": ["chosen"], "propagate": False}
    form = JsonLines if chosen.log_format is LogFormat.JSON else TextLines
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"chosen": {"()": form}},
        "handlers": {"chosen": handler},
        "loggers": {
            "_granian": {**quiet, "level": "WARNING"},
            "granian.access": {"handlers": [], "propagate": False},
            # It says of every migration that it has begun.
            "alembic": {"level": "WARNING"},
        },
        "root": {"handlers": ["chosen"], "level": chosen.log_level.upper()},
    }


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, event, where it was said, and the fields of FIELDS."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line."""
        said: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "logger": record.name,
            "pid": record.process,
        }
        said |= {name: value for name in FIELDS if (value := getattr(record, name, "")) != ""}
        if record.exc_info and record.exc_info[0]:
            said |= {"error": record.exc_info[0].__name__, "at": _frames(record.exc_info[2])}
        return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


class TextLines(logging.Formatter):
    """A readable line, and beneath it where an unexpected error happened."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line, or some."""
        fields = [str(value) for name in FIELDS if (value := getattr(record, name, "")) != ""]
        line = " ".join([f"[{record.levelname}]", record.getMessage(), *fields])
        if record.exc_info and record.exc_info[0]:
            places = _frames(record.exc_info[2])
            line = "\n    ".join([f"{line} {record.exc_info[0].__name__}", *places])
        return line


def _frames(raised: Any) -> list[str]:
    """Where an error came from, the innermost last: files, lines and functions, no values."""
    return [
        f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(raised)
    ]


def write_event(event: str, is_warning: bool) -> None:  # noqa: FBT001  # as the terminal's own
    """A line of the server's first process, which has no logger of its own."""
    level = logging.WARNING if is_warning else logging.INFO
    record = logging.LogRecord("app", level, "", 0, event, None, None)
    sys.stdout.write(JsonLines().format(record) + "\n")
    sys.stdout.flush()
