"""Logging by allow-list: what is not named here is not written.

A log line holds the time, level, logger, a constant event text, and known fields. Arguments of other
people's messages, exception texts and local values are dropped, since any of them can hold a
patient's data; an exception leaves its class and the places it passed through.
"""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime

ALLOWED_FIELDS = (
    "request_id", "user_id", "agency_id", "practice_id", "route", "method", "status_code", "milliseconds",
    "code", "count", "job_id", "job_kind", "attempt", "step", "file_id", "bytes",
)  # fmt: skip


class AllowListFormatter(logging.Formatter):
    """One JSON object a line; only the fields above."""

    def format(self, record: logging.LogRecord) -> str:
        ours = record.name.startswith("cleanclaim")
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            # Our own event texts are constants; those of libraries may carry values and stay out.
            "event": str(record.msg) if ours else "library message withheld",
        }
        for field in ALLOWED_FIELDS:
            value = getattr(record, field, None)
            if value is not None:
                line[field] = value if isinstance(value, int) else str(value)
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = record.exc_info[0].__name__
            line["trace"] = [
                f"{frame.filename.rsplit('/src/', 1)[-1]}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(record.exc_info[2])[-8:]
            ]
        return json.dumps(line, ensure_ascii=True)


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"allow_list": {"()": "cleanclaim_server.config.logs.AllowListFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "allow_list"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "cleanclaim": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "django": {"handlers": ["stderr"], "level": "ERROR", "propagate": False},
        "django.db.backends": {"handlers": [], "level": "CRITICAL", "propagate": False},
    },
}
