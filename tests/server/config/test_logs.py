"""The log is an allow-list: a canary planted in every part of a record does not come out."""

from __future__ import annotations

import json
import logging
import sys

from cleanclaim_server.config.logs import AllowListFormatter

CANARY = "CANARY-Jane-Doe-1980-02-29"


def formatted(name: str, message: object, *arguments, exc_info=None, **extra) -> dict:
    record = logging.LogRecord(name, logging.ERROR, __file__, 1, message, arguments, exc_info)
    for key, value in extra.items():
        setattr(record, key, value)
    return json.loads(AllowListFormatter().format(record))


def test_known_fields_come_out():
    line = formatted("cleanclaim.cycle", "file received", file_id="f1", count=3, attempt=1)
    assert (line["event"], line["file_id"], line["count"], line["attempt"]) == ("file received", "f1", 3, 1)


def test_arguments_unknown_fields_and_library_messages_do_not():
    line = formatted("cleanclaim.cycle", "claim %s built", CANARY, patient=CANARY, extra={"x": CANARY})
    assert CANARY not in json.dumps(line)
    assert CANARY not in json.dumps(formatted("django.request", f"Not found: {CANARY}"))
    assert CANARY not in json.dumps(formatted("py.warnings", CANARY))


def test_an_exception_leaves_its_class_and_places():
    try:
        raise ValueError(CANARY)
    except ValueError:
        line = formatted("django.request", "failed", exc_info=sys.exc_info())
    assert line["exception"] == "ValueError"
    assert "test_an_exception_leaves_its_class_and_places" in line["trace"][0]
    assert CANARY not in json.dumps(line)
